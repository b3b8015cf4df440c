//! Facts: what a journal remembers. What was decided is stored, never recomputed, for rules change between releases.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::candidate::Candidate;
use crate::effect::{Effect, EffectKey};
use crate::ending::{Ending, WayBackCause};
use crate::ids::{Attempt, IntakeId, PromotionId};
use crate::ledger::Failure;
use crate::people::Person;
use crate::permit::{Pinned, Vote};
use crate::question::{Denial, Override, Tried};
use crate::report::Outcome;
use crate::route::Route;

/// One fact of a promotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Fact {
    /// The promotion exists.
    Opened {
        /// What it moves.
        candidate: Candidate,
        /// The way it goes, as configured then.
        route: Box<Route>,
        /// What opened it.
        cause: Cause,
    },
    /// A person asked again: the next attempt.
    Reopened {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// The way it goes, as configured now.
        route: Box<Route>,
    },
    /// A person asked to go on after a failure, within the attempt.
    Replayed {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// An effect is wanted; it may happen from here on.
    Planned {
        /// Its key.
        key: EffectKey,
        /// What.
        effect: Box<Effect>,
    },
    /// Azure works on it.
    Submitted {
        /// Which.
        key: EffectKey,
        /// The operation's status URL.
        operation: String,
    },
    /// It cannot be done yet.
    Waiting {
        /// Which.
        key: EffectKey,
        /// For what.
        reason: Failure,
    },
    /// It failed and is tried again.
    Retrying {
        /// Which.
        key: EffectKey,
        /// What was said.
        failure: Failure,
        /// Not before.
        at: Timestamp,
    },
    /// It is done.
    Done {
        /// Which.
        key: EffectKey,
        /// What came of it.
        outcome: Box<Outcome>,
    },
    /// It failed for good, or took too long.
    Failed {
        /// Which.
        key: EffectKey,
        /// What was said.
        failure: Failure,
    },
    /// It is not wanted any more; it may have happened all the same.
    Dropped {
        /// Which.
        key: EffectKey,
    },
    /// The gates have passed: this is what people are asked to agree to.
    Pinned {
        /// Exactly this.
        pinned: Box<Pinned>,
    },
    /// A person answered.
    Voted {
        /// Who and what.
        vote: Vote,
    },
    /// The next phase began.
    Entered {
        /// Which.
        phase: Phase,
    },
    /// A step of the rollout is done.
    StepDone {
        /// Its index, from 0.
        step: usize,
    },
    /// A person ended the pause that this step is.
    Resumed {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// The step's index, from 0.
        step: usize,
    },
    /// A person said to go on though the analysis beside the steps could not tell.
    WentOnUnsure {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// That analysis: its number, from 1.
        analysis: u32,
    },
    /// A person said to go on though somebody else has changed the endpoint: its traffic is set again.
    WentOnDrifted {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// That change: its number in this attempt, from 1.
        drift: u32,
    },
    /// The previous deployment is not needed any more.
    KeepPreviousEnded {
        /// The newer promotion; absent: its time is over.
        by: Option<PromotionId>,
    },
    /// The attempt is over: nothing is left to do.
    Closed {
        /// Records of this journal before this one: what an audit must find.
        records: u64,
    },
    /// A person took their approval, or their wish to override, back before anything was copied.
    Revoked {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// A person wants the quorum overridden; two of them do it.
    Overrode {
        /// Who and why.
        by: Override,
    },
    /// The route asks nobody: its gates stand for people.
    ApprovedAutomatically {
        /// The gates that have passed: kind and metric of each, `champion rmse`; in journals of older releases the metric alone.
        gates: Vec<String>,
    },
    /// Somebody who may not answer tried to: noted once for each person, thing and reason, 50 times an attempt at most.
    Denied {
        /// Who.
        by: Person,
        /// What they tried.
        tried: Tried,
        /// Why it does not count.
        why: Denial,
    },
    /// A person looked at an override afterwards.
    Reviewed {
        /// Who.
        by: Person,
        /// What they found.
        comment: String,
        /// Of which attempt; absent: of the one that is on its way, or has ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<Attempt>,
    },
}

impl Fact {
    /// The effect that was planned before and that it tells of.
    pub(crate) fn effect_key(&self) -> Option<&EffectKey> {
        match self {
            Self::Submitted { key, .. }
            | Self::Waiting { key, .. }
            | Self::Retrying { key, .. }
            | Self::Done { key, .. }
            | Self::Failed { key, .. }
            | Self::Dropped { key } => Some(key),
            Self::Opened { .. }
            | Self::Reopened { .. }
            | Self::Replayed { .. }
            | Self::Planned { .. }
            | Self::Pinned { .. }
            | Self::Voted { .. }
            | Self::Entered { .. }
            | Self::StepDone { .. }
            | Self::Resumed { .. }
            | Self::WentOnUnsure { .. }
            | Self::WentOnDrifted { .. }
            | Self::KeepPreviousEnded { .. }
            | Self::Closed { .. }
            | Self::Revoked { .. }
            | Self::Overrode { .. }
            | Self::ApprovedAutomatically { .. }
            | Self::Denied { .. }
            | Self::Reviewed { .. } => None,
        }
    }
}

/// A phase that a promotion enters; what it needs to know comes from the phase before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "phase",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Phase {
    /// Evidence is gathered.
    Gating,
    /// Files are copied: the quorum is complete.
    Copying,
    /// The version is registered.
    Registering,
    /// The target is made ready.
    WaitingForTarget,
    /// The deployment is made.
    Deploying,
    /// The deployment is asked.
    Testing,
    /// Traffic moves.
    Shifting,
    /// The candidate serves.
    Live {
        /// Until when the way back stays warm.
        until: Timestamp,
    },
    /// The champion gets its traffic back.
    RollingBack {
        /// Why.
        cause: WayBackCause,
    },
    /// What is left is tidied up.
    Finishing {
        /// The end it comes to.
        ending: Ending,
    },
}

/// That a person had a kept event run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunAgain {
    /// Who.
    pub by: Person,
    /// Why.
    pub reason: String,
}

impl Cause {
    /// The person who wanted it.
    pub(crate) fn person(&self) -> Option<&Person> {
        match self {
            Self::Person { by, .. } => Some(by),
            Self::Event { again, .. } | Self::Intake { again, .. } => {
                again.as_ref().map(|again| &again.by)
            }
            Self::Reconciled { .. } => None,
        }
    }
}

/// What opened a promotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "from",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Cause {
    /// An event.
    Event {
        /// Its key in the event store.
        key: String,
        /// Who had it run again; absent where it opened this when it was delivered, or by a repair.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<RunAgain>,
    },
    /// A completed job's intake.
    Intake {
        /// Which.
        intake: IntakeId,
        /// Who had the job's event run again; absent where the intake was opened otherwise, and in journals of older releases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<RunAgain>,
    },
    /// A person.
    Person {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// The version was found in its workspace, and no event had told of it.
    Reconciled {
        /// When it was registered, by its workspace's clock.
        registered_at: Timestamp,
    },
}
