//! The exported file: a readable part, what the journal proves, and the journal itself, line by line.
//!
//! The invariant: there is one text for a journal. Whatever is read in the file can be made again from its journal, so a
//! readable part that was changed is found. Records with secrets are shown without them; they prove their place only,
//! whatever rests on them is marked, and such a file never simply fits: its journal proves the rest ([`Checked::against`]).

use promotion::audit::{Audit, Entry, Misfit, Named, Proof, Subject, Wanted};
use promotion::{CorruptJournal, Fact, Line};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::difference::first_difference;
use crate::secrets::{hidden_record, may_be_hidden};
use crate::ui::{self, Dossier};

const VERSION: u32 = 1;
const CHECK: &str = "liftlock audit verify <this file>";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'f> {
    liftlock_audit: u32,
    written_by: &'f str,
    check_with: &'f str,
    promotion: Dossier,
    proof: ProofPart,
    shown_without_secrets: &'f [u64],
    journal: &'f [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofPart {
    says: String,
    records: u64,
    last_hash: String,
}

/// What is read of a file; the rest is made again.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Carried {
    liftlock_audit: u32,
    written_by: String,
    shown_without_secrets: Vec<u64>,
    journal: Vec<String>,
}

/// Why an exported file does not prove what it says.
#[derive(Debug, thiserror::Error)]
pub(super) enum Untrue {
    #[error("it is not an exported file")]
    Foreign(#[source] serde_json::Error),
    #[error(
        "it is an exported file of version {0}, and this release reads version {VERSION}; update Liftlock"
    )]
    Newer(u32),
    #[error(transparent)]
    Journal(#[from] Misfit),
    #[error(transparent)]
    Record(#[from] CorruptJournal),
    #[error("record {0} is listed as shown without its secrets, and has none that are hidden")]
    HiddenWithoutNeed(u64),
    #[error("it is the journal of the intake `{0}`; promotions are exported")]
    Intake(String),
    #[error("the journal that should prove its records does not fit")]
    Witness(#[source] Misfit),
    #[error("record {0} is not what stands in its journal")]
    Other(u64),
    #[error("{0}")]
    Readable(String),
}

impl Untrue {
    /// The first record that does not fit, where it is a record.
    pub(super) fn record(&self) -> Option<u64> {
        match self {
            Self::Journal(misfit) | Self::Witness(misfit) => Some(misfit.record()),
            Self::Record(corrupt) => Some(corrupt.record()),
            Self::HiddenWithoutNeed(record) | Self::Other(record) => Some(*record),
            Self::Foreign(_) | Self::Newer(_) | Self::Intake(_) | Self::Readable(_) => None,
        }
    }
}

/// Who wrote a file: the release, and the layout of its readable part.
fn this_release() -> String {
    format!(
        "liftlock {}, layout {}",
        env!("CARGO_PKG_VERSION"),
        Dossier::LAYOUT
    )
}

/// What is known of a file's readable part.
pub(super) enum Readable {
    /// It is what its journal says, byte for byte.
    AsItsJournal,
    /// Whoever wrote it may use other words, so it says nothing here.
    Foreign { written_by: String, this: String },
}

/// A checked file: what the journal in it proves, and which records of it are shown without their secrets.
pub(super) struct Checked {
    pub(super) proof: Proof,
    pub(super) readable: Readable,
    pub(super) hidden: Vec<u64>,
    lines: Vec<String>,
}

impl Checked {
    /// That its records are the first ones of this journal, which proves those too that are shown without their secrets.
    pub(super) fn against(&self, journal: &[u8]) -> Result<(), Untrue> {
        let named = Named::Exactly(&self.proof.journal);
        promotion::audit::verify(journal, named, Wanted::Anything).map_err(Untrue::Witness)?;
        let (_, lines) = shown(journal)?;
        match (0..)
            .zip(&self.lines)
            .find(|(record, line)| lines.get(*record) != Some(line))
        {
            None => Ok(()),
            Some((record, _)) => Err(Untrue::Other(record as u64)),
        }
    }
}

/// The file of a promotion's journal, which is audited first.
pub(super) fn write(promotion: &str, journal: &[u8]) -> Result<String, Untrue> {
    promotion::audit::verify(journal, Named::Exactly(promotion), Wanted::Anything)?;
    let (hidden, lines) = shown(journal)?;
    let (text, _) = made(&this_release(), &hidden, &lines, Wanted::Anything)?;
    Ok(text)
}

/// An audited journal's lines as a file holds them, and which of them are without their secrets.
fn shown(journal: &[u8]) -> Result<(Vec<u64>, Vec<String>), Untrue> {
    let mut hidden = Vec::new();
    let mut lines = Vec::new();
    // An audited journal is lines of JSON, each with its line break.
    let text = String::from_utf8_lossy(journal);
    for (line, record) in text.split_terminator('\n').zip(0..) {
        match without_secrets(line, record)? {
            Some(shown) => {
                hidden.push(record);
                lines.push(shown);
            }
            None => lines.push(line.to_owned()),
        }
    }
    Ok((hidden, lines))
}

/// Checks a file: its journal, and that the rest is what its journal says, where this release can tell.
pub(super) fn check(text: &str, wanted: Wanted) -> Result<Checked, Untrue> {
    let carried: Carried = serde_json::from_str(text).map_err(Untrue::Foreign)?;
    if carried.liftlock_audit != VERSION {
        return Err(Untrue::Newer(carried.liftlock_audit));
    }
    let (hidden, lines) = (carried.shown_without_secrets, carried.journal);
    let (derived, proof) = made(&carried.written_by, &hidden, &lines, wanted)?;
    let this = this_release();
    let written_by = carried.written_by;
    let readable = if derived == text {
        Readable::AsItsJournal
    } else if written_by == this {
        return Err(Untrue::Readable(told(text, &derived)?));
    } else {
        Readable::Foreign { written_by, this }
    };
    Ok(Checked {
        proof,
        readable,
        hidden,
        lines,
    })
}

fn told(text: &str, derived: &str) -> Result<String, Untrue> {
    let value = |text: &str| serde_json::from_str::<Value>(text).map_err(Untrue::Foreign);
    let found = first_difference(&value(text)?, &value(derived)?);
    Ok(found.map_or_else(
        || ui::laid_out_otherwise().to_owned(),
        |found| ui::differs(&found.place, &found.says, &found.derived),
    ))
}

/// The one text for these lines, and what they prove.
fn made(
    release: &str,
    hidden: &[u64],
    lines: &[String],
    wanted: Wanted,
) -> Result<(String, Proof), Untrue> {
    let (proof, records) = audited(hidden, lines, wanted)?;
    let Subject::Promotion(promotion) = &proof.subject else {
        return Err(Untrue::Intake(proof.journal));
    };
    let file = File {
        liftlock_audit: VERSION,
        written_by: release,
        check_with: CHECK,
        promotion: Dossier::of(promotion, &records, hidden),
        proof: ProofPart {
            says: [
                ui::proof(&proof),
                ui::places_only(hidden),
                ui::marked(hidden).to_owned(),
            ]
            .concat(),
            records: proof.records,
            last_hash: proof.head.to_string(),
        },
        shown_without_secrets: hidden,
        journal: lines,
    };
    let text = serde_json::to_string_pretty(&file).expect("texts and numbers serialize");
    Ok((text + "\n", proof))
}

fn audited(
    hidden: &[u64],
    lines: &[String],
    wanted: Wanted,
) -> Result<(Proof, Vec<Line<Fact>>), Untrue> {
    let mut audit = Audit::of(Named::Freely);
    let mut records = Vec::with_capacity(lines.len());
    for (line, record) in lines.iter().zip(0..) {
        let entry =
            entry(line, hidden.contains(&record)).ok_or(Untrue::HiddenWithoutNeed(record))?;
        audit.take(entry)?;
        records.push(entry.line(record));
    }
    let numbers = hidden.windows(2).all(|two| two[0] < two[1]);
    if let Some(last) = hidden
        .last()
        .filter(|last| !numbers || **last >= audit.records())
    {
        return Err(Untrue::HiddenWithoutNeed(*last));
    }
    let proof = audit.end(wanted)?;
    if let Subject::Intake(_) = proof.subject {
        return Err(Untrue::Intake(proof.journal));
    }
    let records = records.into_iter().collect::<Result<_, _>>()?;
    Ok((proof, records))
}

/// `None`: it is hidden, and need not be.
fn entry(line: &str, hidden: bool) -> Option<Entry<'_>> {
    if !hidden {
        return Some(Entry::Line(line.as_bytes()));
    }
    let record = serde_json::from_str::<Value>(line).ok()?;
    may_be_hidden(&record).then_some(Entry::Hidden(line))
}

/// A record's JSON without its secrets and with its hash, which format 1 does not write; `None`: it has none.
fn without_secrets(line: &str, record: u64) -> Result<Option<String>, Untrue> {
    let unreadable = |source| CorruptJournal::Unreadable {
        seq: record,
        source,
    };
    let json: Value = serde_json::from_str(line).map_err(unreadable)?;
    let Some(mut shown) = hidden_record(&json) else {
        return Ok(None);
    };
    shown["hash"] = serde_json::json!(promotion::audit::hash(line.as_bytes(), record)?);
    Ok(Some(shown.to_string()))
}
