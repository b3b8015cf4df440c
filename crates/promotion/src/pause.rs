//! What a rollout waits for a person at, by a name that a form or a program can say back: so that an answer that comes late or
//! twice never ends another wait.

use std::fmt;

use crate::analysis::AnalysisId;
use crate::ids::Attempt;

/// One wait for a person in one attempt: `1.2` is the one at step 2 of attempt 1, `1.beside-2` the one for the second analysis
/// beside its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseId {
    attempt: Attempt,
    at: AnalysisId,
}

const BESIDE: &str = "beside-";

impl PauseId {
    pub(crate) fn new(attempt: Attempt, at: AnalysisId) -> Self {
        Self { attempt, at }
    }

    /// Takes one from a form or a program; refuses what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (attempt, place) = text.split_once('.')?;
        let at = match place.strip_prefix(BESIDE) {
            Some(number) => AnalysisId::Beside(number.parse().ok()?),
            None => AnalysisId::Step(place.parse::<usize>().ok()?.checked_sub(1)?),
        };
        Some(Self {
            attempt: Attempt(attempt.parse().ok()?),
            at,
        })
    }

    /// What is waited for.
    pub(crate) fn at(self) -> AnalysisId {
        self.at
    }
}

impl fmt::Display for PauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            AnalysisId::Step(step) => write!(f, "{}.{}", self.attempt, step + 1),
            AnalysisId::Beside(number) => write!(f, "{}.{BESIDE}{number}", self.attempt),
        }
    }
}
