//! What is kept and cannot be read: trying again does not help, and somebody has to look.

use crate::ui::text::{clause, name};

/// That something cannot be read, to whoever is not signed in: what lies where, and what stands in it, is not theirs to know.
pub const UNREADABLE: &str =
    "What this page is made of cannot be read, and trying again will not help. Sign in to see why.";

/// That a journal cannot be read.
pub fn unreadable_journal(journal: &str, why: &str) -> String {
    format!(
        "The journal {}.jsonl cannot be read: {}. Trying again will not help. If a newer release has written it, update this \
         one; else `liftlock audit verify` names the record that does not fit, and docs/audit.md says what to make of it.",
        name(journal),
        clause(why)
    )
}

/// That something else of the state cannot be read.
pub fn unreadable_state(what: &str, why: &str) -> String {
    format!(
        "{} in the container state cannot be read: {}. Trying again will not help. `liftlock repair --dry-run` says what to do, \
         and docs/operations.md why.",
        name(what),
        clause(why)
    )
}
