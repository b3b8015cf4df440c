//! `canary`: a better model earns its traffic: 10 %, 50 %, all of it, measured beside every step.

use anyhow::ensure;

use super::run::Run;
use super::{customer, watched};

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let id = watched::rolled_out(run).await?;
    let view = run.until_stage(&id, "live").await?;
    let measured = watched::measurements(&view);
    run.say(&format!("it was measured {measured} times on its way"));
    ensure!(measured >= 10, "it went live after {measured} measurements");
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}
