//! What an audit found, one line a journal.

use promotion::audit::{Proof, Subject, Tail};

use super::super::figures::counted;
use super::super::text::{capped, name};

const SHOWN: usize = 120;

/// What a journal proves; `hidden` are the records that are shown without their secrets.
pub fn proof(proof: &Proof, hidden: &[u64]) -> String {
    let kind = match proof.subject {
        Subject::Promotion(_) => "promotion",
        Subject::Intake(_) => "intake",
    };
    let journal = capped(proof.journal.trim_start_matches("intake/"), 2 * SHOWN);
    let records = counted(proof.records, "record");
    let attempts = counted(u64::from(proof.subject.attempts()), "attempt");
    let stage = proof.subject.stage();
    let ends = match proof.tail {
        Tail::Closed => format!("{records}, {attempts}, {stage}"),
        Tail::ClosedWithoutChecksum => format!(
            "{records}, {attempts}, {stage}; the last record is of format 1 and has no checksum of its own"
        ),
        Tail::Open => {
            format!("open, {records}, {attempts}, {stage}; its tail cannot be proven")
        }
    };
    format!("{kind} {journal}: {ends}{}", without_secrets(hidden))
}

fn without_secrets(hidden: &[u64]) -> String {
    let numbers: Vec<String> = hidden.iter().map(u64::to_string).collect();
    match numbers.as_slice() {
        [] => String::new(),
        [one] => format!("; record {one} is shown without its secrets and proves its place only"),
        many => format!(
            "; records {} are shown without their secrets and prove their places only",
            many.join(", ")
        ),
    }
}

/// A place of an exported file that says something else than its journal.
pub fn differs(place: &str, says: &str, journal: &str) -> String {
    format!(
        "{} says {}, and its journal says {}",
        name(place),
        capped(says, SHOWN),
        capped(journal, SHOWN)
    )
}

/// The same values, and other bytes: who reads it may see something else than a program.
pub fn laid_out_otherwise() -> &'static str {
    "its readable part is not laid out as it was written; export it again"
}

/// That another release wrote the file.
pub fn other_release(wrote: &str, this: &str) -> String {
    format!(
        "it was written by {}, and this is {this}, whose words may differ: verify it with that release",
        name(wrote)
    )
}
