//! `reopen`: a rejected promotion is asked for again, by a card of its own, and goes live in the same journal.

use anyhow::ensure;

use super::run::Run;
use super::{asks, customer};
use crate::{Persona, Sent};

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "reject").await?;
    run.until_stage(&asked.id, "rejected").await?;
    run.target_clean().await?;
    run.tell(Persona::Ben, &asked.id, "reopen").await?;
    let link = run.asked(2).await?;
    let old = run
        .signed_in(Persona::Ben)
        .await?
        .answer(&asked.link, "approve", "The old card.")
        .await;
    ensure!(
        matches!(old, Sent::NotOffered(_)),
        "the first attempt's card still asks: {old:?}"
    );
    run.say("the first attempt's card asks nothing any more");
    run.answer(Persona::Ada, &link, "approve").await?;
    let live = run.until_stage(&asked.id, "live").await?;
    ensure!(
        live.attempt == 2,
        "attempt {} where the second was expected",
        live.attempt
    );
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}
