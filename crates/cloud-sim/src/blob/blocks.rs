//! Block lists: what a client asks to commit, and how it is put together from what stands and what was staged.
//!
//! Invariant: committing takes every block from where the list says, or nothing happens.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use bytes::Bytes;

use super::entry::Block;
use super::error::BlobError;

/// Blocks of one blob may be staged and committed up to this number.
pub(crate) const MOST_BLOCKS: usize = 50_000;

/// Decoded ids are at most this long.
const LONGEST_ID: usize = 64;

/// Where a block of a list is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Committed,
    Uncommitted,
    Latest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) id: String,
    pub(crate) origin: Origin,
}

/// Staged blocks by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Staged {
    blocks: BTreeMap<String, Bytes>,
}

impl Staged {
    /// Ids are base64, and all ids of a blob have one length.
    pub(crate) fn stage(&mut self, id: &str, bytes: Bytes) -> Result<(), BlobError> {
        check_id(id)?;
        if self
            .blocks
            .keys()
            .next()
            .is_some_and(|other| other.len() != id.len())
        {
            return Err(BlobError::InvalidBlobOrBlock);
        }
        self.blocks.insert(id.to_owned(), bytes);
        Ok(())
    }

    pub(crate) fn to_blocks(&self) -> Vec<Block> {
        let block = |(id, bytes): (&String, &Bytes)| Block {
            id: id.clone(),
            bytes: bytes.clone(),
        };
        self.blocks.iter().map(block).collect()
    }

    /// The blocks of a list, in its order.
    pub(crate) fn assemble(
        &self,
        wanted: &[Wanted],
        committed: &[Block],
    ) -> Result<Vec<Block>, BlobError> {
        if wanted.len() > MOST_BLOCKS {
            return Err(BlobError::InvalidBlockList);
        }
        let committed: BTreeMap<&str, &Bytes> = committed
            .iter()
            .map(|block| (block.id.as_str(), &block.bytes))
            .collect();
        wanted
            .iter()
            .map(|wanted| self.find(wanted, &committed))
            .collect()
    }

    fn find(
        &self,
        wanted: &Wanted,
        committed: &BTreeMap<&str, &Bytes>,
    ) -> Result<Block, BlobError> {
        let staged = || self.blocks.get(&wanted.id);
        let standing = || committed.get(wanted.id.as_str()).copied();
        let found = match wanted.origin {
            Origin::Committed => standing(),
            Origin::Uncommitted => staged(),
            Origin::Latest => staged().or_else(standing),
        };
        let bytes = found.ok_or(BlobError::InvalidBlockList)?.clone();
        Ok(Block {
            id: wanted.id.clone(),
            bytes,
        })
    }
}

fn check_id(id: &str) -> Result<(), BlobError> {
    match BASE64.decode(id) {
        Ok(raw) if !raw.is_empty() && raw.len() <= LONGEST_ID => Ok(()),
        Ok(_) | Err(_) => Err(BlobError::InvalidQueryParameterValue("blockid")),
    }
}
