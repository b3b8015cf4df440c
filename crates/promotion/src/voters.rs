//! Voters, once more: whether those still hold what their word rests on, read live right before an act that rests on it.
//!
//! A quorum is about the moment in which it was reached; production changes later.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::people::{Held, Party, Person};
use crate::permit::{Basis, Permit, Vote};
use crate::question::Override;

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
    /// Whose word it rests on: also of an override the approvers, where there were enough, for they may have to carry it alone.
    pub(crate) fn relied(&self) -> Vec<Relied> {
        let overrides = self.question().overrides.iter().map(|one| Relied {
            person: one.person.clone(),
            standing: self.pinned().quorum.overriders.clone(),
        });
        let votes = self.votes().iter().map(|vote| Relied {
            person: vote.person.clone(),
            standing: self.standing_of(vote),
        });
        match self.basis() {
            Basis::Approved => votes.collect(),
            Basis::Overridden if self.pinned().quorum.is_reached(self.votes()) => {
                merged(overrides.chain(votes))
            }
            Basis::Overridden => overrides.collect(),
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
        match self.basis() {
            Basis::Automatic => None,
            Basis::Overridden => {
                let gone = self.overriders(still, Holding::Nothing).next()?;
                let enough = self.override_holds(still) || self.holds_without_override(still);
                (!enough).then(|| gone.person.clone())
            }
            Basis::Approved => {
                let lost = |vote: &&Vote| {
                    let now = holds(still, &vote.person, &self.standing_of(vote));
                    now.len() < self.standing_of(vote).len()
                };
                let gone = self.votes().iter().find(lost)?;
                (!self.approvals_hold(still)).then(|| gone.person.clone())
            }
        }
    }

    /// Whether too few are left of those who have overridden it, and it needs none of them.
    pub(crate) fn is_carried_without_override(&self, still: &[Relied]) -> bool {
        let overridden = self.basis() == Basis::Overridden;
        overridden && !self.override_holds(still) && self.holds_without_override(still)
    }

    /// Whether enough are left of those who have approved it, or its route asks nobody.
    fn holds_without_override(&self, still: &[Relied]) -> bool {
        self.question().automatic.is_some() || self.approvals_hold(still)
    }

    /// Whether two distinct people are left of those who have overridden it.
    fn override_holds(&self, still: &[Relied]) -> bool {
        let mut left = self.overriders(still, Holding::Something);
        let first = left.next();
        first.is_some_and(|first| left.any(|other| other.person != first.person))
    }

    /// Those who have overridden it and hold now what that takes, or those who do not.
    fn overriders(&self, still: &[Relied], wanted: Holding) -> impl Iterator<Item = &Override> {
        let parties = &self.pinned().quorum.overriders;
        let overrides = self.question().overrides.iter();
        overrides.filter(move |one| {
            let now = if holds(still, &one.person, parties).is_empty() {
                Holding::Nothing
            } else {
                Holding::Something
            };
            now == wanted
        })
    }

    /// Whether those are enough who have approved it and still hold what they answered for.
    fn approvals_hold(&self, still: &[Relied]) -> bool {
        let votes = self.votes().iter().filter_map(|vote| {
            let standing = holds(still, &vote.person, &self.standing_of(vote));
            let vote = Vote {
                standing,
                ..vote.clone()
            };
            (!vote.standing.is_empty()).then_some(vote)
        });
        let left: Vec<Vote> = votes.collect();
        self.pinned().quorum.is_reached(&left)
    }
}

/// Whether somebody holds any of what their word rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    Something,
    Nothing,
}

/// What of these parties somebody was found to hold.
pub(crate) fn holds(still: &[Relied], person: &Person, of: &[Party]) -> Vec<Party> {
    let found = still.iter().find(|one| one.person == *person);
    let found = found.into_iter().flat_map(|one| &one.standing);
    found.filter(|party| of.contains(party)).cloned().collect()
}

/// Each person once, with all that they answered for.
fn merged(relied: impl Iterator<Item = Relied>) -> Vec<Relied> {
    let mut all: Vec<Relied> = Vec::new();
    for one in relied {
        match all.iter_mut().find(|known| known.person == one.person) {
            Some(known) => {
                let more = one.standing.into_iter();
                let more: Vec<Party> = more
                    .filter(|party| !known.standing.contains(party))
                    .collect();
                known.standing.extend(more);
            }
            None => all.push(one),
        }
    }
    all
}
