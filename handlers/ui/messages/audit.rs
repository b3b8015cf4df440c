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
    /// Its journal; its readable part is of another release and was not compared.
    JournalFits,
    /// As far as it can be proven: records are shown without their secrets.
    AsFarAsProven,
    /// It contradicts itself.
    DoesNotFit,
}

/// One file's line.
pub fn audit_line(file: &str, fit: Fit, says: &str) -> String {
    let fit = match fit {
        Fit::Fits => "fits",
        Fit::JournalFits => "its journal fits, its readable part was not compared",
        Fit::AsFarAsProven => "fits as far as it can be proven",
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

/// That a listing says of nothing that it has ended.
pub fn nothing_listed(list: &Path) -> String {
    format!(
        "{} names no journal: a listing of closed/ has a name a line",
        list.display()
    )
}

/// That a journal that has ended is not among those that are checked.
pub fn listed_and_not_here() -> &'static str {
    "it is listed as closed, and no journal of this name is here"
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

/// What a journal proves.
pub fn proof(proof: &Proof) -> String {
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
    format!("{kind} {journal}: {ends}")
}

/// What is not proven where these records are shown without their secrets; nothing where there are none.
pub fn places_only(hidden: &[u64]) -> String {
    match hidden {
        [] => String::new(),
        [one] => format!("; record {one} is shown without its secrets and proves its place only"),
        many => format!(
            "; records {} are shown without their secrets and prove their places only",
            numbers(many)
        ),
    }
}

/// Where the readable part says what rests on such records.
pub fn marked(hidden: &[u64]) -> &'static str {
    match hidden {
        [] => "",
        [_] => "; what comes from it is marked",
        _ => "; what comes from them is marked",
    }
}

/// How to prove the rest.
pub fn journal_proves_it() -> &'static str {
    "; its journal, beside it or by --journal, proves all of it"
}

/// That these records, shown without their secrets, are those of a journal.
pub fn proven_by(hidden: &[u64], journal: &Path) -> String {
    let journal = journal.display();
    match hidden {
        [] => format!("; its records are those of {journal}"),
        [one] => format!(
            "; record {one} is shown without its secrets and, as all others, is that of {journal}"
        ),
        many => format!(
            "; records {} are shown without their secrets and, as all others, are those of {journal}",
            numbers(many)
        ),
    }
}

fn numbers(records: &[u64]) -> String {
    let numbers: Vec<String> = records.iter().map(u64::to_string).collect();
    numbers.join(", ")
}

/// On which record a part rests that only this one could prove.
pub(crate) fn hidden_ground(record: u64) -> String {
    format!("record {record}, which is shown without its secrets")
}

/// The same of several.
pub(crate) fn hidden_grounds(records: &[u64]) -> String {
    match records {
        [one] => hidden_ground(*one),
        many => format!(
            "records {}, which are shown without their secrets",
            numbers(many)
        ),
    }
}

/// What somebody did, where only such a record says so.
pub(crate) fn deed_on_hidden_ground(deed: &str, record: u64) -> String {
    format!("{deed} (rests on {})", hidden_ground(record))
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

/// That a readable part is in another release's words.
pub fn other_release(wrote: &str, this: &str) -> String {
    format!(
        "; its readable part is by {} and was not compared, for the words of {this} may differ: believe its journal only, or verify it with that release",
        name(wrote)
    )
}
