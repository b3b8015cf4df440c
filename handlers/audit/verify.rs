//! `liftlock audit verify`: one line a journal, offline.

use promotion::audit::{Named, Proof, Tail, Wanted};
use serde::Serialize;
use std::path::Path;

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
    let wanted = if asked.ended {
        Wanted::Ended
    } else {
        Wanted::Anything
    };
    let (found, unread) = collect(&asked.journals);
    let mut problems: Vec<String> = unread
        .iter()
        .map(|unread| ui::unreadable(&unread.path, &unread.error))
        .collect();
    let witness = match Witness::named(asked.journal.as_deref()) {
        Ok(witness) => witness,
        Err(problem) => return unread_witness(problem),
    };
    let mut verdicts = Vec::new();
    for file in &found {
        match std::fs::read(&file.path) {
            Ok(bytes) => verdicts.push(judge(file, &bytes, wanted, &witness)),
            Err(error) => problems.push(ui::unreadable(&file.path, &error)),
        }
    }
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

fn unread_witness(problem: String) -> Said {
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

fn judge(file: &Found, bytes: &[u8], wanted: Wanted, witness: &Witness<'_>) -> Verdict {
    let name = file.path.display().to_string();
    let judged = match file.kind {
        Kind::Journal => {
            journal(&file.path, bytes, wanted).map(|proof| Verdict::journal(name.clone(), &proof))
        }
        Kind::Exported => exported(&file.path, bytes, wanted, witness),
    };
    judged.unwrap_or_else(|untrue| Verdict::misfit(name, &untrue))
}

fn exported(
    path: &Path,
    bytes: &[u8],
    wanted: Wanted,
    witness: &Witness<'_>,
) -> Result<Verdict, Untrue> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|_| Untrue::Readable(ui::no_text().to_owned()))?;
    let checked = exported::check(text, wanted)?;
    let proven_by = witness.proves(path, &checked)?;
    Ok(Verdict::exported(path, &checked, proven_by.as_deref()))
}

/// The file's name is the journal's, without its folders: whatever was downloaded keeps it.
fn journal(path: &Path, bytes: &[u8], wanted: Wanted) -> Result<Proof, Untrue> {
    let name = path.file_stem().map(std::ffi::OsStr::to_string_lossy);
    let name = name.unwrap_or_default();
    Ok(promotion::audit::verify(bytes, Named::File(&name), wanted)?)
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
            file,
            fit: Fit::DoesNotFit,
            fits: false,
            journal: None,
            says: chain(untrue),
            record: untrue.record(),
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
