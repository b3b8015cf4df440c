//! The beginning that most scenarios share: a better model is registered, and people are asked.

use cloud_sim::ModelKind;

use super::run::Run;
use crate::{Persona, PromotionView};

/// People are asked about this.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) link: String,
}

/// A better model is registered in dev.
pub(super) async fn better_model(run: &Run<'_>) -> anyhow::Result<Asked> {
    let registered = run.world.cloud.register(ModelKind::Challenger)?;
    run.say(&format!(
        "registered in dev: {} {}, trained by job {}",
        registered.model, registered.version, registered.job
    ));
    let id = run.promotion().await?;
    run.say(&format!("Event Grid's event opened {id}"));
    let link = run.asked(1).await?;
    Ok(Asked { id, link })
}

/// A better model is registered, approved and goes live.
pub(super) async fn live(run: &Run<'_>) -> anyhow::Result<PromotionView> {
    let asked = better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    run.until_stage(&asked.id, "live").await
}
