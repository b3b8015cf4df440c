//! Shifting: traffic moves step by step, and is read once more when no delayed call of ours can land any more.

use jiff::Timestamp;

use super::deploying::landed_unchanged;
use super::{asking_after, drifting, go_back, loading, not_now, once, proving, watching};
use crate::analysis::Verdict;
use crate::drift::{Expected, Serves};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::ledger::Failure;
use crate::notice::Notice;
use crate::pause::{PauseAt, PauseId};
use crate::people::Person;
use crate::plan::PlannedStep;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::refused::Refused;
use crate::stage::{NO_CALL_LANDS_AFTER, Rollout, Stage};
use crate::traffic::{Mirror, Traffic};

pub(super) fn next(
    p: &Promotion,
    rollout: &Rollout,
    step: usize,
    since: Timestamp,
    now: Timestamp,
) -> Vec<Fact> {
    if let Some(facts) = landed_unchanged(p, rollout) {
        return facts;
    }
    let elsewhere = watching::next(p, rollout, now)
        .or_else(|| drifting::next(p, rollout, now))
        .or_else(|| watching::unsure(p, rollout, now));
    if let Some(facts) = elsewhere {
        return facts;
    }
    match rollout.permit.pinned().plan.steps.get(step) {
        Some(PlannedStep::SetTraffic(wanted)) => to(p, rollout, step, wanted, 0),
        Some(PlannedStep::Mirror(percent)) => to(
            p,
            rollout,
            step,
            &rollout.permit.pinned().plan.way_back,
            *percent,
        ),
        Some(PlannedStep::Pause(length) | PlannedStep::Bake(length)) => {
            match rollout.counts_from(since) {
                Some(from) if length.after(from) <= now => vec![Fact::StepDone { step }],
                Some(_) | None => vec![],
            }
        }
        Some(PlannedStep::PauseUntilResumed) => {
            until_resumed(p, rollout, Notice::Paused, step, now)
        }
        Some(PlannedStep::Analysis(_)) => analysed(p, rollout, step, now),
        Some(PlannedStep::LoadTest(test)) => loading::next(p, rollout, step, test),
        None => let_go(p, rollout, since, now),
    }
}

/// Sets the traffic of a step, and goes on once it is so.
fn to(p: &Promotion, rollout: &Rollout, step: usize, wanted: &Traffic, mirrored: u8) -> Vec<Fact> {
    let mirror = rollout.permit.pinned().plan.mirrored(mirrored);
    if reads(rollout, wanted, mirror.as_ref()) {
        return vec![Fact::StepDone { step }];
    }
    if let Some(facts) = proving::next(p, rollout, wanted) {
        return facts;
    }
    // Once the candidate serves, what was found before stays, and nobody is asked again; but for one that got its share while its
    // step waited.
    let ours = &rollout.permit.pinned().plan.deployment;
    if (wanted.of(ours) > 0 || mirrored > 0)
        && let Some(facts) = asking_after::before_it_gets_more(p, rollout)
    {
        return facts;
    }
    let expects = rollout.expected((&p.candidate.model, &p.candidate.version));
    set(p, wanted, mirror, expects)
}

/// People are asked once; nobody's answer is waited for for ever.
fn until_resumed(
    p: &Promotion,
    rollout: &Rollout,
    notice: Notice,
    step: usize,
    now: Timestamp,
) -> Vec<Fact> {
    let Some(until) = answer_by(p, rollout, step) else {
        return vec![p.plan(Effect::Notify { notice })];
    };
    if until > now {
        return vec![];
    }
    let failure = Failure::new(
        "NobodyResumed",
        format!("nobody resumed the rollout at step {}", step + 1),
    );
    go_back(p, WayBackCause::StepFailed { failure })
}

/// Until when people may answer what the step asks; nothing, where they were not asked yet.
fn answer_by(p: &Promotion, rollout: &Rollout, step: usize) -> Option<Timestamp> {
    rollout.asked_at(step).map(|asked| p.answer_within(asked))
}

