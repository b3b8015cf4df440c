//! The ledger: effects planned and not yet done, folded from the journal.
//!
//! The invariant: what is in it may have happened already, once or partly; whoever performs it again must find that out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::act::CLEARANCE_UNKNOWN;
use crate::digest::Digest;
use crate::effect::{Effect, EffectKey};
use crate::route::{Deadlines, Seconds};

/// Effects planned and not yet done, in the order of planning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Not wanted any more, and perhaps under way when that was decided: what comes of it is still recorded.
    dropped: Vec<EffectKey>,
    planned: u32,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub key: EffectKey,
    /// What is wanted.
    pub effect: Effect,
    /// Since when.
    pub planned_at: Timestamp,
    /// The hash of the record that planned it.
    pub record: Digest,
    /// How far it is.
    pub state: EffectState,
    /// Whether Azure has ever said that it works on it.
    pub begun: bool,
    /// Whether it has ever waited for clearance, or for somebody who can tell, whatever has gone wrong since.
    pub(crate) has_waited: bool,
    /// Since when its time runs: since Azure has begun, where that was later than the plan.
    pub(crate) counted_from: Timestamp,
    /// Tries that failed so far.
    pub failures: u32,
    /// The last of those failures, or what it waits for.
    pub trouble: Option<Failure>,
}

/// How far an effect is.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectState {
    /// Not known to have been started.
    Planned,
    /// Azure works on it.
    Running {
        /// The operation's status URL.
        operation: String,
    },
    /// To be tried again.
    Retrying {
        /// Not before.
        at: Timestamp,
    },
}

/// What went wrong outside, in the words of whoever said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Azure's code, or one of ours.
    pub code: String,
    /// A sentence that names what was tried.
    pub message: String,
    /// The service asked to be left alone for so long.
    pub retry_after: Option<Seconds>,
}

impl Failure {
    /// A failure in our own words.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            retry_after: None,
        }
    }
}

impl Ledger {
    /// What is not done.
    pub fn undone(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this key.
    pub fn get(&self, key: &EffectKey) -> Option<&Entry> {
        self.entries.iter().find(|entry| &entry.key == key)
    }

    /// Entries that may be performed, or asked for, at `now`.
    pub fn ready(&self, now: Timestamp) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.ready_at().is_none_or(|at| at <= now))
    }

    /// When the next of them needs a look; a running operation is asked for again after its own interval from `now`. What is
    /// `endless` has no deadline to be looked at for.
    pub(crate) fn next_due(
        &self,
        now: Timestamp,
        deadlines: &Deadlines,
        endless: impl Fn(&Entry) -> bool,
    ) -> Option<Timestamp> {
        let due = |entry: &Entry| {
            // A measurement is never given up, so that its time is over is no reason to look before it may be tried again.
            let late =
                matches!(entry.effect, Effect::Measure { .. }) && entry.is_overdue(now, deadlines);
            let deadline = if late || endless(entry) {
                Timestamp::MAX
            } else {
                entry.deadline(deadlines)
            };
            entry.next_try(now).min(deadline)
        };
        self.entries.iter().map(due).min()
    }

    /// Entries whose time is over.
    pub(crate) fn overdue<'a>(
        &'a self,
        now: Timestamp,
        deadlines: &'a Deadlines,
    ) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.is_overdue(now, deadlines))
    }

    /// Whether an undone effect satisfies `wanted`.
    pub(crate) fn has(&self, wanted: impl Fn(&Effect) -> bool) -> bool {
        self.entries.iter().any(|entry| wanted(&entry.effect))
    }

    pub(crate) fn next_number(&self) -> u32 {
        self.planned + 1
    }

    pub(crate) fn plan(&mut self, key: EffectKey, effect: Effect, at: Timestamp, record: Digest) {
        self.planned += 1;
        self.entries.push(Entry {
            key,
            effect,
            planned_at: at,
            record,
            state: EffectState::Planned,
            begun: false,
            has_waited: false,
            counted_from: at,
            failures: 0,
            trouble: None,
        });
    }

    pub(crate) fn submitted(&mut self, key: &EffectKey, operation: &str, at: Timestamp) {
        if let Some(entry) = self.find(key) {
            if !entry.begun {
                entry.counted_from = at;
            }
            entry.begun = true;
            entry.state = EffectState::Running {
                operation: operation.to_owned(),
            };
            entry.trouble = None;
        }
    }

    pub(crate) fn waiting(&mut self, key: &EffectKey, reason: &Failure, at: Timestamp) {
        if let Some(entry) = self.find(key) {
            if !reason.is_lack_of_clearance() {
                entry.may_begin(at);
            }
            // A pause between tries is over: from here on it is asked for at its own interval.
            if let EffectState::Retrying { .. } = entry.state {
                entry.state = EffectState::Planned;
            }
            entry.begun |= reason.code == IN_PROGRESS;
            entry.has_waited |= reason.is_lack_of_clearance();
            entry.trouble = Some(reason.clone());
        }
    }

    pub(crate) fn retrying(&mut self, key: &EffectKey, failure: &Failure, at: Timestamp) {
        if let Some(entry) = self.find(key) {
            entry.may_begin(at);
            entry.state = EffectState::Retrying { at };
            entry.failures += 1;
            entry.has_waited |= failure.code == CLEARANCE_UNKNOWN;
            entry.trouble = Some(failure.clone());
        }
    }

    /// Takes the entry out: nobody wants it any more.
    pub(crate) fn drop_entry(&mut self, key: &EffectKey) {
        if self.settle(key).is_some() {
            self.dropped.push(key.clone());
        }
    }

    /// Whether the effect was dropped and nothing was heard of it since.
    pub(crate) fn is_dropped(&self, key: &EffectKey) -> bool {
        self.dropped.contains(key)
    }

    /// Takes the entry out: it is done or failed.
    pub(crate) fn settle(&mut self, key: &EffectKey) -> Option<Entry> {
        self.dropped.retain(|dropped| dropped != key);
        let at = self.entries.iter().position(|entry| &entry.key == key)?;
        Some(self.entries.remove(at))
    }

    fn find(&mut self, key: &EffectKey) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| &entry.key == key)
    }
}

