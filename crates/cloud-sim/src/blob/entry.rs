//! One blob: its bytes in the pieces in which they came, and what the service remembers about it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;

/// A version of a blob; on the wire it is quoted, in listings it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    /// The n-th tag that a store gives, in the shape of Azure's.
    pub(crate) fn numbered(n: u64) -> Self {
        Self(format!("0x8DE{n:012X}"))
    }

    pub(crate) fn bare(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Block,
    Append,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Block => "BlockBlob",
            Self::Append => "AppendBlob",
        }
    }
}

/// A block and its id, as the client sent it.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) id: String,
    pub(crate) bytes: Bytes,
}

/// What a client says about a blob when it writes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Properties {
    pub(crate) content_type: Option<String>,
    /// Base64; stored as sent, never checked against the bytes of a block list.
    pub(crate) content_md5: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A committed blob.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) kind: Kind,
    pub(crate) content: Content,
    pub(crate) properties: Properties,
    pub(crate) etag: ETag,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

/// Bytes in pieces; cloning shares them.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// A single Put Blob: no block list.
    Whole(Bytes),
    Blocks(Vec<Block>),
    Appended(Vec<Bytes>),
}

impl Content {
    pub(crate) fn len(&self) -> u64 {
        self.pieces().map(|piece| piece.len() as u64).sum()
    }

    pub(crate) fn pieces(&self) -> Box<dyn Iterator<Item = &Bytes> + Send + '_> {
        match self {
            Self::Whole(bytes) => Box::new(std::iter::once(bytes)),
            Self::Blocks(blocks) => Box::new(blocks.iter().map(|block| &block.bytes)),
            Self::Appended(pieces) => Box::new(pieces.iter()),
        }
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        match self {
            Self::Blocks(blocks) => blocks,
            Self::Whole(_) | Self::Appended(_) => &[],
        }
    }

    /// The pieces that lie in `range`, which lies in the content.
    pub(crate) fn slices(&self, range: &Range<u64>) -> Vec<Bytes> {
        let mut slices = Vec::new();
        let mut start = 0;
        for piece in self.pieces() {
            let end = start + piece.len() as u64;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                slices.push(piece.slice(index(from - start)..index(to - start)));
            }
            start = end;
        }
        slices
    }

    pub(crate) fn to_bytes(&self) -> Bytes {
        if let Self::Whole(bytes) = self {
            return bytes.clone();
        }
        let mut all = BytesMut::new();
        self.pieces().for_each(|piece| all.extend_from_slice(piece));
        all.freeze()
    }
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("offsets lie in pieces that are in memory")
}
