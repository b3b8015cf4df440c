//! What an audit found, one line a journal.

use promotion::audit::{Proof, Subject, Tail};

use serde::Serialize;
use std::io;
use std::path::Path;

use super::super::figures::counted;
use super::super::text::{capped, name};

const SHOWN: usize = 120;

/// How far what stands in a file is what its journal proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fit {
    /// All of it.
    Fits,
    /// It contradicts itself.
    DoesNotFit,
}

/// One file's line.
pub fn audit_line(file: &str, fit: Fit, says: &str) -> String {
    let fit = match fit {
        Fit::Fits => "fits",
        Fit::DoesNotFit => "does not fit",
    };
    format!("{file}: {fit}: {says}\n")
}

/// That a file or folder cannot be read.
pub fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

/// That an answer cannot be written.
pub fn unwritten(error: &io::Error) -> String {
    format!("liftlock: the answer cannot be written: {error}; make room, or write it elsewhere")
}

/// That there is nothing to check.
pub fn no_journal() -> &'static str {
    "there is no journal here: name *.jsonl files or folders with them"
}

/// That an exported file is in its place.
pub fn exported(path: &Path) -> String {
    format!("{} is written\n", path.display())
}

/// That a journal is not handed out.
pub fn not_exported(promotion: &str, why: &str) -> String {
    format!("{promotion} cannot be exported: {why}")
}

/// That a file's bytes are no text.
pub fn no_text() -> &'static str {
    "it is no text"
}

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