/// How often one that waits for clearance looks again, as one does that waits for its turn.
const CLEARANCE_ASKED_EVERY: Seconds = Seconds(30);

/// What an effect waits for that somebody, an earlier call of ours perhaps, has started already: no trouble.
pub(crate) const IN_PROGRESS: &str = "InProgress";

impl Entry {
    /// Whether Azure has had all the time there is for what it works on.
    pub(crate) fn runs_too_long(&self, now: Timestamp, deadlines: &Deadlines) -> bool {
        match self.effect {
            Effect::DeleteDeployment { .. } => deadlines.deletion.after(self.counted_from) <= now,
            _ => self.is_overdue(now, deadlines),
        }
    }

    /// An entry of no journal: for an effect that is performed to see what it would find.
    pub fn unplanned(effect: Effect, at: Timestamp) -> Self {
        Self {
            key: EffectKey(format!("0.00.{}", effect.kind())),
            effect,
            planned_at: at,
            record: Digest::of(b"not planned"),
            state: EffectState::Planned,
            begun: false,
            has_waited: false,
            counted_from: at,
            failures: 0,
            trouble: None,
        }
    }

    /// That its time is over, and what was said last.
    pub(crate) fn deadline_exceeded(&self, last: Option<&Failure>) -> Failure {
        let last = last.map_or_else(String::new, |trouble| {
            format!("; last: {}", trouble.message)
        });
        let message = format!(
            "`{}` was not done within its deadline{last}",
            self.effect.kind()
        );
        Failure::new("DeadlineExceeded", message)
    }

    /// What stands in its way, if anything does: that Azure works on it is not in the way.
    pub fn obstacle(&self) -> Option<&Failure> {
        self.trouble
            .as_ref()
            .filter(|trouble| trouble.code != IN_PROGRESS)
    }

    /// It has waited for clearance, and waits no more: only now its time begins.
    fn may_begin(&mut self, at: Timestamp) {
        if self.waits_for_clearance() {
            self.counted_from = at;
        }
    }

    /// Whether its time is over.
    pub(crate) fn is_overdue(&self, now: Timestamp, deadlines: &Deadlines) -> bool {
        self.deadline(deadlines) <= now
    }

    /// When to try again after the next failure: 5 s, doubled each time up to 5 minutes, or as the service asks, within
    /// an hour.
    pub(crate) fn retry_at(&self, failure: &Failure, now: Timestamp) -> Timestamp {
        let backoff = Seconds(5u32.saturating_mul(1 << self.failures.min(6)).min(300));
        failure
            .retry_after
            .unwrap_or(backoff)
            .clamp(Seconds(1), Seconds(60 * 60))
            .after(now)
    }

    fn ready_at(&self) -> Option<Timestamp> {
        match self.state {
            EffectState::Planned | EffectState::Running { .. } => self.effect.not_before(),
            EffectState::Retrying { at } => Some(at),
        }
    }

    fn next_try(&self, now: Timestamp) -> Timestamp {
        match &self.state {
            EffectState::Retrying { at } => *at,
            EffectState::Planned if self.trouble.is_none() => {
                self.effect.not_before().unwrap_or(self.planned_at)
            }
            EffectState::Planned if self.waits_for_clearance() => CLEARANCE_ASKED_EVERY.after(now),
            EffectState::Planned => self.effect.poll_every().after(now),
            EffectState::Running { .. } => self.next_poll(now),
        }
    }

    /// What has run for long is asked for less often: by a twentieth of that time, up to five minutes.
    fn next_poll(&self, now: Timestamp) -> Timestamp {
        let ran = now.duration_since(self.planned_at).as_secs();
        let spaced = u32::try_from(ran / 20).unwrap_or(300).min(300);
        Seconds(spaced).max(self.effect.poll_every()).after(now)
    }

    fn deadline(&self, deadlines: &Deadlines) -> Timestamp {
        if self.waits_for_clearance() {
            return Timestamp::MAX;
        }
        let patience = match self.effect {
            // What Azure has begun to delete goes, sooner or later; a deletion that it refuses is given up much earlier.
            Effect::DeleteDeployment { .. } if self.begun => deadlines.deletion,
            _ => self.effect.patience(deadlines),
        };
        let may_begin = self.effect.not_before().unwrap_or(self.counted_from);
        patience.after(self.counted_from.max(may_begin))
    }
}
