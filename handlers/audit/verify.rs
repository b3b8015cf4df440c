//! `liftlock audit verify`: one line a journal, offline.

use promotion::audit::{Named, Wanted};
use serde::Serialize;
use std::path::Path;

use super::command::{Outcome, Said, Verify};
use super::exported::{self, Checked, Untrue};
use super::files::{Found, Kind, collect};
use crate::causes::chain;
use crate::ui::{self, Fit};

/// What one file says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    file: String,
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
    let mut verdicts = Vec::new();
    for file in &found {
        match std::fs::read(&file.path) {
            Ok(bytes) => verdicts.push(judge(file, &bytes, wanted)),
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

/// That something does not fit is worse than that something could not be read.
fn outcome(verdicts: &[Verdict], problems: &[String]) -> Outcome {
    if verdicts.iter().any(|verdict| !verdict.fits) {
        Outcome::Misfit
    } else if problems.is_empty() {
        Outcome::Fits
    } else {
        Outcome::Unread
    }
}

fn judge(file: &Found, bytes: &[u8], wanted: Wanted) -> Verdict {
    let checked = match file.kind {
        Kind::Journal => journal(&file.path, bytes, wanted),
        Kind::Exported => std::str::from_utf8(bytes)
            .map_err(|_| Untrue::Readable(ui::no_text().to_owned()))
            .and_then(|text| exported::check(text, wanted)),
    };
    let file = file.path.display().to_string();
    match checked {
        Ok(checked) => Verdict::fits(file, &checked),
        Err(untrue) => Verdict::misfit(file, &untrue),
    }
}

/// The file's name is the journal's, without its folders: whatever was downloaded keeps it.
fn journal(path: &Path, bytes: &[u8], wanted: Wanted) -> Result<Checked, Untrue> {
    let name = path.file_stem().map(std::ffi::OsStr::to_string_lossy);
    let name = name.unwrap_or_default();
    let proof = promotion::audit::verify(bytes, Named::File(&name), wanted)?;
    Ok(Checked {
        proof,
        hidden: vec![],
    })
}

fn json(verdicts: &[Verdict]) -> String {
    let fit = verdicts.iter().filter(|verdict| verdict.fits).count();
    let all = Verdicts {
        fit,
        misfit: verdicts.len() - fit,
        journals: verdicts,
    };
    serde_json::to_string_pretty(&all).expect("texts and numbers serialize") + "\n"
}

impl Verdict {
    fn fits(file: String, checked: &Checked) -> Self {
        let proof = &checked.proof;
        Self {
            file,
            fits: true,
            journal: Some(proof.journal.clone()),
            says: ui::proof(proof, &checked.hidden),
            record: None,
            records: Some(proof.records),
            attempts: Some(proof.subject.attempts()),
            stage: Some(proof.subject.stage()),
            last_hash: Some(proof.head.to_string()),
            closed: Some(proof.tail != promotion::audit::Tail::Open),
            shown_without_secrets: checked.hidden.clone(),
        }
    }

    fn misfit(file: String, untrue: &Untrue) -> Self {
        Self {
            file,
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
        let fit = if self.fits {
            Fit::Fits
        } else {
            Fit::DoesNotFit
        };
        ui::audit_line(&self.file, fit, &self.says)
    }
}