/// Whoever goes on without the analysis beside the steps does so without the one that the step is, too, where that could not
/// tell either: nobody is asked the same twice.
fn answer_unsure(p: &Promotion, by: &Person, reason: &str, analysis: u32) -> Vec<Fact> {
    let step = match &p.stage {
        Stage::Shifting { rollout, step, .. } if rollout.unsure_step().is_some() => Some(*step),
        _ => None,
    };
    let resumed = step.map(|step| Fact::Resumed {
        by: by.clone(),
        reason: reason.to_owned(),
        step,
    });
    let went_on = Fact::WentOnUnsure {
        by: by.clone(),
        reason: reason.to_owned(),
        analysis,
    };
    std::iter::once(went_on).chain(resumed).collect()
}

/// What an analysis that has not failed comes to.
fn analysed(p: &Promotion, rollout: &Rollout, step: usize, now: Timestamp) -> Vec<Fact> {
    match rollout
        .step_watch
        .as_ref()
        .and_then(|watch| watch.run.verdict())
    {
        Some(Verdict::Successful) => vec![Fact::StepDone { step }],
        Some(Verdict::Inconclusive) => until_resumed(p, rollout, Notice::Inconclusive, step, now),
        // What has failed was taken back before.
        Some(Verdict::Failed | Verdict::Error) | None => vec![],
    }
}

/// Ends the pause that somebody was shown, never a later one.
pub(super) fn resume(
    p: &Promotion,
    by: Person,
    reason: String,
    pause: &PauseId,
) -> Result<Vec<Fact>, Refused> {
    match p.pause() {
        Some(current) if current == *pause => Ok(match current.at() {
            PauseAt::Step(step) => vec![Fact::Resumed { by, reason, step }],
            PauseAt::Beside(analysis) => answer_unsure(p, &by, &reason, analysis),
            PauseAt::Drift(drift) => vec![Fact::WentOnDrifted { by, reason, drift }],
        }),
        Some(_) => Err(not_now(
            p,
            "resume",
            ", and this pause is over; look at the page again",
        )),
        None => Err(not_now(p, "resume", ", only in a pause")),
    }
}

/// When a pause ends; not before the copied files are known to be as they were.
pub(super) fn wakes_at(
    p: &Promotion,
    rollout: &Rollout,
    step: usize,
    since: Timestamp,
) -> Option<Timestamp> {
    if rollout.landed_seen.as_ref() != Some(&rollout.landed) {
        return None;
    }
    let ends = match rollout.permit.pinned().plan.steps.get(step) {
        // No step ends while a person is asked.
        _ if rollout.unsure.is_some() || rollout.drifted.is_some() => None,
        Some(PlannedStep::Pause(length) | PlannedStep::Bake(length)) => {
            rollout.counts_from(since).map(|from| length.after(from))
        }
        Some(PlannedStep::PauseUntilResumed | PlannedStep::Analysis(_)) => {
            answer_by(p, rollout, step)
        }
        Some(PlannedStep::SetTraffic(_) | PlannedStep::Mirror(_) | PlannedStep::LoadTest(_)) => {
            None
        }
        None => first_success_by(p, rollout, since),
    };
    ends.into_iter()
        .chain(watching::wakes_at(p, rollout))
        .chain(drifting::wakes_at(p, rollout))
        .min()
}

/// Whether this traffic is set, and nothing is copied to the candidate.
pub(super) fn is_set(rollout: &Rollout, wanted: &Traffic) -> bool {
    let mirror = rollout.permit.pinned().plan.mirrored(0);
    reads(rollout, wanted, mirror.as_ref())
}

fn reads(rollout: &Rollout, wanted: &Traffic, mirror: Option<&Mirror>) -> bool {
    rollout.traffic.as_ref().is_some_and(|write| {
        write.settled && write.traffic == *wanted && write.mirror.as_ref() == mirror
    })
}

