//! What the scenarios of watched rollouts share: callers, planted faults, and what was measured when.

use anyhow::{Context as _, ensure};
use cloud_sim::ServingFault;
use jiff::Timestamp;

use super::run::{CHAMPION, Run};
use super::{asks, customer};
use crate::promotion_view::TimelineLine;
use crate::{Persona, PromotionView};

/// Requests a minute, of everybody together: a tenth of them is enough to tell.
const BUSY: f64 = 600.0;

/// Between two measurements, as configured.
const INTERVAL: f64 = 60.0;

/// Seconds of the cloud's time a second, once it is worse: how fast it goes back is timed in the cloud's seconds, which must be
/// longer than this machine's hiccups.
const SLOWLY: f64 = 30.0;

/// What the better model is called where it serves.
const CANDIDATE: (&str, &str) = ("diabetes", "2");

/// Five in a hundred answers of the candidate are errors, from this share of the traffic on.
pub(super) fn errors_from(weight: u32) -> ServingFault {
    let (model, version) = CANDIDATE;
    ServingFault {
        from_weight: weight,
        ..ServingFault::errors(model, version, 0.05)
    }
}

/// The candidate takes twice as long.
pub(super) fn twice_as_slow() -> ServingFault {
    let (model, version) = CANDIDATE;
    ServingFault {
        from_weight: 1,
        ..ServingFault::slow(model, version, 2.0)
    }
}

/// The candidate predicts so much more.
pub(super) fn predicts_more(by: f64) -> ServingFault {
    let (model, version) = CANDIDATE;
    ServingFault::shifted(model, version, by)
}

/// A better model is registered, approved and rolled out to an endpoint with callers.
pub(super) async fn rolled_out(run: &Run<'_>) -> anyhow::Result<String> {
    run.world.cloud.set_callers(BUSY);
    run.say(&format!("{BUSY} requests a minute reach production"));
    let asked = asks::better_model(run).await?;
    run.answer(Persona::Ada, &asked.link, "approve").await?;
    Ok(asked.id)
}

/// It is worse and comes back within one interval of the measurement that shows it.
pub(super) async fn comes_back(run: &Run<'_>, fault: ServingFault) -> anyhow::Result<()> {
    let what = if fault.errors > 0.0 {
        format!("answers with {} % errors", fault.errors * 100.0)
    } else {
        format!("takes {} times as long", fault.latency)
    };
    run.say(&format!(
        "planted: {} {} {what} from {} % of the traffic on",
        fault.model, fault.version, fault.from_weight
    ));
    let from_weight = fault.from_weight;
    run.world.cloud.plant(fault);
    let id = rolled_out(run).await?;
    run.until("the candidate to be worse", async || {
        let worse = run.deployments().into_iter();
        let mut worse = worse.filter(|found| found.name != CHAMPION);
        Ok(worse.any(|found| found.weight >= from_weight).then_some(()))
    })
    .await?;
    run.world.cloud.clock().set_rate(SLOWLY);
    let view = run.until_stage(&id, "rolled back").await?;
    let took = restored_after(&view)?;
    run.say(&format!(
        "from the failing measurement to the champion's traffic: {took:.1} s, {:.2} intervals",
        took / INTERVAL
    ));
    ensure!(took <= INTERVAL, "it took longer than one interval");
    customer::production_predicts_as(run, "champion").await?;
    run.target_clean().await
}

/// Seconds of the cloud's time.
fn restored_after(view: &PromotionView) -> anyhow::Result<f64> {
    let failed = view.timeline.iter().position(has_failed);
    let failed = failed.context("no measurement has failed")?;
    let back = view.timeline[failed..]
        .iter()
        .find(|line| line.fact.kind == "done" && line.fact.key.ends_with(".set-traffic"))
        .context("no traffic was set after it")?;
    let measured = measured_at(&view.timeline[failed]).unwrap_or(view.timeline[failed].at);
    Ok(back.at.duration_since(measured).as_secs_f64())
}

/// How often it was measured.
pub(super) fn measurements(view: &PromotionView) -> usize {
    let measured = |line: &&TimelineLine| line.fact.outcome["type"] == "measured";
    view.timeline.iter().filter(measured).count()
}

fn has_failed(line: &TimelineLine) -> bool {
    let taken = line.fact.outcome["taken"].as_array();
    taken.is_some_and(|taken| {
        taken
            .iter()
            .any(|one| one["measurement"]["cameTo"] == "failed")
    })
}

fn measured_at(line: &TimelineLine) -> Option<Timestamp> {
    let taken = line.fact.outcome["taken"].as_array()?;
    taken[0]["measurement"]["at"].as_str()?.parse().ok()
}
