//! `job`: a completed job's output becomes a version, once, and goes live.

use anyhow::ensure;
use cloud_sim::ModelKind;

use super::customer;
use super::run::Run;
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let before = run.versions("ml-dev").len();
    let trained = run.world.cloud.complete_job(ModelKind::Challenger, false)?;
    run.say(&format!(
        "job {} of experiment {} completed",
        trained.job, trained.experiment
    ));
    let id = run.promotion().await?;
    run.say(&format!("its intake opened {id}"));
    let link = run.asked(1).await?;
    run.answer(Persona::Ada, &link, "approve").await?;
    run.until_stage(&id, "live").await?;
    let new = run.versions("ml-dev").len() - before;
    let intakes = run.world.state().intakes().len();
    ensure!(
        new == 1 && intakes == 1,
        "{new} versions by {intakes} intakes where one was expected"
    );
    run.say("the output was registered once");
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}
