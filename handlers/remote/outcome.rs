//! How it went, for people and for scripts.

use serde_json::{Value, json};

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, or it was shown.
    Done,
    /// The app said no: a role is missing, it is one's own work, a reason is missing.
    Refused,
    /// It could not be asked: no address, no sign-in, no answer, a mistake of the app.
    CouldNotRun,
    /// There is nothing of that name.
    NotFound,
    /// Not as things stand: they have changed since, it is decided, its time is over.
    Changed,
}

/// An answer.
#[derive(Debug)]
pub struct Said {
    /// What was asked for.
    pub text: String,
    /// What stands in its way, for the standard error.
    pub problem: Option<String>,
    /// How it went.
    pub outcome: Outcome,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub(super) struct NotDone {
    pub(super) outcome: Outcome,
    /// What is wrong and what to do about it.
    pub(super) sentence: String,
    /// What the app answered, where it answered in its own words.
    pub(super) body: Option<Value>,
}

impl Outcome {
    /// For scripts.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::CouldNotRun => 2,
            Self::NotFound => 3,
            Self::Changed => 4,
        }
    }
}

impl NotDone {
    pub(super) fn new(outcome: Outcome, sentence: impl Into<String>) -> Self {
        Self {
            outcome,
            sentence: sentence.into(),
            body: None,
        }
    }

    /// The app's own words, or the sentence in the same shape.
    pub(super) fn for_programs(&self) -> Value {
        let own = || {
            let code = format!("{:?}", self.outcome);
            json!({ "error": { "code": code, "message": self.sentence } })
        };
        self.body.clone().unwrap_or_else(own)
    }

    pub(super) fn could_not_run(sentence: impl Into<String>) -> Self {
        Self::new(Outcome::CouldNotRun, sentence)
    }
}
