//! What may happen when: the one exhaustive table of stages and events, and what follows by itself.
//!
//! [`respond`] answers an event with facts or refuses it; [`next`] then says, one fact at a time, what the promotion does
//! of its own accord until it has to wait. Both are pure, so the same input always has the same answer. Start at
//! [`respond`]; each phase has a file.

mod approval;
mod asking_after;
mod copying;
mod deploying;
mod drifting;
mod effects;
mod finishing;
mod gating;
mod live;
mod loading;
mod proving;
mod registering;
mod reviewing;
mod rolling_back;
mod shifting;
mod target;
mod testing;
mod turn;
mod verbs;
mod watching;

pub(crate) use gating::{judge, plan};
pub(crate) use shifting::first_success_by;

use jiff::Timestamp;

use crate::effect::Effect;
use crate::effect_rules::EffectClass;
use crate::ending::{Ending, WayBackCause};
use crate::event::Event;
use crate::ledger::{EffectState, Entry};
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::refused::Refused;
use crate::stage::{Previous, Stage};

/// The facts that an event makes, or why it may not happen.
#[expect(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "one table, read pair by pair"
)]
pub(crate) fn respond(p: &Promotion, event: Event, now: Timestamp) -> Result<Vec<Fact>, Refused> {
    let name = event.name();
    match (&p.stage, event) {
        (_, Event::Due) => Ok(effects::tell_stuck(p, effects::give_up(p, now))),
        (_, Event::Performed { key, report }) => {
            let facts = effects::performed(p, &key, *report, now);
            Ok(effects::tell_stuck(p, facts))
        }

        (
            Stage::AwaitingApproval {
                pinned,
                votes,
                question,
            },
            Event::Vote {
                voter,
                kind,
                comment,
                attempt,
                digest,
                frozen,
                click,
                round,
            },
        ) => approval::vote(
            p,
            pinned,
            votes,
            question,
            approval::Ballot {
                voter,
                kind,
                comment,
                attempt,
                digest,
                frozen,
                click,
                round,
            },
            now,
        ),
        (
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. }
            | Stage::Live { .. }
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. }
            | Stage::Closed { .. },
            Event::Vote {
                attempt,
                digest,
                click,
                ..
            },
        ) => Err(approval::vote_too_late(p, attempt, &digest, click.as_ref())),

        (
            _,
            Event::Revoke {
                by,
                reason,
                attempt,
                digest,
                round,
            },
        ) => approval::revoke(p, by, reason, (attempt, digest, round)),
        (
            _,
            Event::Override {
                by,
                reason,
                attempt,
                digest,
                round,
            },
        ) => approval::override_it(p, by, reason, (attempt, digest, round), now),

        (
            _,
            Event::Review {
                by,
                comment,
                attempt,
                digest,
            },
        ) => reviewing::review(p, by, comment, attempt, &digest),
        (
            _,
            Event::Denied {
                by,
                tried,
                why,
                attempt,
                digest,
            },
        ) => Ok(reviewing::denied(p, by, tried, why, (attempt, &digest))),

        // What was meant for one attempt never meets another, whatever it has come to.
        (
            _,
            Event::Abort {
                attempt: Some(shown),
                ..
            }
            | Event::RollBack {
                attempt: Some(shown),
                ..
            }
            | Event::Resume {
                attempt: Some(shown),
                ..
            }
            | Event::Reopen {
                attempt: Some(shown),
                ..
            }
            | Event::Replay {
                attempt: Some(shown),
                ..
            },
        ) if shown != p.attempt => Err(Refused::AnotherAttempt {
            shown,
            now: p.attempt,
        }),

        (
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. },
            Event::Abort { by, reason, .. },
        ) => verbs::abort(p, &by, reason),
        (Stage::Live { .. }, Event::Abort { .. }) => Err(not_now(p, name, "; use `roll back`")),
        (
            Stage::RollingBack { .. } | Stage::Finishing { .. } | Stage::Closed { .. },
            Event::Abort { .. },
        ) => Err(not_now(p, name, "")),

        (
            Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. }
            | Stage::Live {
                previous: Previous::Warm,
                ..
            },
            Event::RollBack { by, reason, .. },
        ) => verbs::roll_back(p, &by, reason),
        (
            Stage::Live {
                previous: Previous::Unneeded { by } | Previous::Gone { by },
                ..
            },
            Event::RollBack { .. },
        ) => Err(verbs::way_back_closed(p, by.as_ref())),
        (
            Stage::Finishing { ending, .. } | Stage::Closed { ending, .. },
            Event::RollBack { .. },
        ) => Err(verbs::nothing_to_take_back(p, ending)),
        (
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_),
            Event::RollBack { .. },
        ) => Err(not_now(p, name, ", when nothing serves yet; use `abort`")),
        (Stage::RollingBack { .. }, Event::RollBack { .. }) => {
            Err(not_now(p, name, ": it is on its way back already"))
        }

        (
            Stage::Shifting { .. },
            Event::Resume {
                by, reason, pause, ..
            },
        ) => verbs::resume(p, &by, reason, &pause),
        (
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Live { .. }
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. }
            | Stage::Closed { .. },
            Event::Resume { .. },
        ) => Err(not_now(p, name, ", only in a pause")),

        (
            Stage::Closed { .. },
            Event::Reopen {
                by, reason, route, ..
            },
        ) => verbs::reopen(p, &by, reason, route),
        (Stage::Closed { ending, before }, Event::Replay { by, reason, .. }) => {
            verbs::replay(p, ending, before, &by, reason, now)
        }
        (
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. }
            | Stage::Live { .. }
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. },
            Event::Reopen { .. } | Event::Replay { .. },
        ) => Err(not_now(p, name, ", only once it has ended")),

        (
            Stage::Live {
                previous: Previous::Warm,
                ..
            },
            Event::Overtaken { by },
        ) => Ok(vec![Fact::KeepPreviousEnded { by: Some(by) }]),
        // Whatever has no warm way back has nothing to end.
        (_, Event::Overtaken { .. }) => Ok(vec![]),

        (
            Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. },
            Event::Displaced { by },
        ) => rolling_back::displace(p, &by),
        // Whoever is already going back, or never came so far, is in nobody's way.
        (
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::Live { .. }
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. }
            | Stage::Closed { .. },
            Event::Displaced { .. },
        ) => Err(not_now(p, name, "")),

        (Stage::Gating(_) | Stage::AwaitingApproval { .. }, Event::Superseded { by, attempt }) => {
            turn::superseded(p, attempt, by)
        }
        (
            Stage::Finishing { ending, .. } | Stage::Closed { ending, .. },
            Event::Superseded { by, attempt },
        ) => turn::superseded_already(p, ending, attempt, &by),
        // Whoever has come so far is waited for.
        (
            Stage::Proposed
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. }
            | Stage::Live { .. }
            | Stage::RollingBack { .. },
            Event::Superseded { .. },
        ) => Err(turn::refused(p)),
    }
}

