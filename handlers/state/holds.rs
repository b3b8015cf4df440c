//! Holds: why nothing is promoted to a target, who lifted what stood there, and when.
//!
//! The invariant: what a promotion holds is held once. It stays known after it was lifted, so that a repeat of the effect
//! that set it changes nothing. Each stands since later than those before it, so that whoever names the newest that they were
//! shown lifts none that was set after. Holds live in the target's blob, so they change only by a conditional write over what
//! was read.

use jiff::{SignedDuration, Timestamp};
use promotion::{Attempt, Person, PromotionId};
use serde::{Deserialize, Serialize};

use super::targets::Target;

/// How many lifted holds are kept: for whoever asks, and for repeats of what set them.
const LIFTED: usize = 20;

/// Why nothing is promoted to a target until a person lifts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Who set it.
    pub by: HeldBy,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// Who holds a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum HeldBy {
    /// A promotion whose candidate was taken back.
    Rollback {
        /// Which.
        promotion: PromotionId,
        /// In which attempt.
        attempt: Attempt,
    },
    /// A person.
    Person {
        /// Who.
        person: Person,
    },
}

/// A hold that somebody has lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifted {
    /// What stood there.
    pub hold: Hold,
    /// Who lifted it.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What came of setting or lifting a hold in a target that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is to be written.
    Made,
    /// It is as it should be already.
    None,
    /// Another hold was set since somebody looked.
    Overtaken,
}

impl Target {
    /// Sets a hold, unless this promotion or this person holds the target already, or that promotion's hold was lifted.
    pub fn hold(&mut self, mut hold: Hold) -> Change {
        let known = match &hold.by {
            HeldBy::Rollback { .. } => {
                let lifted = self.lifted.iter().map(|lifted| &lifted.hold);
                let mut all = self.holds.iter().chain(lifted);
                all.any(|known| known.by == hold.by)
            }
            HeldBy::Person { .. } => self.holds.iter().any(|held| held.by == hold.by),
        };
        if known {
            return Change::None;
        }
        if let Some(newest) = self.newest() {
            // A rollback's began before it was set; by its own time it would pass for one that was seen.
            let after = newest.since.checked_add(SignedDuration::from_nanos(1));
            hold.since = hold.since.max(after.unwrap_or(Timestamp::MAX));
        }
        self.holds.push(hold);
        Change::Made
    }

    /// The hold that stands since last, wherever an older release put it in the list.
    pub fn newest(&self) -> Option<&Hold> {
        self.holds.iter().max_by_key(|hold| hold.since)
    }

