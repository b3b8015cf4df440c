//! Watching: what is due is measured, whatever the rollout waits for; what has failed takes it back at once; where nobody
//! can tell, a person is asked.

use jiff::Timestamp;

use super::go_back;
use crate::analysis::{MetricRun, Verdict};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::ledger::Failure;
use crate::notice::Notice;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::Rollout;
use crate::watch::{Unsure, Watch, metrics_of};

/// What has failed, and what is to be measured, whatever else is waited for; `None`: nothing.
pub(super) fn next(p: &Promotion, rollout: &Rollout, now: Timestamp) -> Option<Vec<Fact>> {
    let failed = watches(rollout).find_map(|watch| failed(p, watch));
    let due = || watches(rollout).find_map(|watch| measure(p, rollout, watch, now));
    failed.or_else(due)
}

/// What the steps have to wait for where nobody can tell; `None`: nothing.
pub(super) fn unsure(p: &Promotion, rollout: &Rollout, now: Timestamp) -> Option<Vec<Fact>> {
    Some(ask(p, rollout.unsure.as_deref()?, now))
}

/// When something is to be measured, or a question is given up.
pub(super) fn wakes_at(p: &Promotion, rollout: &Rollout) -> Option<Timestamp> {
    let due = watches(rollout)
        .filter(|watch| !is_measured(p, watch))
        .filter_map(|watch| watch.run.next_due());
    // What somebody else has changed is asked about first, and the time for this question stands still.
    let unsure = rollout
        .unsure
        .as_ref()
        .filter(|_| rollout.drifted.is_none());
    let asked = unsure.and_then(|unsure| unsure.asked);
    due.chain(asked.map(|asked| p.answer_within(asked))).min()
}

fn is_measured(p: &Promotion, watch: &Watch) -> bool {
    p.ledger
        .has(|effect| matches!(effect, Effect::Measure { analysis, .. } if *analysis == watch.id))
}

fn watches(rollout: &Rollout) -> impl Iterator<Item = &Watch> {
    rollout.beside.iter().chain(&rollout.step_watch)
}

fn failed(p: &Promotion, watch: &Watch) -> Option<Vec<Fact>> {
    let verdict = watch.run.verdict()?;
    match verdict {
        Verdict::Successful | Verdict::Inconclusive => None,
        Verdict::Failed | Verdict::Error => {
            let (metric, run) = decisive(watch, verdict)?;
            Some(go_back(
                p,
                WayBackCause::AnalysisFailed {
                    analysis: watch.id,
                    metric: metric.to_owned(),
                    verdict,
                    measurement: run.measurements().last().cloned(),
                },
            ))
        }
    }
}

/// The metric that made the verdict.
fn decisive(watch: &Watch, verdict: Verdict) -> Option<(&str, &MetricRun)> {
    watch
        .run
        .metrics()
        .find(|(_, metric)| !metric.rule().dry_run && metric.verdict() == Some(verdict))
}

/// Measures what is due, all of it in one go.
fn measure(p: &Promotion, rollout: &Rollout, watch: &Watch, now: Timestamp) -> Option<Vec<Fact>> {
    let due: Vec<&str> = watch.run.due(now).collect();
    if due.is_empty() || is_measured(p, watch) {
        return None;
    }
    let pinned = rollout.permit.pinned();
    let metrics = metrics_of(&pinned.plan, watch.id).iter();
    Some(vec![
        p.plan(Effect::Measure {
            workspace: p.route.target.workspace.clone(),
            endpoint: pinned.plan.endpoint.name.clone(),
            deployment: pinned.plan.deployment.clone(),
            champion: pinned.champion.deployment().cloned(),
            analysis: watch.id,
            since: watch.began,
            metrics: metrics
                .filter(|metric| due.contains(&metric.name.as_str()))
                .cloned()
                .collect(),
            expects: rollout
                .expected((&p.candidate.model, &p.candidate.version))
                .map(Box::new),
        }),
    ])
}

/// People are asked once; nobody's answer is waited for for ever.
fn ask(p: &Promotion, unsure: &Unsure, now: Timestamp) -> Vec<Fact> {
    let Some(asked) = unsure.asked else {
        return vec![p.plan(Effect::Notify {
            notice: Notice::Inconclusive,
        })];
    };
    if p.answer_within(asked) > now {
        return vec![];
    }
    let failure = Failure::new(
        "NobodyResumed",
        "the analysis could not tell, and nobody said to go on without it",
    );
    go_back(p, WayBackCause::StepFailed { failure })
}