/// What the promotion does next of its own accord; nothing when it has to wait. At most one effect is planned at a time.
pub(crate) fn next(p: &Promotion, now: Timestamp) -> Vec<Fact> {
    if let Some(broken) = &p.broken {
        return effects::conclude(p, broken);
    }
    match &p.stage {
        Stage::Proposed => vec![Fact::Entered {
            phase: Phase::Gating,
        }],
        Stage::Gating(findings) => gating::next(p, findings, now),
        Stage::AwaitingApproval {
            pinned,
            votes,
            question,
        } => approval::next(p, pinned, votes, question, now),
        Stage::Copying(copy) => copying::next(p, copy),
        Stage::Registering {
            permit, registered, ..
        } => registering::next(p, permit, *registered),
        Stage::WaitingForTarget(rollout) => target::next(p, rollout),
        Stage::Deploying(rollout) => deploying::next(p, rollout),
        Stage::Testing(rollout) => testing::next(p, rollout),
        Stage::Shifting {
            rollout,
            step,
            since,
        } => shifting::next(p, rollout, *step, *since, now),
        Stage::Live {
            rollout,
            until,
            previous,
        } => live::next(p, rollout, *until, previous, now),
        Stage::RollingBack { rollout, cause } => rolling_back::next(p, rollout, cause, now),
        Stage::Finishing { ending, before } => finishing::next(p, ending, before),
        Stage::Closed { .. } => vec![],
    }
}

/// When a stage wants the next look for its own sake, unless it waits for an effect first.
pub(crate) fn wakes_at(p: &Promotion) -> Option<Timestamp> {
    match &p.stage {
        Stage::AwaitingApproval {
            pinned,
            votes,
            question,
        } => approval::wakes_at(p, pinned, votes, question),
        Stage::Shifting {
            rollout,
            step,
            since,
        } => shifting::wakes_at(p, rollout, *step, *since),
        Stage::Live {
            rollout,
            until,
            previous: Previous::Warm,
        } => live::wakes_at(rollout, *until),
        Stage::Live {
            previous: Previous::Unneeded { .. } | Previous::Gone { .. },
            ..
        }
        | Stage::Proposed
        | Stage::Gating(_)
        | Stage::Copying(_)
        | Stage::Registering { .. }
        | Stage::WaitingForTarget(_)
        | Stage::Deploying(_)
        | Stage::Testing(_)
        | Stage::RollingBack { .. }
        | Stage::Finishing { .. }
        | Stage::Closed { .. } => None,
    }
}

/// Goes back: what is wanted forwards is dropped, what Azure works on runs to its end first.
fn go_back(p: &Promotion, cause: WayBackCause) -> Vec<Fact> {
    let mut facts = drop_unwanted(p);
    facts.push(Fact::Entered {
        phase: Phase::RollingBack { cause },
    });
    facts
}

/// Comes to an end: what is wanted forwards is dropped, people are told.
fn finish(p: &Promotion, ending: Ending) -> Vec<Fact> {
    let mut facts = drop_unwanted(p);
    let notice = ending.notice();
    facts.push(Fact::Entered {
        phase: Phase::Finishing { ending },
    });
    facts.extend(notice.map(|notice| p.plan(Effect::Notify { notice })));
    facts
}

/// Effects that nobody wants any more are not tried again. What Azure works on stays, to run to its end; a call of which
/// nobody knows whether it arrived is made good by what the way back does: it reads before it writes and deletes.
fn drop_unwanted(p: &Promotion) -> Vec<Fact> {
    let unwanted = |entry: &&Entry| match entry.effect.class() {
        EffectClass::Observe => true,
        EffectClass::CreateOnce | EffectClass::Overwrite => {
            !matches!(entry.state, EffectState::Running { .. })
        }
        EffectClass::DeleteOnce | EffectClass::Notify => false,
    };
    let entries = p.ledger.undone().iter().filter(unwanted);
    entries
        .map(|entry| Fact::Dropped {
            key: entry.key.clone(),
        })
        .collect()
}

/// Plans the effect unless one of its kind is under way.
fn once(p: &Promotion, effect: Effect) -> Vec<Fact> {
    if p.ledger.has(|undone| undone.kind() == effect.kind()) {
        vec![]
    } else {
        vec![p.plan(effect)]
    }
}

fn not_now(p: &Promotion, event: &'static str, remedy: &'static str) -> Refused {
    Refused::NotNow {
        event,
        stage: p.stage.name(),
        remedy,
    }
}
