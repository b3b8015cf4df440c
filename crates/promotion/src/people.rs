//! Who acts: people are object ids; names are for reading only.

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, PersonId};

/// An app role, as the platform's sign-in tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(pub String);

/// A person: compared by id, shown by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Their object id.
    pub id: PersonId,
    /// What they are called, capped and cleaned where it came in.
    pub name: String,
}

impl PartialEq for Person {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Person {}

/// Someone who answers an approval, with the roles they hold now.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Who.
    pub person: Person,
    /// Read live, never from the journal.
    pub roles: Vec<Role>,
}

/// Someone who uses a verb (abort, roll back, reopen, replay, start), with the roles they hold now.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Who.
    pub person: Person,
    /// Read live, never from the journal.
    pub roles: Vec<Role>,
}

impl Operator {
    /// Whether one of their roles is one of `allowed`.
    pub fn holds_any(&self, allowed: &[Role]) -> bool {
        holds_any(&self.roles, allowed)
    }
}

impl Voter {
    /// Whether one of their roles is one of `allowed`.
    pub fn holds_any(&self, allowed: &[Role]) -> bool {
        holds_any(&self.roles, allowed)
    }
}

/// What somebody holds now: read live, never from the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// App roles.
    pub roles: Vec<Role>,
    /// Groups that they are a member of, as far as they were asked for.
    pub groups: Vec<GroupId>,
}

fn holds_any(held: &[Role], allowed: &[Role]) -> bool {
    held.iter().any(|role| allowed.contains(role))
}
