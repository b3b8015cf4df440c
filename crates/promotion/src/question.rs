//! The question that people are asked, beside their answers: since when, who was reminded, who overrode it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::click::ClickId;
use crate::digest::Digest;
use crate::ids::PersonId;
use crate::notice::Notice;
use crate::people::Person;
use crate::permit::{Pinned, Vote};
use crate::route::Seconds;

/// How often a question is put again at most; whoever has not answered by then is not going to.
const REMINDERS: u32 = 100;

/// How many who may not answer are noted; the log has all of them.
const DENIALS: usize = 50;

/// What is known of a question beside what it is about and who has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Since when people are asked.
    pub asked_at: Timestamp,
    /// When they were last reminded, and how often.
    pub(crate) reminded: Option<(Timestamp, u32)>,
    /// When it went to others as well.
    pub escalated_at: Option<Timestamp>,
    /// Whether another channel was told of that.
    pub(crate) told_elsewhere: bool,
    /// Who wants it overridden.
    pub overrides: Vec<Override>,
    /// The gates that stand for people, where the route asks nobody.
    pub automatic: Option<Vec<String>>,
    /// Clicks that were heard, also those whose answer was taken back since: each counts once.
    pub(crate) heard: Vec<ClickId>,
    /// Who has taken their word back, once each time.
    pub(crate) taken_back: Vec<Person>,
    /// Who tried to answer and may not.
    pub(crate) denied: Vec<(PersonId, Tried, Denial)>,
    /// What somebody found who looked at an override afterwards.
    pub review: Option<Review>,
    /// The last of them.
    pub last_taken_back: Option<Withdrawal>,
}

/// Somebody's word, taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Withdrawal {
    /// What they had said.
    pub what: TakenBack,
    /// Who.
    pub by: Person,
    /// Why, in their words.
    pub reason: String,
}

/// What somebody has taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// Their approval.
    Approval,
    /// Their wish to override.
    Override,
    /// The one and the other.
    Both,
}

/// One person's word that the quorum is not waited for: the audited bypass, never an approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// Who.
    pub person: Person,
    /// Why, in their words.
    pub reason: String,
    /// The decision digest that they were shown.
    pub digest: Digest,
    /// When.
    pub at: Timestamp,
}

/// What somebody found who looked at an override afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Who: none of those who overrode it.
    pub person: Person,
    /// What, in their words.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// What somebody tried who may not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tried {
    /// To agree.
    Approve,
    /// To refuse.
    Reject,
    /// To go past the quorum.
    Override,
    /// To say that an override was looked at.
    Review,
}

/// Why somebody's answer does not count, whatever the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Denial {
    /// They hold none of the roles and groups that are asked.
    RoleMissing,
    /// It is their own work.
    OwnWork,
    /// They came from outside this tenant, are a guest in it, or their account is disabled.
    NotAMember,
}

impl Question {
    /// How often one person's word is taken back within an attempt at most: each word and each change of mind is a record.
    pub const MOST_TAKEN_BACK: usize = 20;

    /// Two people override together, or nobody does.
    pub const OVERRIDERS: usize = 2;

    pub(crate) fn new(asked_at: Timestamp) -> Self {
        Self {
            asked_at,
            reminded: None,
            escalated_at: None,
            told_elsewhere: false,
            overrides: vec![],
            automatic: None,
            heard: vec![],
            taken_back: vec![],
            denied: vec![],
            review: None,
            last_taken_back: None,
        }
    }

    /// Whether two distinct people have overridden it.
    pub fn is_overridden(&self) -> bool {
        let Some((first, others)) = self.overrides.split_first() else {
            return false;
        };
        others.iter().any(|other| other.person != first.person)
    }

    /// Whether it is news that this person tried that and may not. Who tries very much fills no journal.
    pub(crate) fn is_news(&self, by: &Person, tried: Tried, why: Denial) -> bool {
        let denied = (by.id.clone(), tried, why);
        self.denied.len() < DENIALS && !self.denied.contains(&denied)
    }

    /// Whether this very click was heard before.
    pub(crate) fn has_heard(&self, click: Option<&ClickId>) -> bool {
        click.is_some_and(|click| self.heard.contains(click))
    }

    /// Whether somebody who took an approval back has not given another one.
    pub fn misses_what_was_taken_back(&self, votes: &[Vote]) -> bool {
        let agrees = |person: &Person| votes.iter().any(|vote| vote.person == *person);
        let last = self.last_taken_back.as_ref();
        last.is_none_or(|last| last.what != TakenBack::Override)
            && self.taken_back.iter().any(|person| !agrees(person))
    }

    /// How often this person has taken their word back.
    pub fn took_back(&self, person: &Person) -> usize {
        let theirs = |one: &&Person| *one == person;
        self.taken_back.iter().filter(theirs).count()
    }

    /// Whether this person has changed their mind so often that they agree to nothing more here.
    pub(crate) fn hears_no_more(&self, person: &Person) -> bool {
        self.took_back(person) >= Self::MOST_TAKEN_BACK
    }

    /// Notes what people were told of it.
    pub(crate) fn note_told(&mut self, notice: Notice, at: Timestamp) {
        match notice {
            Notice::Reminder => {
                let count = self.reminded.map_or(0, |(_, count)| count);
                self.reminded = Some((at, count + 1));
            }
            Notice::Escalated => self.escalated_at = Some(at),
            Notice::EscalatedElsewhere => self.told_elsewhere = true,
            _ => {}
        }
    }

    /// When people are reminded next.
    pub(crate) fn remind_at(&self, every: Option<Seconds>) -> Option<Timestamp> {
        let (last, count) = self.reminded.unwrap_or((self.asked_at, 0));
        every
            .filter(|_| count < REMINDERS)
            .map(|every| every.after(last))
    }

    /// Whether another channel is to be told that it went to others as well.
    pub(crate) fn tells_elsewhere(&self, pinned: &Pinned) -> bool {
        let escalation = pinned.quorum.escalation.as_ref();
        let wanted = escalation.is_some_and(|escalation| escalation.elsewhere);
        wanted && self.escalated_at.is_some() && !self.told_elsewhere
    }

    /// When it goes to others as well.
    pub(crate) fn escalate_at(&self, pinned: &Pinned) -> Option<Timestamp> {
        let escalation = pinned.quorum.escalation.as_ref()?;
        self.escalated_at
            .is_none()
            .then(|| escalation.after.after(self.asked_at))
    }
}
