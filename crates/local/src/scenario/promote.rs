//! `promote`: a better model is registered in dev and serves in production.

use anyhow::ensure;
use std::collections::BTreeMap;
use std::time::Duration;

use super::run::Run;
use super::{asks, customer};
use crate::PromotionView;

pub(super) async fn play(run: &Run<'_>) -> anyhow::Result<()> {
    customer::production_predicts_as(run, "champion").await?;
    let before = run.world.cloud.calls();
    let view = asks::live(run).await?;
    let after = run.world.cloud.calls();
    run.lease_free().await?;
    let copied = run.copied();
    ensure!(copied > 0, "nothing was copied to production");
    run.say(&format!("{copied} files were copied to production"));
    customer::production_predicts_as(run, "challenger").await?;
    timeline(run, &view);
    own_time(run);
    calls(run, &before, &after);
    Ok(())
}

fn timeline(run: &Run<'_>, view: &PromotionView) {
    run.say("timeline, in the cloud's time:");
    for line in &view.timeline {
        run.say(&format!("  {}  {}", line.time(), line.says));
    }
}

/// The handler's time for the promotion: all its invocations by event, message and timer, added up.
fn own_time(run: &Run<'_>) {
    let invocations = run.world.log.invocations();
    let total: Duration = invocations.values().map(|(_, took)| *took).sum();
    let parts: Vec<_> = invocations
        .iter()
        .map(|(function, (times, took))| format!("{function} {} ms in {times}", took.as_millis()))
        .collect();
    run.say(&format!(
        "own time: {} ms, the sum of the handler's invocations, answers of the simulated Azure within them included ({})",
        total.as_millis(),
        parts.join(", ")
    ));
}

fn calls(run: &Run<'_>, before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) {
    run.say("calls to Azure by kind:");
    let mut planes: BTreeMap<&str, (u64, Vec<String>)> = BTreeMap::new();
    for (kind, times) in after {
        let new = times - before.get(kind).copied().unwrap_or_default();
        // Receiving is the host's, and the page nobody's.
        let is_ours = new > 0 && !kind.starts_with("servicebus.receiver") && kind != "teams.page";
        if is_ours {
            let (plane, what) = kind.split_once('.').unwrap_or((kind.as_str(), ""));
            let (total, kinds) = planes.entry(plane).or_default();
            *total += new;
            kinds.push(format!("{what} {new}"));
        }
    }
    for (plane, (total, kinds)) in planes {
        run.say(&format!("  {plane:<10} {total:>3}  {}", kinds.join(", ")));
    }
}
