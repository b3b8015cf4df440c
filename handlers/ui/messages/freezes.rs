//! Freezes and windows: why what is approved does not start now, and when it will.

use jiff::Timestamp;
use promotion::{ModelName, Person, StageName};

use super::people::short_person;
use crate::ui::moment::utc;
use crate::ui::text::{capped, clause, name, quoted};

/// How much of a reason stands in a sentence that goes on behind it.
const REASON: usize = 240;

/// What a freeze never does, wherever one is shown.
pub(crate) const NEVER_STOPS: &str =
    "A freeze never stops an abort, a rollback or any other way back.";

/// What is said in an answer where freezes or holds cannot be read, or not soon.
pub const AGAINST_UNKNOWN: &str =
    "Whether a freeze, a window or a hold stands against it cannot be told at the moment.";

/// What stands against acting where the freezes cannot be read, as the end of a sentence.
pub const FREEZES_UNREADABLE: &str = "what is frozen cannot be read (control/freezes.json), and as long as that is so everything counts as frozen";

/// A freeze that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeText {
    /// What is frozen.
    pub frozen: FrozenText,
    /// Who set it.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// When it was last made to last longer.
    pub longer_since: Option<Timestamp>,
    /// Until when, where that was said.
    pub until: Option<Timestamp>,
}

/// What is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrozenText {
    /// Everything.
    Everything,
    /// Whatever goes into this stage.
    Stage(StageName),
    /// This model.
    Model(ModelName),
}

impl FrozenText {
    /// Whether a promotion of `model` into `stage` is meant.
    pub(crate) fn covers(&self, stage: &str, model: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Stage(frozen) => frozen.as_str() == stage,
            Self::Model(frozen) => frozen.as_str() == model,
        }
    }
}

/// What one waits for that is frozen, as the end of a sentence; `others` cover it beside this freeze.
pub fn frozen(freeze: &FreezeText, others: &[FreezeText]) -> String {
    let and = match others {
        [] => String::new(),
        [one] => format!(
            ", and 1 more freeze covers it ({})",
            frozen_scope(&one.frozen)
        ),
        several => {
            let mut scopes: Vec<_> = several
                .iter()
                .map(|one| frozen_scope(&one.frozen))
                .collect();
            scopes.sort();
            scopes.dedup();
            format!(
                ", and {} more freezes cover it ({})",
                several.len(),
                scopes.join(", ")
            )
        }
    };
    let end = match (freeze.until, others) {
        (Some(until), _) => format!(", until {}{and}", utc(until)),
        (None, []) => "; lift that on the board".to_owned(),
        (None, _) => format!("{and}; lift them on the board"),
    };
    // Whoever overrode it before it was made longer has overridden less.
    let longer = freeze.longer_since.map_or_else(String::new, |since| {
        format!(", made longer at {},", utc(since))
    });
    format!(
        "{} is frozen since {}{longer} by {}{end}",
        frozen_scope(&freeze.frozen),
        utc(freeze.since),
        by_whom(freeze, REASON),
    )
}

/// What one waits for whose route may not act now, as the end of a sentence.
pub fn outside_window(opens_at: Option<Timestamp>) -> String {
    match opens_at {
        Some(opens_at) => format!("its route's next window opens at {}", utc(opens_at)),
        None => {
            "none of its route's windows opens in the next 400 days; change `windows` in liftlock.yaml"
                .to_owned()
        }
    }
}

/// That nobody can approve now.
pub(crate) fn cannot_start(stopped: &str) -> String {
    format!(
        "Nothing starts now, so it cannot be approved as long as that lasts: {}.",
        clause(stopped)
    )
}

/// What whoever approves now is to know.
pub(crate) fn starts_later(stopped: &str) -> String {
    format!(
        "People can answer now. What is approved does not start at once: {}.",
        clause(stopped)
    )
}

/// What whoever looks at a promotion is to know.
pub(crate) fn stopped_now(stopped: &str) -> String {
    format!(
        "Nothing new begins now, neither a copy nor a step that gives it more traffic: {}. What has begun goes on. That never stops an abort, a rollback or any other way back.",
        clause(stopped)
    )
}

/// `everything`, `stage prod`, `model diabetes`.
pub(crate) fn frozen_scope(frozen: &FrozenText) -> String {
    match frozen {
        FrozenText::Everything => "everything".to_owned(),
        FrozenText::Stage(stage) => format!("stage {}", name(stage.as_str())),
        FrozenText::Model(model) => format!("model {}", name(model.as_str())),
    }
}

/// `Ada Approver, “the year ends”`, with at most so many characters of the reason.
pub(crate) fn by_whom(freeze: &FreezeText, most: usize) -> String {
    let reason = capped(&freeze.reason, most);
    let said = quoted(reason.trim_end_matches('.'));
    let said = said.map_or_else(String::new, |said| format!(", {said}"));
    format!("{}{said}", short_person(&freeze.by))
}
