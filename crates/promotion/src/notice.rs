//! What people are told, each once.

use serde::{Deserialize, Serialize};

/// One card's occasion. What it says is rendered from the promotion as it is when the card is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Notice {
    /// The gates have passed: who agrees?
    ApprovalAsked,
    /// A gate said no, or could not say yes.
    Blocked,
    /// Enough people agreed.
    Approved,
    /// Somebody refused.
    Rejected,
    /// Nobody answered in time.
    Expired,
    /// A candidate that outranks it took its place.
    Superseded,
    /// Another one had the turn at its target.
    Refused,
    /// What was agreed to is not what is there.
    Voided,
    /// Somebody stopped it.
    Aborted,
    /// The rollout waits until somebody resumes it.
    Paused,
    /// Whether the candidate is worse cannot be told: a person decides.
    Inconclusive,
    /// Somebody else has changed the endpoint: a person decides.
    Drifted,
    /// The candidate serves.
    Live,
    /// The champion serves again.
    RolledBack,
    /// The candidate was to be taken back, and somebody has deleted what served before it.
    NoWayBack,
    /// Something was not done in time that must not be given up.
    Stuck,
    /// It could not go on.
    Failed,
    /// Nobody has answered for a while.
    Reminder,
    /// Nobody has answered for long: others are asked as well.
    Escalated,
    /// Somebody took their approval back.
    Revoked,
    /// Somebody wants the quorum overridden, and a second one is needed.
    OverrideWanted,
    /// Two people overrode the quorum.
    Overridden,
    /// The route asks nobody.
    ApprovedAutomatically,
    /// Nobody has answered for long: another channel is told.
    EscalatedElsewhere,
}
