//! The first record that does not fit, and why.

use jiff::Timestamp;

use crate::corrupt::CorruptJournal;

/// Why a journal does not prove what it says. The record it names is the first that does not fit: the one that was touched,
/// or the one behind it where only a link shows that.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// The record itself, or its place.
    #[error(transparent)]
    Corrupt(#[from] CorruptJournal),
    /// Another journal than the one that was asked for.
    #[error("record 0 begins the journal `{found}`, and `{wanted}` was asked for")]
    OtherName {
        /// What the first record says.
        found: String,
        /// Which was asked for.
        wanted: String,
    },
    /// A file under a name that is not its journal's.
    #[error(
        "the file is called `{file}.jsonl`, and record 0 begins the journal `{found}`, whose file is called `{called}.jsonl`"
    )]
    OtherFile {
        /// What the first record says.
        found: String,
        /// How the file is called, without its ending.
        file: String,
        /// How it should be called.
        called: String,
    },
    /// Time never runs backwards in a journal.
    #[error("record {record} is dated {at}, and one before it {before}")]
    Backwards {
        /// Its number, from 0.
        record: u64,
        /// Its time.
        at: Timestamp,
        /// The latest time before it.
        before: Timestamp,
    },
    /// It has ended, as is known from elsewhere, and its closing record is not there.
    #[error("record {record} is missing: the journal ends while {stage}")]
    Missing {
        /// The number of the first that is not there.
        record: u64,
        /// Where the one before it leads.
        stage: &'static str,
    },
}

impl Misfit {
    /// The first record that does not fit, from 0.
    pub fn record(&self) -> u64 {
        match self {
            Self::Corrupt(corrupt) => corrupt.record(),
            Self::OtherName { .. } | Self::OtherFile { .. } => 0,
            Self::Backwards { record, .. } | Self::Missing { record, .. } => *record,
        }
    }
}
