//! The hash chain: each record names the one before it by its hash, the first one the journal's name, and each line carries
//! its own checksum, so that a change of the last record is found too.
//!
//! The invariant: two different texts are never the same record, unless a hash covers what differs. Start at [`Chain`].

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::corrupt::CorruptJournal;
use crate::digest::Digest;
use crate::seal;

/// The format that this release writes. Older ones are read for ever; a newer one is refused.
pub(crate) const FORMAT: u32 = 4;
/// The last format whose lines have no checksum of their own.
const UNSEALED: u32 = 1;

/// One record, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<F> {
    /// From 0.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// What identifies it: the next record's `prev`, and what cards and pages show.
    pub hash: Digest,
    /// What.
    pub fact: F,
}

/// A line as it is written; its checksum comes behind it.
#[derive(Serialize)]
struct Written<'f, F> {
    format: u32,
    seq: u64,
    at: Timestamp,
    prev: &'f Digest,
    /// Marks the append that wrote it, so that a writer knows its own after a lost answer.
    append: &'f str,
    fact: &'f F,
}

/// A line as it is read.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire<F> {
    format: u32,
    seq: u64,
    at: Timestamp,
    prev: Digest,
    #[serde(rename = "append")]
    _append: String,
    pub(crate) fact: F,
    hash: Option<Digest>,
}

/// Where a journal ends: what the next record must carry.
///
/// A journal is lines of JSON without white space between them, each ending with `\n`. A line of format 4 is
///
/// ```text
/// {"format":4,"seq":0,"at":"…","prev":"…","append":"…","fact":{…},"hash":"…"}
/// ```
///
/// with these fields in this order. `hash` is the SHA-256, in 64 lower-case hexadecimal digits, of all bytes of the line
/// before `,"hash":"`; it stands last, and nothing follows it but `"}`. `prev` is the `hash` of the record before; that of
/// record 0 is SHA-256 over `liftlock journal` and the journal's name, each behind its length in 8 bytes (big-endian).
///
/// A line of format 1 is the same without `hash`: what identifies it is the SHA-256 of the whole line, which stands only in
/// the next record's `prev`. Lines of formats 2 and 3 are those of format 4 in all but their number: what routes and plans say since
/// format 3 (batch endpoints, code, what becomes of drift) and approvals since format 4 (required roles, groups, escalation,
/// overrides) a release that knows only the format before would have passed over. A journal may begin in an older format and go
/// on in a newer one, never the other way round.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    next: u64,
    prev: Digest,
    last_at: Option<Timestamp>,
    format: u32,
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
            format: UNSEALED,
        }
    }

    /// Reads a whole journal and checks every link.
    pub fn read<F: DeserializeOwned>(
        name: &str,
        bytes: &[u8],
    ) -> Result<(Vec<Line<F>>, Self), CorruptJournal> {
        let mut chain = Self::begin(name);
        let mut lines = Vec::new();
        let mut rest = bytes;
        while let Some(line) = chain.take(&mut rest)? {
            lines.push(line);
        }
        Ok((lines, chain))
    }

    /// Takes the next line from a journal's bytes and checks its link; `None`: there is no more.
    pub(crate) fn take<F: DeserializeOwned>(
        &mut self,
        rest: &mut &[u8],
    ) -> Result<Option<Line<F>>, CorruptJournal> {
        if rest.is_empty() {
            return Ok(None);
        }
        let line = first_line(rest, self.next)?;
        let accepted = self.link(read(line, self.next)?)?;
        *rest = &rest[line.len() + 1..];
        Ok(Some(accepted))
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
            let written = Written {
                format: FORMAT,
                seq: self.next,
                at,
                prev: &self.prev,
                append,
                fact,
            };
            let json = serde_json::to_vec(&written).expect("facts have text keys and serialize");
            let (line, hash) = seal::close(json);
            lines.push(Line {
                seq: self.next,
                at,
                hash: hash.clone(),
                fact: fact.clone(),
            });
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
            self.advance(hash, at, FORMAT);
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

    /// Whether the last record has a checksum of its own.
    pub fn is_sealed(&self) -> bool {
        self.format > UNSEALED
    }

    /// What identifies the last record; of none, the beginning.
    pub fn head(&self) -> &Digest {
        &self.prev
    }

    /// Checks where a record stands and takes it in.
    pub(crate) fn link<F>(&mut self, read: Read<F>) -> Result<Line<F>, CorruptJournal> {
        let Read { wire, hash } = read;
        let seq = self.next;
        if wire.seq != seq || wire.prev != self.prev {
            return Err(CorruptJournal::BrokenChain { seq });
        }
        if wire.format < self.format {
            return Err(CorruptJournal::OlderFormat {
                seq,
                found: wire.format,
            });
        }
        self.advance(hash.clone(), wire.at, wire.format);
        Ok(Line {
            seq,
            at: wire.at,
            hash,
            fact: wire.fact,
        })
    }

    fn advance(&mut self, hash: Digest, at: Timestamp, format: u32) {
        self.next += 1;
        self.prev = hash;
        self.last_at = Some(self.last_at.map_or(at, |last| last.max(at)));
        self.format = format;
    }
}

/// A line that is right in itself; whether it follows is another question.
#[derive(Clone)]
pub(crate) struct Read<F> {
    pub(crate) wire: Wire<F>,
    hash: Digest,
}

impl<F> Read<F> {
    /// What it says, wherever it stands.
    pub(crate) fn unlinked(self) -> Line<F> {
        Line {
            seq: self.wire.seq,
            at: self.wire.at,
            hash: self.hash,
            fact: self.wire.fact,
        }
    }
}

/// The first line of these bytes, which are not empty, without its line break.
pub(crate) fn first_line(bytes: &[u8], seq: u64) -> Result<&[u8], CorruptJournal> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.map(|end| &bytes[..end])
        .ok_or(CorruptJournal::Cut { seq })
}

/// Reads a line and checks what it says of itself: its format and its checksum.
pub(crate) fn read<F: DeserializeOwned>(line: &[u8], seq: u64) -> Result<Read<F>, CorruptJournal> {
    let unreadable = |source| CorruptJournal::Unreadable { seq, source };
    let format = readable(seal::format(line).map_err(unreadable)?, seq)?;
    let hash = if format == UNSEALED {
        Digest::of(line)
    } else {
        seal::open(line).ok_or(CorruptJournal::Checksum { seq })?
    };
    let wire: Wire<F> = serde_json::from_slice(line).map_err(unreadable)?;
    if wire.hash.is_some() != (format > UNSEALED) {
        return Err(unreadable(seal::said("format 1 has no checksum")));
    }
    Ok(Read { wire, hash })
}

/// Reads a record that is shown without its secrets: what its checksum covers is not there, so it is believed.
pub(crate) fn read_hidden<F: DeserializeOwned>(
    text: &str,
    seq: u64,
) -> Result<Read<F>, CorruptJournal> {
    let unreadable = |source| CorruptJournal::Unreadable { seq, source };
    let wire: Wire<F> = serde_json::from_str(text).map_err(unreadable)?;
    readable(wire.format, seq)?;
    let hash = wire
        .hash
        .as_ref()
        .and_then(|hash| Digest::parse(hash.as_str()));
    let hash = hash.ok_or_else(|| unreadable(seal::said("it has no hash")))?;
    Ok(Read { wire, hash })
}

fn readable(format: u32, seq: u64) -> Result<u32, CorruptJournal> {
    if format > FORMAT {
        return Err(CorruptJournal::NewerFormat { seq, found: format });
    }
    Ok(format)
}

#[cfg(test)]
mod tests;
