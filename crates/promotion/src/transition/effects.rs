//! What comes of effects, whatever the stage: progress, another try, or an end to patience.

use jiff::Timestamp;

use super::{finish, go_back};
use crate::act::{ENDPOINT_BUSY, SOURCE_CHANGED};
use crate::effect::{Effect, EffectKey};
use crate::ending::{Ending, FailedAt, WayBackCause};
use crate::ledger::{EffectState, Entry, Failure, IN_PROGRESS};
use crate::notice::Notice;
use crate::promotion::{Broken, Promotion};
use crate::record::Fact;
use crate::report::{Outcome, Report};
use crate::route::Seconds;
use crate::stage::Stage;
use crate::traffic::Mirror;

/// What a report says whose endpoint is not there any more.
const ENDPOINT_GONE: &str = "EndpointNotFound";

/// How long to leave alone what refused for good but must not be given up.
const STUBBORN: Seconds = Seconds(300);

/// How often a question is tried in minutes: about two hours.
const PATIENT: u32 = 24;

/// And how often after that.
const HOURLY: Seconds = Seconds(60 * 60);

/// The facts that a report makes. An outcome that nobody waits for any more makes none; what is not done when its time
/// is over is given up here, once it was asked for, and never because something else was.
pub(super) fn performed(
    p: &Promotion,
    key: &EffectKey,
    report: Report,
    now: Timestamp,
) -> Vec<Fact> {
    let Some(entry) = p.ledger.get(key) else {
        return unwanted(p, key, report);
    };
    let key = key.clone();
    let (report, others_change) = match report {
        // Whatever needs no clearance waits for an endpoint that is being changed as for a change of its own.
        Report::Waiting(why) if why.code == ENDPOINT_BUSY && !p.begins_an_act(entry) => {
            (Report::StillRunning, Some(why.message))
        }
        other => (other, None),
    };
    if is_overruled(p, entry)
        && let Some(fact) = overruled(&key, &report)
    {
        return vec![fact];
    }
    let late = entry.is_overdue(now, &p.route.deadlines) && !p.stays_until_answered(entry);
    let runs_too_long = entry.runs_too_long(now, &p.route.deadlines);
    match report {
        // What Azure has only now begun was late for our own sake.
        Report::Submitted { operation } if !entry.begun => {
            vec![Fact::Submitted { key, operation }]
        }
        Report::StillRunning | Report::Submitted { .. } if runs_too_long => {
            vec![given_up(entry, entry.trouble.as_ref())]
        }
        Report::Cleared if p.looks_again_before(entry) => vec![Fact::Dropped { key }],
        Report::Cleared => vec![],
        // Nobody gives up because of a freeze.
        Report::Waiting(reason) if reason.is_lack_of_clearance() => waiting(entry, reason),
        Report::Waiting(last) | Report::Retry(last) if late => vec![given_up(entry, Some(&last))],
        Report::StillRunning if matches!(entry.state, EffectState::Running { .. }) => vec![],
        Report::StillRunning => waiting(entry, in_progress(&entry.effect, others_change)),
        Report::Submitted { operation } if is_running(entry, &operation) => vec![],
        Report::Submitted { operation } => vec![Fact::Submitted { key, operation }],
        Report::Waiting(reason) => waiting(entry, reason),
        Report::Done(Outcome::DeploymentMissing { deployment, .. }) if !goes_back(p) => {
            vec![Fact::Failed {
                key,
                failure: Failure::new(
                    "DeploymentNotFound",
                    format!("deployment `{deployment}`, which was to have traffic, is gone"),
                ),
            }]
        }
        Report::Done(outcome) => vec![Fact::Done {
            key,
            outcome: Box::new(outcome),
        }],
        Report::Retry(failure) => vec![Fact::Retrying {
            key,
            at: p.asks_again_at(entry, entry.retry_at(&failure, now), now),
            failure,
        }],
        Report::Failed(failure) if failure.code == ENDPOINT_GONE && goes_back(p) => {
            vec![Fact::Done {
                key,
                outcome: Box::new(Outcome::EndpointGone),
            }]
        }
        Report::Failed(failure) if late => vec![given_up(entry, Some(&failure))],
        Report::Failed(failure) if may_give_up(p, entry) => {
            vec![Fact::Failed { key, failure }]
        }
        Report::Failed(failure) => vec![Fact::Retrying {
            key,
            at: p.asks_again_at(entry, STUBBORN.after(now), now),
            failure,
        }],
    }
}

