//! What can be asked, and what is answered.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Prove what journals say, or hand one to an auditor.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check journals offline: what each proves, or the first record that does not fit and why.
    ///
    /// Exits with 0 if all fit, with 1 if one does not, with 2 if there is nothing to check or something cannot be read, with 3
    /// if an exported file fits as far as it can be proven without its secrets.
    Verify(Verify),
    /// Write one promotion into a file for an auditor: readable from top to bottom, its journal in it.
    ///
    /// Reads the storage account as the app does: `LIFTLOCK_STORAGE_URL`, and the identity of where it runs (on a laptop, who
    /// is signed in with `az`). Exits with 0 if it is written, with 1 if its journal does not fit, with 2 if it cannot be read.
    Export(Export),
}

/// What to check.
#[derive(Debug, Args)]
pub struct Verify {
    /// Journals (*.jsonl), exported files, or folders; in a folder every *.jsonl and every *.audit.json is checked.
    #[arg(default_value = ".")]
    pub journals: Vec<PathBuf>,
    /// They have all ended: one without its closing record was cut off.
    #[arg(long)]
    pub ended: bool,
    /// What has ended: a listing of the container's `closed/` markers, a name a line, or a folder that they were downloaded
    /// into. A journal that is listed must be here and end with its closing record.
    #[arg(long, value_name = "FILE")]
    pub closed_list: Option<PathBuf>,
    /// The journal of the exported file that is named: it proves the records too that are shown without their secrets. Not
    /// needed where it lies beside the file under its own name.
    #[arg(long, value_name = "FILE.jsonl")]
    pub journal: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to export.
#[derive(Debug, Args)]
pub struct Export {
    /// The promotion's id, as its page shows it.
    pub promotion: String,
    /// Write here instead of to the standard output; call it *.audit.json, so that `verify` finds it in a folder.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Take the journal from this file instead of from the storage account.
    #[arg(long)]
    pub from: Option<PathBuf>,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything fits.
    Fits,
    /// Something does not fit.
    Misfit,
    /// Everything fits as far as it can be proven; some of it cannot.
    Partly,
    /// There is nothing to check, or something could not be read or written.
    Unread,
}

/// An answer.
#[derive(Debug)]
pub struct Said {
    /// What was asked for.
    pub text: String,
    /// What stands in its way, for the standard error.
    pub problems: Vec<String>,
    /// How it went.
    pub outcome: Outcome,
}

impl Outcome {
    /// For scripts.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Fits => 0,
            Self::Misfit => 1,
            Self::Unread => 2,
            Self::Partly => 3,
        }
    }
}
