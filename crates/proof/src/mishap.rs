//! What really happened in a play, counted: a run in which nothing did has proved nothing.

use std::collections::BTreeMap;

/// Something out of the ordinary that has taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mishap {
    /// A process died in the middle of something.
    Death,
    /// A call failed, or was done twice.
    Disturbed,
    /// A call that nobody waited for any more was done all the same.
    Landed,
    /// The last message about a journal that is open was lost.
    LostMessage,
    /// The timer did not fire.
    LostTick,
    /// A message was delivered once more after it was taken.
    DoubledMessage,
    /// An event was delivered once more after it was taken.
    DoubledEvent,
    /// A person did once more what was done.
    DoubledClick,
    /// Two processes had a turn of one journal at the same time.
    Overlap,
    /// Somebody was about to append behind what was no longer the last record.
    StaleAppend,
    /// Somebody else's doing, or Azure's, changed what the app had to do.
    Trouble,
    /// The champion had its traffic back within one interval of the measurement that failed.
    BackInTime,
    /// What was played came to another end than undisturbed, one that it may come to.
    OtherEnd,
}

impl Mishap {
    fn words(self) -> &'static str {
        match self {
            Self::Death => "deaths",
            Self::Disturbed => "calls disturbed",
            Self::Landed => "calls landed late",
            Self::LostMessage => "messages lost",
            Self::LostTick => "ticks lost",
            Self::DoubledMessage => "messages doubled",
            Self::DoubledEvent => "events doubled",
            Self::DoubledClick => "clicks doubled",
            Self::Overlap => "turns overlapping",
            Self::StaleAppend => "stale appends",
            Self::Trouble => "troubled",
            Self::BackInTime => "back within one interval",
            Self::OtherEnd => "ended otherwise",
        }
    }
}

/// How often each happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mishaps(BTreeMap<Mishap, u64>);

impl Mishaps {
    pub(crate) fn count(&mut self, mishap: Mishap) {
        *self.0.entry(mishap).or_default() += 1;
    }

    pub(crate) fn of(&self, mishap: Mishap) -> u64 {
        self.0.get(&mishap).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, others: &Self) {
        for (mishap, count) in &others.0 {
            *self.0.entry(*mishap).or_default() += count;
        }
    }

    /// Those of `needed` that never happened, in words.
    pub(crate) fn missing(&self, needed: &[Mishap]) -> Vec<&'static str> {
        let never = needed.iter().filter(|mishap| self.of(**mishap) == 0);
        never.map(|mishap| mishap.words()).collect()
    }
}

/// `12 deaths, 3 messages lost, `, ready for what follows; nothing where nothing happened.
impl std::fmt::Display for Mishaps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (mishap, count) in &self.0 {
            write!(f, "{count} {}, ", mishap.words())?;
        }
        Ok(())
    }
}
