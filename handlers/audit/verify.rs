//! `liftlock audit verify`: one line a journal, offline.

use promotion::audit::{Named, Proof, Tail, Wanted};
use serde::Serialize;
use std::path::Path;

use super::closed::Closed;
use super::command::{Outcome, Said, Verify};
use super::exported::{self, Checked, Readable, Untrue};
use super::files::{Found, Kind, collect};
use super::witness::Witness;
use crate::causes::chain;
use crate::ui::{self, Fit};

/// What one file says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    file: String,
    #[serde(rename = "verdict")]
    fit: Fit,
    /// Whether all of it does.
    fits: bool,
    /// The journal's name; none where it cannot be told.
    journal: Option<String>,
    /// What it proves, or why it does not fit.
    says: String,
    /// The first record that does not fit, from 0.
    record: Option<u64>,
    records: Option<u64>,
    attempts: Option<u32>,
    /// Where it is, or how it ended.
    stage: Option<&'static str>,
    last_hash: Option<String>,
    /// Whether it ends with its closing record.
    closed: Option<bool>,
    shown_without_secrets: Vec<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdicts<'v> {
    fit: usize,
    /// Only the journal in it; the rest was not compared.
    journal_fits: usize,
    /// As far as it can be proven.
    partly: usize,
    misfit: usize,
    journals: &'v [Verdict],
}

/// Checks every file that is named or lies in a folder that is.
pub fn verify(asked: &Verify) -> Said {
    let known = match Known::read(asked) {
        Ok(known) => known,
        Err(problem) => return unread_first(problem),
    };
    let (found, unread) = collect(&asked.journals);
    let mut problems: Vec<String> = unread
        .iter()
        .map(|unread| ui::unreadable(&unread.path, &unread.error))
        .collect();
    let mut verdicts = Vec::new();
    for file in &found {
        match std::fs::read(&file.path) {
            Ok(bytes) => verdicts.push(judge(file, &bytes, &known)),
            Err(error) => problems.push(ui::unreadable(&file.path, &error)),
        }
    }
    verdicts.extend(known.missing(&found));
    if verdicts.is_empty() && problems.is_empty() {
        problems.push(ui::no_journal().to_owned());
    }
    Said {
        outcome: outcome(&verdicts, &problems),
        text: if asked.json {
            json(&verdicts)
        } else {
            verdicts.iter().map(Verdict::line).collect()
        },
        problems,
    }
}

/// What is known from elsewhere than the files.
struct Known<'a> {
    /// Of each of them.
    end: Wanted,
    closed: Closed,
    witness: Witness<'a>,
}

impl<'a> Known<'a> {
    fn read(asked: &'a Verify) -> Result<Self, String> {
        let end = if asked.ended {
            Wanted::Ended
        } else {
            Wanted::Anything
        };
        Ok(Self {
            end,
            closed: Closed::read(asked.closed_list.as_deref())?,
            witness: Witness::named(asked.journal.as_deref())?,
        })
    }

    /// Of the end of the journal in a file of this name.
    fn end_of(&self, name: &str) -> Wanted {
        if self.closed.lists(name) {
            Wanted::Ended
        } else {
            self.end
        }
    }

    /// What has ended and is not among these.
    fn missing(&self, found: &[Found]) -> Vec<Verdict> {
        let journals = found.iter().filter(|file| file.kind == Kind::Journal);
        let seen = journals.map(|file| name(&file.path)).collect();
        let missing = self.closed.without(&seen).into_iter();
        missing.map(Verdict::missing).collect()
    }
}

/// The name of the journal that a file holds, without its folders: whatever was downloaded keeps it.
fn name(path: &Path) -> String {
    let name = path.file_stem().map(std::ffi::OsStr::to_string_lossy);
    name.unwrap_or_default().into_owned()
}

fn unread_first(problem: String) -> Said {
    Said {
        outcome: Outcome::Unread,
        text: String::new(),
        problems: vec![problem],
    }
}

/// That something does not fit is worse than that something could not be read, and that is worse than a part unproven.
fn outcome(verdicts: &[Verdict], problems: &[String]) -> Outcome {
    let any = |fit| verdicts.iter().any(|verdict| verdict.fit == fit);
    if any(Fit::DoesNotFit) {
        Outcome::Misfit
    } else if !problems.is_empty() {
        Outcome::Unread
    } else if any(Fit::AsFarAsProven) {
        Outcome::Partly
    } else {
        Outcome::Fits
    }
}

