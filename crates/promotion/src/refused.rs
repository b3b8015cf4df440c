//! Why something may not happen. Each names what was asked and what to do instead.

use crate::ids::{Attempt, PromotionId};
use crate::people::{Party, Role};
use crate::question::Question;

/// A refusal: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The pair of stage and event has no meaning.
    #[error("`{event}` is not possible while the promotion is {stage}{remedy}")]
    NotNow {
        /// The event's name.
        event: &'static str,
        /// The stage's name.
        stage: &'static str,
        /// What to do instead, beginning with a separator, or empty.
        remedy: &'static str,
    },
    /// None of what the person holds is asked for.
    #[error("this needs {}, and you hold {}", asked_for(.needed), list(.held))]
    RoleMissing {
        /// Any of these would do.
        needed: Vec<Party>,
        /// What they hold.
        held: Vec<Role>,
    },
    /// It is their own work.
    #[error(
        "you trained, registered, changed or asked for this model, so somebody else has to judge it"
    )]
    OwnWork,
    /// They have answered.
    #[error(
        "you have already voted on this approval; more approvals have to come from other people"
    )]
    AlreadyVoted,
    /// The question's time is over.
    #[error("this approval expired at {at}; ask for a new one with `reopen`")]
    Expired {
        /// When.
        at: jiff::Timestamp,
    },
    /// They were shown something else.
    #[error(
        "this approval is superseded: what it asked about has changed since; open the newest card"
    )]
    Superseded,
    /// A verb that was meant for another attempt.
    #[error(
        "this was said of attempt {shown}, and attempt {now} is on{}; look at it again, then say it anew",
        if shown < now { ": it has been asked again since" } else { "" }
    )]
    AnotherAttempt {
        /// The one that they were shown.
        shown: Attempt,
        /// The one that is on.
        now: Attempt,
    },
    /// The question is closed: another candidate took this one's place.
    #[error(
        "this approval is closed: {by} has taken this candidate's place; decide about that one"
    )]
    Outranked {
        /// Which.
        by: PromotionId,
    },
    /// The question is answered.
    #[error("this approval is already decided: the promotion is {stage}")]
    Decided {
        /// The stage's name.
        stage: &'static str,
    },
    /// A newer promotion serves.
    #[error(
        "`roll back` is not possible: {newer} has replaced this candidate since; roll that one back"
    )]
    Overtaken {
        /// Which.
        newer: PromotionId,
    },
    /// The line is stopped.
    #[error("the line is frozen by {by}{}: {reason}; approve once it is lifted", until.map_or_else(String::new, |until| format!(" until {until}")))]
    Frozen {
        /// By whom.
        by: String,
        /// Why.
        reason: String,
        /// Until when.
        until: Option<jiff::Timestamp>,
    },
    /// They have not approved it.
    #[error("you have no approval here to take back")]
    NothingToRevoke,
    /// What they approved is under way.
    #[error("the copy has started, so an approval cannot be taken back any more; use `abort`")]
    TooLateToRevoke,
    /// They have overridden it already.
    #[error("you have overridden this already; the second one has to be somebody else")]
    AlreadyOverridden,
    /// A verb without its reason.
    #[error("`{event}` needs a reason: it is kept for whoever asks later")]
    ReasonMissing {
        /// The event's name.
        event: &'static str,
    },
    /// The votes of the attempt do not count any more.
    #[error(
        "the approval of this attempt expired at {at}, so it cannot go on; `reopen` asks again"
    )]
    VotesExpired {
        /// When.
        at: jiff::Timestamp,
    },
    /// The same click once more.
    #[error(
        "this very click was heard before, so it changes nothing; answer anew where the question is asked"
    )]
    Heard,
    /// They were shown it before they took their word back.
    #[error(
        "you have taken your word back since you were shown this, so it changes nothing; look at the question again, then answer"
    )]
    TakenBackSince,
    /// They would judge what they did themselves.
    #[error("you are one of those who overrode it, so somebody else has to review it")]
    OwnOverride,
    /// Somebody has done it.
    #[error("this override is already reviewed by {by}")]
    ReviewedAlready {
        /// Who.
        by: String,
    },
    /// Two people have overridden it.
    #[error("two people have overridden this already, so nothing more is needed")]
    OverriddenAlready,
    /// They have taken their word back too often.
    #[error(
        "you have taken your word back {} times on this approval, so you cannot agree to it any more; somebody else has to",
        Question::MOST_TAKEN_BACK
    )]
    TakenBackTooOften,
}

fn asked_for(parties: &[Party]) -> String {
    let role = |party: &Party| match party {
        Party::Role(role) => Some(role.clone()),
        Party::Group(_) => None,
    };
    let group = |party: &Party| match party {
        Party::Role(_) => None,
        Party::Group(group) => Some(format!("`{}`", group.shown())),
    };
    let roles: Vec<_> = parties.iter().filter_map(role).collect();
    let groups: Vec<_> = parties.iter().filter_map(group).collect();
    match (roles.as_slice(), groups.as_slice()) {
        (roles, []) => format!("one of the roles {}", list(roles)),
        ([], groups) => format!("membership in one of the groups {}", groups.join(", ")),
        (roles, groups) => format!(
            "one of the roles {}, or membership in one of the groups {}",
            list(roles),
            groups.join(", ")
        ),
    }
}

fn list(roles: &[Role]) -> String {
    match roles {
        [] => "none".to_owned(),
        roles => roles
            .iter()
            .map(|role| format!("`{}`", role.0))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
