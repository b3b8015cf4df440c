//! `shifted`: the candidate is as fast and as faultless as the champion, and predicts something else: caught before it has any
//! traffic.

use anyhow::ensure;

use super::run::Run;
use super::{customer, watched};

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    let fault = watched::predicts_more(60.0);
    run.say(&format!(
        "planted: the candidate predicts {} more",
        fault.shift
    ));
    run.world.cloud.plant(fault);
    let id = watched::rolled_out(run).await?;
    let view = run.until_stage(&id, "rolled back").await?;
    let served: Vec<&str> = view
        .timeline
        .iter()
        .filter(|line| line.fact.kind == "planned" && line.fact.key.ends_with(".set-traffic"))
        .map(|line| line.says.as_str())
        .collect();
    for traffic in &served {
        run.say(traffic);
    }
    ensure!(
        !served.iter().any(|traffic| traffic.contains(" % ll-")),
        "the candidate had traffic"
    );
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await
}
