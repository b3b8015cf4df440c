//! `freeze`: somebody stops the line before anybody has approved, and again at 10 %; each time it goes on once that is lifted.

use anyhow::ensure;

use super::run::Run;
use super::{asks, customer};
use crate::Persona;
use crate::person::Sent;
use crate::promotion_view::PromotionView;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let asked = asks::better_model(run).await?;
    freeze(run, "stage:prod").await?;
    let refused = run.signed_in(Persona::Ada).await?;
    let sent = refused.answer(&asked.link, "approve", "").await;
    ensure!(
        matches!(&sent, Sent::NotOffered(why) if why.contains("Nothing starts now, so it cannot be approved")),
        "its page offered to approve it, or did not say why not, while prod was frozen: {sent:?}"
    );
    run.say("Ada cannot approve while prod is frozen");
    ensure!(run.copied() == 0, "files were copied while prod was frozen");
    lift(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    at_ten_percent(run).await?;
    freeze(run, "model:diabetes").await?;
    until_stopped(run, &asked.id, "model diabetes is frozen").await?;
    at_ten_percent(run).await?;
    run.say("it stays at 10 % as long as its model is frozen");
    lift(run).await?;
    run.until_stage(&asked.id, "live").await?;
    run.lease_free().await?;
    customer::production_predicts_as(run, "challenger").await
}

async fn at_ten_percent(run: &Run<'_>) -> anyhow::Result<()> {
    run.until("10 % of the traffic to have moved", async || {
        let moved = run.deployments().iter().any(|found| found.weight == 10);
        Ok(moved.then_some(()))
    })
    .await
}

async fn until_stopped(run: &Run<'_>, id: &str, words: &str) -> anyhow::Result<()> {
    let browser = run.signed_in(Persona::Sam).await?;
    let why = run
        .until(&format!("{id} to wait for the freeze"), async || {
            let view = PromotionView::read(&browser, id).await?;
            let why = view.map(|view| view.why);
            Ok(why.filter(|why| why.contains(words)))
        })
        .await?;
    run.say(&format!("it waits: {why}"));
    Ok(())
}

async fn freeze(run: &Run<'_>, scope: &str) -> anyhow::Result<()> {
    let browser = run.signed_in(Persona::Ben).await?;
    run.until_sent("freeze", async || {
        browser.freeze(scope, "Asked for by the scenario").await
    })
    .await?;
    run.say(&format!("{}: freeze {scope}", Persona::Ben.name()));
    Ok(())
}

async fn lift(run: &Run<'_>) -> anyhow::Result<()> {
    let browser = run.signed_in(Persona::Ada).await?;
    run.until_sent("lift the freeze", async || {
        browser.lift_freeze("Asked for by the scenario").await
    })
    .await?;
    run.say(&format!("{}: lift the freeze", Persona::Ada.name()));
    Ok(())
}
