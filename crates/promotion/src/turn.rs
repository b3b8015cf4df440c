//! Turns: one promotion at a time asks people about a target and then changes it.
//!
//! Who has the turn and who waits for it stands outside; here stands what a journal knows of its own turn, and what a
//! candidate may do about one that came before it. Nothing gives a turn back: it ends with what its holder's journal says,
//! so there is no record that a crash could lose. Start at [`meet`].

use std::cmp::Ordering;

use crate::effect::Effect;
use crate::ending::Ending;
use crate::ids::{Attempt, ModelVersion, PromotionId};
use crate::ledger::Ledger;
use crate::promotion::{Aggregate as _, Promotion};
use crate::record::Cause;
use crate::route::Concurrency;
use crate::stage::{Lease, Rollout, Stage};

/// What a journal knows of its turn, in this attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It has not asked for it, or waits for it.
    Open,
    /// It has it.
    Ours,
    /// It will not have it: another one goes before it.
    Superseded {
        /// Which.
        by: PromotionId,
    },
    /// It will not have it: another one has it, and the route does not wait.
    Refused {
        /// Which.
        by: PromotionId,
    },
    /// It will not have it: the target is held, and the route does not wait.
    Held {
        /// By whom and why.
        reason: String,
    },
}

/// What is left of a turn, or of a place in the line for one, that stands under a promotion's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: the attempt is over, or its candidate serves.
    Over,
    /// It waits for its turn or asks people; one that outranks it may take its place.
    Open,
    /// It goes its way, and whoever comes later waits.
    Firm,
}

/// What a candidate does about a promotion that came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meeting {
    /// Passes it by, for nothing is left of its claim.
    Passes,
    /// Waits until it is over.
    Waits,
    /// Takes its place.
    Supersedes,
    /// Ends, for the other goes before it.
    IsSuperseded,
    /// Ends, for its route does not wait.
    IsRefused,
}

/// What `newcomer` does about `other`, which has the turn or stands before it in the line since that `attempt`. The rule is
/// that of the newcomer's route.
pub fn meet(
    newcomer: &Promotion,
    rule: Concurrency,
    other: &Promotion,
    attempt: Attempt,
) -> Meeting {
    if other.is_superseded_by(newcomer.id()) {
        return Meeting::Passes;
    }
    match (other.claim(attempt), rule) {
        (Claim::Over, _) => Meeting::Passes,
        (Claim::Open | Claim::Firm, Concurrency::Reject) => Meeting::IsRefused,
        (Claim::Open | Claim::Firm, Concurrency::Queue) | (Claim::Firm, Concurrency::Supersede) => {
            Meeting::Waits
        }
        (Claim::Open, Concurrency::Supersede) if newcomer.outranks(other) => Meeting::Supersedes,
        (Claim::Open, Concurrency::Supersede) => Meeting::IsSuperseded,
    }
}

impl Promotion {
    /// Whether its own journal says that it changes nothing: it is over, or it released the lease and has not asked for it
    /// since. A worker that was slow may have taken it for it once more, behind its back.
    pub fn has_let_go(&self) -> bool {
        let free = |rollout: &Rollout| rollout.lease == Lease::Free;
        self.is_closed() || self.stage().rollout().is_none_or(free)
    }

    /// What is left of a claim that it made in this attempt.
    pub fn claim(&self, attempt: Attempt) -> Claim {
        if attempt != self.attempt() {
            return Claim::Over;
        }
        match self.stage() {
            Stage::Live { .. } | Stage::Closed { .. } => Claim::Over,
            // It is over for the target, though its card may not be posted yet.
            Stage::Finishing { before, .. }
                if matches!(**before, Stage::Live { .. }) || self.has_let_go() =>
            {
                Claim::Over
            }
            Stage::AwaitingApproval { .. } => Claim::Open,
            Stage::Gating(_) if self.waits_for_turn() => Claim::Open,
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. }
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. } => Claim::Firm,
        }
    }

    /// Whether it has its target's turn, by its own journal.
    pub fn has_turn(&self) -> bool {
        self.turn == Turn::Ours && self.claim(self.attempt()) != Claim::Over
    }

    /// Whether it holds its target's lease, by its own journal, and has not begun to let it go.
    pub fn holds_lease(&self) -> bool {
        let held = |rollout: &Rollout| rollout.lease == Lease::Held;
        let releases = |effect: &Effect| matches!(effect, Effect::ReleaseLease { .. });
        !self.is_closed()
            && self.stage().rollout().is_some_and(held)
            && !self.ledger().has(releases)
    }

    /// As others would meet it if a person reopened it now: the next attempt of it, which has no turn yet.
    #[must_use]
    pub fn if_reopened(&self) -> Self {
        Self {
            attempt: self.attempt().next(),
            stage: Stage::Proposed,
            ledger: Ledger::default(),
            turn: Turn::Open,
            broken: None,
            stuck: None,
            ..self.clone()
        }
    }

    /// Whether it has asked for the turn and has no answer yet.
    pub fn waits_for_turn(&self) -> bool {
        self.ledger()
            .has(|effect| matches!(effect, Effect::TakeTurn { .. }))
    }

    /// Whether this candidate goes before the other: the one that a person asked for; of versions of one model the higher
    /// number; else the one opened later. Of any two one outranks the other. It is no order of three: each is only ever
    /// compared with whom it meets, and who loses ends.
    pub fn outranks(&self, other: &Self) -> bool {
        let by_hand = self.wanted_by_a_person().cmp(&other.wanted_by_a_person());
        let rank = by_hand
            .then_with(|| self.by_version(other))
            .then_with(|| self.opened_at().cmp(&other.opened_at()))
            .then_with(|| self.id().cmp(other.id()));
        rank == Ordering::Greater
    }

    fn is_superseded_by(&self, newcomer: &PromotionId) -> bool {
        matches!(self.stage().ending(), Some(Ending::Superseded { by }) if by == newcomer)
    }

    fn wanted_by_a_person(&self) -> bool {
        matches!(self.cause(), Cause::Person { .. }) || self.attempt() > Attempt::FIRST
    }

    fn by_version(&self, other: &Self) -> Ordering {
        let (ours, theirs) = (self.candidate(), other.candidate());
        if ours.model != theirs.model {
            return Ordering::Equal;
        }
        whole(&ours.version)
            .zip(whole(&theirs.version))
            .map_or(Ordering::Equal, |(ours, theirs)| ours.cmp(&theirs))
    }
}

/// A whole number of any length, in the order of numbers.
fn whole(version: &ModelVersion) -> Option<(usize, &str)> {
    let text = version.as_str();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.trim_start_matches('0');
    digits.then_some((number.len(), number))
}
