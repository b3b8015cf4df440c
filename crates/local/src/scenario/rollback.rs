//! `rollback`: somebody takes a model back that is live.

use super::run::Run;
use super::{asks, customer};
use crate::Persona;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let live = asks::live(run).await?;
    customer::production_predicts_as(run, "challenger").await?;
    run.tell(Persona::Ben, &live.id, "roll-back").await?;
    run.until_stage(&live.id, "rolled back").await?;
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await
}
