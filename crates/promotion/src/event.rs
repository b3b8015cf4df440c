//! What comes in. Every input is a fact in the making and travels the same road.

use crate::click::ClickId;
use crate::digest::Digest;
use crate::effect::EffectKey;
use crate::ids::{Attempt, PromotionId};
use crate::pause::PauseId;
use crate::people::{Operator, Person, Voter};
use crate::permit::VoteKind;
use crate::question::{Denial, Tried};
use crate::report::Report;
use crate::route::Route;
use crate::voters::Freeze;

/// What happened to a promotion.
#[derive(Debug, Clone)]
pub enum Event {
    /// A message, a timer: is anything due?
    Due,
    /// An effect was tried.
    Performed {
        /// Which.
        key: EffectKey,
        /// What came of it.
        report: Box<Report>,
    },
    /// A person answered an approval.
    Vote {
        /// Who, with the roles they hold now.
        voter: Voter,
        /// What.
        kind: VoteKind,
        /// Why, in their words.
        comment: String,
        /// The attempt that they were shown.
        attempt: Attempt,
        /// The digest that they were shown.
        digest: Digest,
        /// Why nothing new may start now, as read right before.
        frozen: Option<Freeze>,
        /// The click that it came by; absent where it came by another door.
        click: Option<ClickId>,
        /// How often they had taken their word back when they were shown it; absent where what they answer by does not say.
        round: Option<usize>,
    },
    /// A person takes their approval back.
    Revoke {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// The attempt that they were shown.
        attempt: Attempt,
        /// The digest that they were shown.
        digest: Digest,
        /// How often they had taken their word back when they were shown it; absent where what they answer by does not say.
        round: Option<usize>,
    },
    /// A person goes past the quorum, with a second one.
    Override {
        /// Who, with what they hold now.
        by: Voter,
        /// Why.
        reason: String,
        /// The attempt that they were shown.
        attempt: Attempt,
        /// The digest that they were shown.
        digest: Digest,
        /// How often they had taken their word back when they were shown it; absent where what they answer by does not say.
        round: Option<usize>,
    },
    /// A person looks at an override afterwards.
    Review {
        /// Who, with what they hold now.
        by: Voter,
        /// What they found.
        comment: String,
        /// The attempt that they were shown.
        attempt: Attempt,
        /// The digest that they were shown.
        digest: Digest,
    },
    /// Somebody who may not answer tried to.
    Denied {
        /// Who.
        by: Person,
        /// What they tried.
        tried: Tried,
        /// Why it does not count.
        why: Denial,
        /// The attempt that they were shown.
        attempt: Attempt,
        /// The digest that they were shown.
        digest: Digest,
    },
    /// A person stops it.
    Abort {
        /// Who, with the roles they hold now.
        by: Operator,
        /// Why.
        reason: String,
        /// The attempt that they were shown; absent where what they say it by does not say.
        attempt: Option<Attempt>,
    },
    /// A person takes it back.
    RollBack {
        /// Who, with the roles they hold now.
        by: Operator,
        /// Why.
        reason: String,
        /// The attempt that they were shown; absent where what they say it by does not say.
        attempt: Option<Attempt>,
    },
    /// A person ends a pause.
    Resume {
        /// Who, with the roles they hold now.
        by: Operator,
        /// Why.
        reason: String,
        /// The pause that they were shown.
        pause: PauseId,
        /// The attempt that they were shown; absent where what they say it by does not say.
        attempt: Option<Attempt>,
    },
    /// A person asks again.
    Reopen {
        /// Who, with the roles they hold now.
        by: Operator,
        /// Why.
        reason: String,
        /// The route as configured now.
        route: Box<Route>,
        /// The attempt that they were shown; absent where what they say it by does not say.
        attempt: Option<Attempt>,
    },
    /// A person lets it go on after a failure.
    Replay {
        /// Who, with the roles they hold now.
        by: Operator,
        /// Why.
        reason: String,
        /// The attempt that they were shown; absent where what they say it by does not say.
        attempt: Option<Attempt>,
    },
    /// A newer promotion went live on the same target.
    Overtaken {
        /// Which.
        by: PromotionId,
    },
    /// A rollback by hand of another promotion needs the target.
    Displaced {
        /// Which.
        by: PromotionId,
    },
    /// A candidate that outranks this one takes its place.
    Superseded {
        /// Which.
        by: PromotionId,
        /// The attempt that it was compared with.
        attempt: Attempt,
    },
}

impl Event {
    /// Its name, for refusals and for the table of transitions.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Performed { .. } => "performed",
            Self::Vote { .. } => "vote",
            Self::Revoke { .. } => "revoke",
            Self::Override { .. } => "override",
            Self::Review { .. } => "review",
            Self::Denied { .. } => "denied",
            Self::Abort { .. } => "abort",
            Self::RollBack { .. } => "roll back",
            Self::Resume { .. } => "resume",
            Self::Reopen { .. } => "reopen",
            Self::Replay { .. } => "replay",
            Self::Overtaken { .. } => "overtaken",
            Self::Displaced { .. } => "displaced",
            Self::Superseded { .. } => "superseded",
        }
    }
}
