//! The hash chain: each line of a journal carries the hash of the line before it, the first one that of the journal's name.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The format that this release writes. Older ones are read for ever; a newer one is refused.
const FORMAT: u32 = 1;

/// One record, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<F> {
    /// From 0.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Of its bytes.
    pub hash: Digest,
    /// What.
    pub fact: F,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<F> {
    format: u32,
    seq: u64,
    at: Timestamp,
    prev: Digest,
    /// Marks the append that wrote it, so that a writer knows its own after a lost answer.
    append: String,
    fact: F,
}

/// Where a journal ends: what the next record must carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    next: u64,
    prev: Digest,
    last_at: Option<Timestamp>,
}

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

impl<F: Serialize> Line<F> {
    /// That this record has no meaning where it stands.
    pub(crate) fn misplaced(&self) -> CorruptJournal {
        let json = serde_json::to_value(&self.fact).unwrap_or_default();
        let fact = json
            .get("type")
            .and_then(|kind| kind.as_str())
            .unwrap_or("?")
            .to_owned();
        CorruptJournal::Misplaced {
            seq: self.seq,
            fact,
        }
    }
}

impl Chain {
    /// The beginning of the journal of this name.
    pub fn begin(name: &str) -> Self {
        Self {
            next: 0,
            prev: Digest::of_parts(&["liftlock journal", name]),
            last_at: None,
        }
    }

    /// Reads a whole journal and checks every link.
    pub fn read<F: DeserializeOwned>(
        name: &str,
        bytes: &[u8],
    ) -> Result<(Vec<Line<F>>, Self), CorruptJournal> {
        let mut chain = Self::begin(name);
        let mut lines = Vec::new();
        for line in bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            lines.push(chain.accept(line)?);
        }
        Ok((lines, chain))
    }

    /// Appends these facts: the bytes to write, and the lines as they will be read.
    pub fn extend<F: Serialize + Clone>(
        &mut self,
        facts: &[F],
        at: Timestamp,
        append: &str,
    ) -> (Vec<u8>, Vec<Line<F>>) {
        let mut bytes = Vec::new();
        let mut lines = Vec::with_capacity(facts.len());
        for fact in facts {
            let wire = Wire {
                format: FORMAT,
                seq: self.next,
                at,
                prev: self.prev.clone(),
                append: append.to_owned(),
                fact,
            };
            let line = serde_json::to_vec(&wire).expect("facts have text keys and serialize");
            let hash = Digest::of(&line);
            lines.push(Line {
                seq: self.next,
                at,
                hash: hash.clone(),
                fact: fact.clone(),
            });
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
            self.advance(hash, at);
        }
        (bytes, lines)
    }

    /// How many records there are.
    pub fn len(&self) -> u64 {
        self.next
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// When the last record was decided.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.last_at
    }

    fn accept<F: DeserializeOwned>(&mut self, line: &[u8]) -> Result<Line<F>, CorruptJournal> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let seq = self.next;
        let unreadable = |source| CorruptJournal::Unreadable { seq, source };
        let head: Head = serde_json::from_slice(line).map_err(unreadable)?;
        if head.format > FORMAT {
            return Err(CorruptJournal::NewerFormat {
                seq,
                found: head.format,
            });
        }
        let wire: Wire<F> = serde_json::from_slice(line).map_err(unreadable)?;
        if wire.seq != seq || wire.prev != self.prev {
            return Err(CorruptJournal::BrokenChain { seq });
        }
        let hash = Digest::of(line);
        self.advance(hash.clone(), wire.at);
        Ok(Line {
            seq,
            at: wire.at,
            hash,
            fact: wire.fact,
        })
    }

    fn advance(&mut self, hash: Digest, at: Timestamp) {
        self.next += 1;
        self.prev = hash;
        self.last_at = Some(self.last_at.map_or(at, |last| last.max(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Vec<u8> {
        let mut chain = Chain::begin("m-1.r-0");
        let (mut bytes, _) = chain.extend(&["a", "b"], Timestamp::UNIX_EPOCH, "n1");
        bytes.extend(chain.extend(&["c"], Timestamp::UNIX_EPOCH, "n2").0);
        bytes
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (lines, chain) = Chain::read::<String>("m-1.r-0", &journal()).unwrap();
        assert_eq!(
            lines
                .iter()
                .map(|line| line.fact.as_str())
                .collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
        assert_eq!(chain.len(), 3);
    }

    #[test]
    fn a_journal_under_another_name_is_refused() {
        let error = Chain::read::<String>("m-2.r-0", &journal()).unwrap_err();
        assert!(
            matches!(error, CorruptJournal::BrokenChain { seq: 0 }),
            "{error}"
        );
    }

    #[test]
    fn every_flipped_byte_before_the_last_record_is_found() {
        let good = journal();
        let last = good[..good.len() - 1]
            .iter()
            .rposition(|b| *b == b'\n')
            .unwrap();
        for at in 0..=last {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(Chain::read::<String>("m-1.r-0", &bad).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_newer_format_is_refused_by_name() {
        let text = String::from_utf8(journal())
            .unwrap()
            .replace("\"format\":1", "\"format\":2");
        let error = Chain::read::<String>("m-1.r-0", text.as_bytes()).unwrap_err();
        insta::assert_snapshot!(error, @"record 0 has format 2, and this release reads up to 1; update Liftlock");
    }
}