fn judge(file: &Found, bytes: &[u8], known: &Known<'_>) -> Verdict {
    let judged = match file.kind {
        Kind::Journal => journal(&file.path, bytes, known),
        Kind::Exported => exported(&file.path, bytes, known),
    };
    judged.unwrap_or_else(|untrue| Verdict::misfit(file.path.display().to_string(), &untrue))
}

fn journal(path: &Path, bytes: &[u8], known: &Known<'_>) -> Result<Verdict, Untrue> {
    let name = name(path);
    let proof = promotion::audit::verify(bytes, Named::File(&name), known.end_of(&name))?;
    Ok(Verdict::journal(path.display().to_string(), &proof))
}

fn exported(path: &Path, bytes: &[u8], known: &Known<'_>) -> Result<Verdict, Untrue> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|_| Untrue::Readable(ui::no_text().to_owned()))?;
    let checked = exported::check(text, known.end)?;
    let proven_by = known.witness.proves(path, &checked)?;
    Ok(Verdict::exported(path, &checked, proven_by.as_deref()))
}

fn json(verdicts: &[Verdict]) -> String {
    let count = |fit| verdicts.iter().filter(|verdict| verdict.fit == fit).count();
    let all = Verdicts {
        fit: count(Fit::Fits),
        journal_fits: count(Fit::JournalFits),
        partly: count(Fit::AsFarAsProven),
        misfit: count(Fit::DoesNotFit),
        journals: verdicts,
    };
    serde_json::to_string_pretty(&all).expect("texts and numbers serialize") + "\n"
}

impl Verdict {
    fn journal(file: String, proof: &Proof) -> Self {
        Self {
            file,
            fit: Fit::Fits,
            fits: true,
            journal: Some(proof.journal.clone()),
            says: ui::proof(proof),
            record: None,
            records: Some(proof.records),
            attempts: Some(proof.subject.attempts()),
            stage: Some(proof.subject.stage()),
            last_hash: Some(proof.head.to_string()),
            closed: Some(proof.tail != Tail::Open),
            shown_without_secrets: vec![],
        }
    }

    /// Of an exported file, and the journal that its records were compared with.
    fn exported(path: &Path, checked: &Checked, proven_by: Option<&Path>) -> Self {
        let hidden = &checked.hidden;
        let (compared, foreign) = match &checked.readable {
            Readable::AsItsJournal => (Fit::Fits, String::new()),
            Readable::Foreign { written_by, this } => {
                (Fit::JournalFits, ui::other_release(written_by, this))
            }
        };
        let marked = if compared == Fit::Fits {
            ui::marked(hidden)
        } else {
            ""
        };
        let (fit, more) = match proven_by {
            Some(journal) => (compared, ui::proven_by(hidden, journal)),
            None if hidden.is_empty() => (compared, String::new()),
            None => {
                let more = [&ui::places_only(hidden), marked, ui::journal_proves_it()];
                (Fit::AsFarAsProven, more.concat())
            }
        };
        let whole = Self::journal(path.display().to_string(), &checked.proof);
        Self {
            fit,
            fits: fit == Fit::Fits,
            says: whole.says + &more + &foreign,
            shown_without_secrets: hidden.clone(),
            ..whole
        }
    }

    fn misfit(file: String, untrue: &Untrue) -> Self {
        Self {
            record: untrue.record(),
            ..Self::unproven(file, chain(untrue))
        }
    }

    /// Of a journal that should be here.
    fn missing(name: &str) -> Self {
        Self::unproven(name.to_owned(), ui::listed_and_not_here().to_owned())
    }

    fn unproven(file: String, says: String) -> Self {
        Self {
            file,
            fit: Fit::DoesNotFit,
            fits: false,
            journal: None,
            says,
            record: None,
            records: None,
            attempts: None,
            stage: None,
            last_hash: None,
            closed: None,
            shown_without_secrets: vec![],
        }
    }

    fn line(&self) -> String {
        ui::audit_line(&self.file, self.fit, &self.says)
    }
}
