//! What makes a journal one that cannot be right: the first record that does not fit, and why.

use crate::chain::FORMAT;

/// A journal that cannot be right.
#[derive(Debug, thiserror::Error)]
pub enum CorruptJournal {
    /// Not a record.
    #[error("record {seq} cannot be read")]
    Unreadable {
        /// Its number, from 0.
        seq: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Written by a newer release.
    #[error(
        "record {seq} has format {found}, and this release reads up to {FORMAT}; update Liftlock"
    )]
    NewerFormat {
        /// Its number, from 0.
        seq: u64,
        /// Its format.
        found: u32,
    },
    /// No release goes back to an older format.
    #[error("record {seq} has format {found}, older than that of the one before it")]
    OlderFormat {
        /// Its number, from 0.
        seq: u64,
        /// Its format.
        found: u32,
    },
    /// Not the bytes that were written.
    #[error("record {seq} was changed: its checksum does not fit")]
    Checksum {
        /// Its number, from 0.
        seq: u64,
    },
    /// A part of a line.
    #[error("record {seq} was cut: its line does not end")]
    Cut {
        /// Its number, from 0.
        seq: u64,
    },
    /// Changed, dropped, inserted or swapped.
    #[error("record {seq} does not follow from the one before it")]
    BrokenChain {
        /// Its number, from 0.
        seq: u64,
    },
    /// A fact that has no meaning where it stands.
    #[error("record {seq} ({fact}) has no meaning where it stands")]
    Misplaced {
        /// Its number, from 0.
        seq: u64,
        /// Its kind.
        fact: String,
    },
    /// Nothing in it.
    #[error("the journal is empty")]
    Empty,
}

impl CorruptJournal {
    /// The record that does not fit, from 0.
    pub fn record(&self) -> u64 {
        match self {
            Self::Unreadable { seq, .. }
            | Self::NewerFormat { seq, .. }
            | Self::OlderFormat { seq, .. }
            | Self::Checksum { seq }
            | Self::Cut { seq }
            | Self::BrokenChain { seq }
            | Self::Misplaced { seq, .. } => *seq,
            Self::Empty => 0,
        }
    }
}