pub(super) fn set(
    p: &Promotion,
    wanted: &Traffic,
    mirror: Option<Mirror>,
    expects: Option<Expected>,
) -> Vec<Fact> {
    once(
        p,
        Effect::SetTraffic {
            workspace: p.route.target.workspace.clone(),
            endpoint: p.route.rollout.endpoint.name.clone(),
            traffic: wanted.clone(),
            mirror,
            expects: expects.map(Box::new),
            serving: p.route.rollout.endpoint.serving,
        },
    )
}

/// Reads the traffic once more, late enough.
pub(super) fn verify(p: &Promotion, last_write: Timestamp, expects: Vec<Serves>) -> Vec<Fact> {
    look(p, NO_CALL_LANDS_AFTER.after(last_write), expects)
}

/// Reads the traffic once more.
pub(super) fn look(p: &Promotion, not_before: Timestamp, expects: Vec<Serves>) -> Vec<Fact> {
    once(
        p,
        Effect::VerifyTraffic {
            workspace: p.route.target.workspace.clone(),
            endpoint: p.route.rollout.endpoint.name.clone(),
            not_before,
            serving: p.route.rollout.endpoint.serving,
            expects,
        },
    )
}

fn let_go(p: &Promotion, rollout: &Rollout, since: Timestamp, now: Timestamp) -> Vec<Fact> {
    let plan = &rollout.permit.pinned().plan;
    match (&rollout.traffic, &rollout.verified) {
        (Some(write), None) if write.settled => {
            let expected = rollout.expected((&p.candidate.model, &p.candidate.version));
            let deployments = expected.map(|expected| expected.deployments);
            verify(p, write.at, deployments.unwrap_or_default())
        }
        (Some(write), None) => set(p, &write.traffic, write.mirror.clone(), None),
        // Set right once without a word: it may have been a late call of ours. After that it is somebody's will.
        (Some(write), Some(found)) if write.traffic != *found => {
            asking_after::before_it_gets_more(p, rollout)
                .unwrap_or_else(|| set(p, &write.traffic, write.mirror.clone(), None))
        }
        (Some(_), Some(_)) | (None, _) if waits_for_success(rollout) => {
            wait_for_success(p, rollout, since, now)
        }
        (Some(_), Some(_)) | (None, _)
            if let Some(facts) = asking_after::before_it_gets_more(p, rollout) =>
        {
            facts
        }
        (Some(_), Some(_)) | (None, _) => vec![
            Fact::Entered {
                phase: Phase::Live {
                    until: plan.keep_previous.after(now),
                },
            },
            p.plan(Effect::Notify {
                notice: Notice::Live,
            }),
        ],
    }
}

/// No success without one successful measurement: a rollout that was faster than its analysis waits for the first, once its
/// traffic was seen to stay.
fn waits_for_success(rollout: &Rollout) -> bool {
    let never_measured = rollout
        .beside
        .as_ref()
        .is_some_and(|watch| !watch.has_succeeded());
    let stays = match (&rollout.traffic, &rollout.verified) {
        (Some(write), Some(found)) => write.traffic == *found,
        (Some(_), None) => false,
        (None, _) => true,
    };
    never_measured && stays
}

/// Until when that is waited for; nothing, where it is not, or traffic has to be set right before.
pub(crate) fn first_success_by(
    p: &Promotion,
    rollout: &Rollout,
    since: Timestamp,
) -> Option<Timestamp> {
    let from = rollout.counts_from(since)?;
    waits_for_success(rollout).then(|| p.answer_within(from))
}

fn wait_for_success(
    p: &Promotion,
    rollout: &Rollout,
    since: Timestamp,
    now: Timestamp,
) -> Vec<Fact> {
    if first_success_by(p, rollout, since).is_none_or(|until| until > now) {
        return vec![];
    }
    let failure = Failure::new(
        "NeverMeasured",
        "not one measurement beside the steps was as it should be",
    );
    go_back(p, WayBackCause::StepFailed { failure })
}