/// What comes of an effect that was dropped while it was under way is recorded, and nothing follows from it.
fn unwanted(p: &Promotion, key: &EffectKey, report: Report) -> Vec<Fact> {
    match report {
        Report::Done(outcome) if p.ledger.is_dropped(key) => vec![Fact::Done {
            key: key.clone(),
            outcome: Box::new(outcome),
        }],
        Report::Done(_)
        | Report::StillRunning
        | Report::Submitted { .. }
        | Report::Waiting(_)
        | Report::Retry(_)
        | Report::Failed(_)
        | Report::Cleared => vec![],
    }
}

/// Traffic that was wanted before the way back began: what Azure works on runs to its end, and is never asked for again.
fn is_overruled(p: &Promotion, entry: &Entry) -> bool {
    let Stage::RollingBack { rollout, .. } = &p.stage else {
        return false;
    };
    let back = rollout.way_back();
    let mirrored = |mirror: &Option<Mirror>| mirror.as_ref().is_some_and(|to| to.percent > 0);
    matches!(
        &entry.effect,
        Effect::SetTraffic { traffic, mirror, .. } if *traffic != back || mirrored(mirror)
    )
}

/// What came of it at its end: where it is not as was wanted then, nobody wants it any more. Nothing, while it runs.
fn overruled(key: &EffectKey, report: &Report) -> Option<Fact> {
    let outcome = match report {
        Report::Submitted { .. } | Report::StillRunning | Report::Cleared => return None,
        Report::Done(Outcome::TrafficSet) => Some(Outcome::TrafficSet),
        Report::Failed(failure) if failure.code == ENDPOINT_GONE => Some(Outcome::EndpointGone),
        Report::Done(_) | Report::Waiting(_) | Report::Retry(_) | Report::Failed(_) => None,
    };
    let key = key.clone();
    Some(match outcome {
        Some(outcome) => Fact::Done {
            key,
            outcome: Box::new(outcome),
        },
        None => Fact::Dropped { key },
    })
}

fn goes_back(p: &Promotion) -> bool {
    matches!(p.stage, Stage::RollingBack { .. })
}

/// Waiting is worth a record when its reason is new, or when it ends a pause between tries.
fn waiting(entry: &Entry, reason: Failure) -> Vec<Fact> {
    let retrying = matches!(entry.state, EffectState::Retrying { .. });
    if entry.trouble.as_ref() == Some(&reason) && !retrying {
        return vec![];
    }
    let key = entry.key.clone();
    vec![Fact::Waiting { key, reason }]
}

/// Somebody has started it, an earlier call of ours perhaps, and there is no operation to ask: it is looked at again. So it is
/// where the change of somebody else has to end first.
fn in_progress(effect: &Effect, others_change: Option<String>) -> Failure {
    let ours = || format!("`{}` is in progress", effect.kind());
    Failure::new(IN_PROGRESS, others_change.unwrap_or_else(ours))
}

fn is_running(entry: &Entry, url: &str) -> bool {
    matches!(&entry.state, EffectState::Running { operation } if operation == url)
}

impl Promotion {
    /// When it is tried again: a question that its channel has not taken for hours, each hour, for its journal has an end.
    fn asks_again_at(&self, entry: &Entry, usual: Timestamp, now: Timestamp) -> Timestamp {
        if self.stays_until_answered(entry) && entry.failures >= PATIENT {
            HOURLY.after(now).max(usual)
        } else {
            usual
        }
    }

    /// Whether this puts the question that is open. It is posted again for as long as that is so, whatever the channel says and
    /// however long it takes: nobody would answer it otherwise, and the board says why. In another channel it is told besides.
    pub(crate) fn stays_until_answered(&self, entry: &Entry) -> bool {
        let open = matches!(self.stage, Stage::AwaitingApproval { .. });
        let Effect::Notify { notice } = &entry.effect else {
            return false;
        };
        open && matches!(
            notice,
            Notice::ApprovalAsked
                | Notice::Reminder
                | Notice::Escalated
                | Notice::Revoked
                | Notice::OverrideWanted
        )
    }
}

