//! What a rollout waits for: for how long, or for a person, by a name that a form or a program can say back, so that an answer
//! that comes late or twice never ends another wait.

use jiff::Timestamp;
use std::fmt;

use crate::analysis::AnalysisId;
use crate::ids::Attempt;
use crate::stage::Rollout;

/// One wait for a person in one attempt: `1.2` is the one at step 2 of attempt 1, `1.beside-2` the one for the second analysis
/// beside its steps, `1.drift-1` the one for what somebody else has changed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseId {
    attempt: Attempt,
    at: PauseAt,
}

/// What a person is waited for at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseAt {
    /// A step: a pause, or an analysis that could not tell; its index.
    Step(usize),
    /// An analysis beside the steps that could not tell; its number.
    Beside(u32),
    /// What somebody else has changed; its number.
    Drift(u32),
}

impl Rollout {
    /// From when on the time counts of a pause, a bake, or the wait for a first measurement, that began at `since`: from when the
    /// endpoint shows the traffic that was agreed to. Nothing, while that is being set, or set right: nobody can see meanwhile how the
    /// candidate does.
    pub fn counts_from(&self, since: Timestamp) -> Option<Timestamp> {
        let since = self.put_back_at.map_or(since, |at| since.max(at));
        match &self.traffic {
            Some(write) => write.settled.then(|| since.max(write.at)),
            None => Some(since),
        }
    }
}

const BESIDE: &str = "beside-";
const DRIFT: &str = "drift-";

impl From<AnalysisId> for PauseAt {
    fn from(analysis: AnalysisId) -> Self {
        match analysis {
            AnalysisId::Step(step) => Self::Step(step),
            AnalysisId::Beside(number) => Self::Beside(number),
        }
    }
}

impl PauseId {
    pub(crate) fn new(attempt: Attempt, at: PauseAt) -> Self {
        Self { attempt, at }
    }

    /// Takes one from a form or a program; refuses what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (attempt, place) = text.split_once('.')?;
        let at = match (place.strip_prefix(BESIDE), place.strip_prefix(DRIFT)) {
            (Some(number), _) => PauseAt::Beside(number.parse().ok()?),
            (None, Some(number)) => PauseAt::Drift(number.parse().ok()?),
            (None, None) => PauseAt::Step(place.parse::<usize>().ok()?.checked_sub(1)?),
        };
        Some(Self {
            attempt: Attempt(attempt.parse().ok()?),
            at,
        })
    }

    /// What is waited for.
    pub(crate) fn at(self) -> PauseAt {
        self.at
    }
}

impl fmt::Display for PauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            PauseAt::Step(step) => write!(f, "{}.{}", self.attempt, step + 1),
            PauseAt::Beside(number) => write!(f, "{}.{BESIDE}{number}", self.attempt),
            PauseAt::Drift(number) => write!(f, "{}.{DRIFT}{number}", self.attempt),
        }
    }
}