    /// Lifts all that stands; only if the newest of them is the one that was `seen`, where somebody says which that was.
    pub fn lift(
        &mut self,
        by: &Person,
        reason: &str,
        seen: Option<Timestamp>,
        at: Timestamp,
    ) -> Change {
        let Some(newest) = self.newest() else {
            return Change::None;
        };
        if seen.is_some_and(|seen| seen != newest.since) {
            return Change::Overtaken;
        }
        let lifted = self.holds.drain(..).map(|hold| Lifted {
            hold,
            by: by.clone(),
            reason: reason.to_owned(),
            at,
        });
        self.lifted.extend(lifted);
        let surplus = self.lifted.len().saturating_sub(LIFTED);
        self.lifted.drain(..surplus);
        Change::Made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use promotion::PersonId;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ada() -> Person {
        Person {
            id: PersonId::new("ada"),
            name: "Ada".to_owned(),
        }
    }

    fn rolled_back(promotion: &str, second: i64) -> Hold {
        Hold {
            by: HeldBy::Rollback {
                promotion: PromotionId::new(promotion),
                attempt: Attempt::FIRST,
            },
            reason: "it was rolled back".to_owned(),
            since: at(second),
        }
    }

    fn by_hand(second: i64) -> Hold {
        Hold {
            by: HeldBy::Person { person: ada() },
            reason: "the year ends".to_owned(),
            since: at(second),
        }
    }

    #[test]
    fn what_a_promotion_holds_is_held_once_even_after_it_was_lifted() {
        let mut target = Target::default();
        assert_eq!(target.hold(rolled_back("m-1", 1)), Change::Made);
        assert_eq!(target.hold(rolled_back("m-1", 2)), Change::None);
        assert_eq!(target.lift(&ada(), "seen to", None, at(3)), Change::Made);
        assert_eq!(target.lift(&ada(), "once more", None, at(4)), Change::None);
        assert_eq!(target.hold(rolled_back("m-1", 5)), Change::None);
        assert_eq!(target.hold(rolled_back("m-2", 6)), Change::Made);
        assert_eq!((target.holds.len(), target.lifted.len()), (1, 1));
        assert_eq!(target.lifted[0].reason, "seen to");
    }

    #[test]
    fn a_person_holds_beside_a_rollback_once_and_may_hold_again() {
        let mut target = Target::default();
        target.hold(rolled_back("m-1", 1));
        assert_eq!(target.hold(by_hand(2)), Change::Made);
        assert_eq!(target.hold(by_hand(3)), Change::None);
        // Somebody else has a reason of their own, which is kept beside it.
        let ben = Person {
            id: PersonId::new("ben"),
            name: "Ben".to_owned(),
        };
        let his = Hold {
            by: HeldBy::Person { person: ben },
            ..by_hand(3)
        };
        assert_eq!(target.hold(his.clone()), Change::Made);
        assert_eq!(target.hold(his), Change::None);
        assert_eq!(target.lift(&ada(), "both", None, at(4)), Change::Made);
        assert_eq!((target.holds.len(), target.lifted.len()), (0, 3));
        assert_eq!(target.hold(by_hand(5)), Change::Made);
    }

    #[test]
    fn nobody_lifts_what_they_were_not_shown() {
        let mut target = Target::default();
        target.hold(rolled_back("m-1", 1));
        target.hold(rolled_back("m-2", 2));
        let lift = |target: &mut Target, seen| target.lift(&ada(), "why", Some(at(seen)), at(9));
        assert_eq!(lift(&mut target, 1), Change::Overtaken);
        assert_eq!(target.holds.len(), 2);
        assert_eq!(lift(&mut target, 2), Change::Made);
    }

    #[test]
    fn a_hold_that_began_before_the_newest_is_not_taken_for_one_that_was_seen() {
        let mut target = Target::default();
        target.hold(by_hand(5));
        let seen = target.newest().unwrap().since;
        assert_eq!(target.hold(rolled_back("m-1", 3)), Change::Made);
        let lift = |target: &mut Target, seen| target.lift(&ada(), "why", Some(seen), at(9));
        assert_eq!(lift(&mut target, seen), Change::Overtaken);
        let seen = target.newest().unwrap().since;
        assert_eq!(lift(&mut target, seen), Change::Made);
    }

    #[test]
    fn what_an_older_release_has_put_out_of_order_is_lifted_by_the_newest() {
        let mut target = Target {
            holds: vec![by_hand(5), rolled_back("m-1", 3)],
            ..Target::default()
        };
        let lift = |target: &mut Target, seen| target.lift(&ada(), "why", Some(at(seen)), at(9));
        assert_eq!(lift(&mut target, 3), Change::Overtaken);
        assert_eq!(lift(&mut target, 5), Change::Made);
    }

    #[test]
    fn what_was_lifted_is_kept_for_a_while() {
        let mut target = Target::default();
        for second in 0..30 {
            target.hold(by_hand(second));
            target.lift(&ada(), "on", None, at(second));
        }
        assert_eq!(target.lifted.len(), LIFTED);
        assert_eq!(target.lifted[0].at, at(10));
    }

    #[test]
    fn a_blob_of_an_older_release_holds_nothing() {
        let older: Target = serde_json::from_str(r#"{"holder":null}"#).unwrap();
        assert_eq!(older, Target::default());
    }
}