/// Puts the question once more: what of it the channel has not taken yet is overtaken by that, so that after an outage nobody
/// finds one card for each reminder. In another channel it is told besides.
pub(super) fn ask_again(p: &Promotion, notice: Notice) -> Vec<Fact> {
    let undone = p.ledger.undone().iter();
    let overtaken = undone
        .filter(|entry| notice != Notice::EscalatedElsewhere && p.stays_until_answered(entry));
    let dropped = overtaken.map(|entry| Fact::Dropped {
        key: entry.key.clone(),
    });
    dropped.chain([p.plan(Effect::Notify { notice })]).collect()
}

/// On the way back, and where the target would be left as nobody wants it, there is nothing to give up to.
fn may_give_up(p: &Promotion, entry: &Entry) -> bool {
    match p.stage {
        Stage::RollingBack { .. } | Stage::Live { .. } | Stage::Finishing { .. } => {
            !entry.effect.must_be_done()
        }
        Stage::AwaitingApproval { .. } => !p.stays_until_answered(entry),
        Stage::Proposed
        | Stage::Gating(_)
        | Stage::Copying(_)
        | Stage::Registering { .. }
        | Stage::WaitingForTarget(_)
        | Stage::Deploying(_)
        | Stage::Testing(_)
        | Stage::Shifting { .. }
        | Stage::Closed { .. } => true,
    }
}

/// Tells people, once for each trouble, that something was not done in time where it is tried again for ever.
pub(super) fn tell_stuck(p: &Promotion, mut facts: Vec<Fact>) -> Vec<Fact> {
    let must_be_done = |fact: &Fact| match fact {
        Fact::Failed { key, .. } => {
            let entry = p.ledger.get(key);
            entry.is_some_and(|entry| entry.effect.must_be_done())
        }
        _ => false,
    };
    let told = p.stuck.as_ref().is_some_and(|stuck| stuck.told);
    if !p.goes_forward() && !told && facts.iter().any(must_be_done) {
        facts.push(p.plan(Effect::Notify {
            notice: Notice::Stuck,
        }));
    }
    facts
}

/// Ends the effects whose time is over. Whoever says that something is due has asked for each of them just before, so
/// that an outage of ours is not taken for one of Azure's.
pub(super) fn give_up(p: &Promotion, now: Timestamp) -> Vec<Fact> {
    // Whoever measures says in the outcome that it could not: late is better than never.
    let measures = |entry: &&Entry| matches!(entry.effect, Effect::Measure { .. });
    let overdue = p.ledger.overdue(now, &p.route.deadlines);
    overdue
        .filter(|entry| !measures(entry) && !p.stays_until_answered(entry))
        .map(|entry| given_up(entry, entry.trouble.as_ref()))
        .collect()
}

fn given_up(entry: &Entry, last: Option<&Failure>) -> Fact {
    let failure = entry.deadline_exceeded(last);
    let key = entry.key.clone();
    match entry.effect {
        // The traffic is right without it: the target must not be kept from others for what Azure will not delete.
        Effect::DeleteDeployment { .. } => Fact::Done {
            key,
            outcome: Box::new(Outcome::LeftAlone {
                detail: failure.message,
            }),
        },
        _ => Fact::Failed { key, failure },
    }
}

/// What a failure means for the phase that it broke.
pub(super) fn conclude(p: &Promotion, broken: &Broken) -> Vec<Fact> {
    let failure = broken.failure.clone();
    let failed = |at| {
        finish(
            p,
            Ending::Failed {
                at,
                failure: failure.clone(),
            },
        )
    };
    match &p.stage {
        Stage::Proposed | Stage::Gating(_) | Stage::AwaitingApproval { .. } => {
            failed(FailedAt::Gating)
        }
        Stage::Copying(_) if failure.code == SOURCE_CHANGED => finish(
            p,
            Ending::Voided {
                detail: failure.message,
            },
        ),
        Stage::Copying(_) => failed(FailedAt::Copying),
        Stage::Registering { .. } => failed(FailedAt::Registering),
        Stage::WaitingForTarget(_) => failed(FailedAt::WaitingForTarget),
        Stage::Deploying(_) if matches!(broken.effect, Effect::CreateDeployment { .. }) => {
            go_back(p, WayBackCause::DeploymentFailed { failure })
        }
        Stage::Deploying(_) | Stage::Testing(_) | Stage::Shifting { .. } => {
            go_back(p, WayBackCause::StepFailed { failure })
        }
        Stage::Live { .. }
        | Stage::RollingBack { .. }
        | Stage::Finishing { .. }
        | Stage::Closed { .. } => vec![],
    }
}
