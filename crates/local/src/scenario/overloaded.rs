//! `overloaded`: a candidate that passes its smoke test and fails some of many requests: caught by its load test, before it has any
//! traffic.

use anyhow::ensure;

use super::run::Run;
use super::{customer, watched};

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    run.say("planted: five in a hundred answers of the candidate are errors");
    run.world.cloud.plant(watched::errors_from(0));
    let id = watched::rolled_out(run).await?;
    let view = run.until_stage(&id, "rolled back").await?;
    let mut lines = view.timeline.iter();
    let loaded = lines.find(|line| line.says.contains("not passed"));
    let loaded = loaded.map_or("nothing", |line| line.says.as_str());
    run.say(loaded);
    ensure!(loaded.contains("5 errors"), "it was not loaded: {loaded}");
    let mut lines = view.timeline.iter();
    let led = lines.any(|line| line.fact.key.ends_with(".set-traffic"));
    ensure!(!led, "the candidate had traffic");
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await
}
