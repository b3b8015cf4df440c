//! Voters, once more: whether those still hold what their word rests on, read live right before an act that rests on it.
//!
//! A quorum is about the moment in which it was reached; production changes later.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::people::{Held, Party, Person};
use crate::permit::{Basis, Permit, Vote};

/// Somebody whose word an act rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relied {
    /// Who.
    pub person: Person,
    /// What they held of what counts, and must still hold.
    pub standing: Vec<Party>,
}

/// Why nothing new may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Who stopped the line.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// Until when; absent: until somebody lifts it.
    pub until: Option<Timestamp>,
}

impl Relied {
    /// What of it they hold now.
    pub fn still(&self, held: &Held) -> Vec<Party> {
        let still = self.standing.iter().filter(|party| held.is_of(party));
        still.cloned().collect()
    }
}

impl Permit {
    /// Whose word it rests on.
    pub(crate) fn relied(&self) -> Vec<Relied> {
        match self.basis() {
            Basis::Approved => {
                let votes = self.votes().iter();
                votes
                    .map(|vote| Relied {
                        person: vote.person.clone(),
                        standing: self.standing_of(vote),
                    })
                    .collect()
            }
            Basis::Overridden => {
                let overrides = self.question().overrides.iter();
                overrides
                    .map(|one| Relied {
                        person: one.person.clone(),
                        standing: self.pinned().quorum.overriders.clone(),
                    })
                    .collect()
            }
            Basis::Automatic => vec![],
        }
    }

    /// What a voter answered for; journals of older releases do not say, and then any of the approvers' roles counts.
    fn standing_of(&self, vote: &Vote) -> Vec<Party> {
        if vote.standing.is_empty() {
            self.pinned().quorum.parties.clone()
        } else {
            vote.standing.clone()
        }
    }

    /// Who of them does not hold any more what their word rests on, so that it is not enough; nobody: it still is.
    pub(crate) fn lost(&self, still: &[Relied]) -> Option<Person> {
        let holds = |person: &Person| {
            let now = still.iter().find(|one| one.person == *person);
            now.map(|one| one.standing.clone()).unwrap_or_default()
        };
        match self.basis() {
            Basis::Automatic => None,
            Basis::Overridden => {
                let mut overrides = self.question().overrides.iter();
                let gone = overrides.find(|one| holds(&one.person).is_empty())?;
                Some(gone.person.clone())
            }
            Basis::Approved => {
                let mut left = Vec::new();
                let mut gone = None;
                for vote in self.votes() {
                    let standing = holds(&vote.person);
                    if standing.len() < self.standing_of(vote).len() {
                        gone.get_or_insert_with(|| vote.person.clone());
                    }
                    if !standing.is_empty() {
                        let mut vote = vote.clone();
                        vote.standing = standing;
                        left.push(vote);
                    }
                }
                gone.filter(|_| !self.pinned().quorum.is_reached(&left))
            }
        }
    }
}
