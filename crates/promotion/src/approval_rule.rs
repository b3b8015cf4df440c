//! `routes[].approval` as a promotion keeps it: whose consent it takes, by when, and what happens meanwhile.

use serde::{Deserialize, Serialize};

use crate::people::Party;
use crate::route::Seconds;

/// Who must agree, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRule {
    /// How many distinct people.
    pub min_approvals: u32,
    /// Any of these may approve.
    pub approvers: Vec<Party>,
    /// Whoever trained or registered the candidate may not approve it.
    pub prevent_self_review: bool,
    /// How long after the question the answer counts.
    pub expires_after: Seconds,
    /// Who must be among those who agree, each place filled by a person of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Requirement>,
    /// How often people are reminded; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_every: Option<Seconds>,
    /// Who is asked as well once nobody has answered for long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// Who may override it, two together; nobody, where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overriders: Vec<Party>,
    /// Whose consent it takes.
    #[serde(default, skip_serializing_if = "Consent::is_of_people")]
    pub consent: Consent,
}

impl ApprovalRule {
    /// Everybody whose word may count at some time.
    pub fn parties(&self) -> Vec<Party> {
        let required = self.required.iter().map(|one| &one.party);
        let later = self.escalation.iter().flat_map(|later| &later.approvers);
        let all = self.approvers.iter().chain(required).chain(later);
        all.chain(&self.overriders).cloned().collect()
    }
}

/// Whose consent a promotion takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Consent {
    /// People's.
    #[default]
    People,
    /// Nobody's: its gates have passed, and that is enough.
    Automatic,
}

impl Consent {
    /// Whether people are asked.
    pub fn is_of_people(&self) -> bool {
        *self == Self::People
    }
}

/// A place among those who agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// Of whom.
    pub party: Party,
    /// How many.
    pub approvals: u32,
}

/// Who is asked as well once nobody has answered for long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Escalation {
    /// How long after the question.
    pub after: Seconds,
    /// Who may answer as well from then on.
    pub approvers: Vec<Party>,
    /// Whether it is told in another channel as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}
