//! Who acts: people are object ids; names are for reading only.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

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

/// A group of the directory: compared by id, shown by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its object id.
    pub id: GroupId,
    /// What the configuration calls it; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Group {
    /// What people read: its name, or else its id.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }
}

impl PartialEq for Group {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Group {}

impl PartialOrd for Group {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Group {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}

/// Whose word counts: holders of an app role, or members of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "WrittenParty", into = "WrittenParty")]
pub enum Party {
    /// Who holds this app role.
    Role(Role),
    /// Who is a member of this group.
    Group(Group),
}

/// In journals a role stands as its name alone: there were no groups in the first formats.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenParty {
    Role(Role),
    Group { group: Group },
}

impl From<WrittenParty> for Party {
    fn from(written: WrittenParty) -> Self {
        match written {
            WrittenParty::Role(role) => Self::Role(role),
            WrittenParty::Group { group } => Self::Group(group),
        }
    }
}

impl From<Party> for WrittenParty {
    fn from(party: Party) -> Self {
        match party {
            Party::Role(role) => Self::Role(role),
            Party::Group(group) => Self::Group { group },
        }
    }
}

/// What somebody holds now: read live, never from the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// App roles.
    pub roles: Vec<Role>,
    /// Groups that they are a member of, as far as they were asked for.
    pub groups: Vec<GroupId>,
    /// What else they are called: the name they sign in with, and in full what is shown cut short. An author of whom only a
    /// name is known is told by any of these.
    pub names: Vec<String>,
}

impl Held {
    /// All that these ask for.
    pub fn all(parties: &[Party]) -> Self {
        let mut held = Self::default();
        for party in parties {
            match party {
                Party::Role(role) => held.roles.push(role.clone()),
                Party::Group(group) => held.groups.push(group.id.clone()),
            }
        }
        held
    }

    /// Whether they belong to this party.
    pub fn is_of(&self, party: &Party) -> bool {
        match party {
            Party::Role(role) => self.roles.contains(role),
            Party::Group(group) => self.groups.contains(&group.id),
        }
    }

    /// Whether they belong to any of these.
    pub fn is_of_any(&self, parties: &[Party]) -> bool {
        parties.iter().any(|party| self.is_of(party))
    }
}

/// Someone who answers an approval, with what they hold now.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Who.
    pub person: Person,
    /// Read live, never from the journal.
    pub held: Held,
}

/// Someone who uses a verb (abort, roll back, reopen, replay, start), with what they hold now.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Who.
    pub person: Person,
    /// Read live, never from the journal.
    pub held: Held,
}
