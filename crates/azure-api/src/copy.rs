//! Copies one file from account to account inside the service: no byte passes through here.
//!
//! The destination fetches the source in blocks. A block's id comes from source, version and place, so the blocks that
//! wait to be committed are the progress: whoever comes back goes on there, also after a crash.
//!
//! **Invariant:** every block is read from the pinned version of the source, and the commit creates or fails. A file that
//! is already there counts as arrived when its size and metadata are what this copy would have made.

use std::{collections::HashSet, ops::Range, time::Duration};

use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use url::Url;

use crate::{
    blob::{Blob, BlobProperties, BlockSource, Condition, ETag, Metadata, SourceAuthorization},
    error::{Error, Result},
};

/// Of the usual block.
pub const DEFAULT_BLOCK_BYTES: u64 = 64 << 20;
/// A blob has no more blocks than this.
const MOST_BLOCKS: u64 = 50_000;
/// Blocks on their way at one time.
const AT_ONCE: usize = 4;
/// For one block.
const BLOCK_DEADLINE: Duration = Duration::from_mins(1);

/// How the destination may read the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SourceAuth {
    /// By our own Entra token, which it passes on.
    Bearer,
    /// By a signature for this one file, where tokens are not taken.
    UserDelegationSas,
}

/// One file to copy.
#[derive(Debug, Clone, Copy)]
pub struct CopyJob<'a> {
    /// From where. With a SAS of its own on its account's URL that one is used, whatever `auth` says.
    pub source: &'a Blob,
    /// The pinned version.
    pub source_etag: &'a ETag,
    /// The pinned size in bytes.
    pub size: u64,
    /// How the destination may read it.
    pub auth: SourceAuth,
    /// To where.
    pub destination: &'a Blob,
    /// What the copy carries, and what it is recognised by when it is there already.
    pub metadata: &'a Metadata,
    /// Must stay the same while a copy goes on, else it begins again.
    pub block_bytes: u64,
}

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyProgress {
    /// The file is there.
    Done {
        /// Its version.
        etag: ETag,
        /// How it came there.
        how: Arrival,
    },
    /// The budget is spent: come back.
    More {
        /// Staged so far.
        bytes: u64,
    },
}

/// How a file came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// This call committed it.
    Committed,
    /// It was there, and as it should be.
    Adopted,
}

/// Whether the service did not take our token for the source: then a signature may do.
pub fn source_refuses_bearer(error: &Error) -> bool {
    error.status() == Some(401) || error.code() == Some("CannotVerifyCopySource")
}

/// Copies for as long as the budget lasts (the block on its way then is still waited for). A source that changed is
/// [`Error::PreconditionFailed`], another file at the destination [`Error::Conflict`].
pub async fn copy_file(job: &CopyJob<'_>, budget: Duration) -> Result<CopyProgress> {
    let started = Instant::now();
    if let Some(there) = job.destination.head().await? {
        return job.adopt(there);
    }
    let blocks = job.blocks()?;
    let ids = blocks.iter().map(|block| block.id.clone()).collect();
    let waiting = job.destination.uncommitted_blocks().await?;
    let waiting: HashSet<_> = waiting
        .into_iter()
        .map(|block| (block.id, block.size))
        .collect();
    let (staged, missing): (Vec<_>, Vec<_>) = blocks
        .into_iter()
        .partition(|block| waiting.contains(&(block.id.clone(), block.len())));
    let before: u64 = staged.iter().map(PlannedBlock::len).sum();
    let bytes = before + job.stage(missing, started, budget).await?;
    if bytes < job.size {
        return Ok(CopyProgress::More { bytes });
    }
    job.commit(ids).await
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PlannedBlock {
    id: Vec<u8>,
    range: Range<u64>,
}

impl PlannedBlock {
    fn len(&self) -> u64 {
        self.range.end - self.range.start
    }
}

impl CopyJob<'_> {
    fn blocks(&self) -> Result<Vec<PlannedBlock>> {
        let size = self.block_bytes;
        if size == 0 || self.size.div_ceil(size) > MOST_BLOCKS {
            return Err(Error::refused(
                "copy",
                format!("{} bytes in blocks of {size}", self.size),
            ));
        }
        let seed = self.seed();
        let starts = (0..self.size.div_ceil(size)).map(|index| index * size);
        let planned = starts.map(|start| PlannedBlock {
            id: [seed.as_slice(), &start.to_be_bytes()].concat(),
            range: start..(start + size).min(self.size),
        });
        Ok(planned.collect())
    }

    /// Another source, version or block size makes other ids: what was staged for one is never taken for the other.
    fn seed(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let size = self.block_bytes.to_string();
        for part in [
            format!("{:?}", self.source).as_str(),
            self.source_etag.as_str(),
            &size,
        ] {
            hash.update(part);
            hash.update([0]);
        }
        let mut seed = [0; 16];
        seed.copy_from_slice(&hash.finalize()[..16]);
        seed
    }

    /// Stages blocks until the budget is spent, at least one; how many bytes they have.
    async fn stage(
        &self,
        missing: Vec<PlannedBlock>,
        started: Instant,
        budget: Duration,
    ) -> Result<u64> {
        if missing.is_empty() {
            return Ok(0);
        }
        let (url, authorization) = self.readable_source().await?;
        let destination = &self.destination.within(BLOCK_DEADLINE);
        let in_time =
            move |(index, _): &(usize, PlannedBlock)| *index == 0 || started.elapsed() < budget;
        let mut staging = stream::iter(missing.into_iter().enumerate().take_while(in_time))
            .map(|(_, block)| {
                let source = BlockSource {
                    url: url.clone(),
                    range: block.range.clone(),
                    if_match: self.source_etag.clone(),
                    authorization,
                };
                async move {
                    destination
                        .put_block_from_url(&block.id, &source)
                        .await
                        .map(|()| block.len())
                }
            })
            .buffer_unordered(AT_ONCE);
        let mut bytes = 0;
        while let Some(staged) = staging.next().await {
            bytes += staged?;
        }
        Ok(bytes)
    }

    async fn readable_source(&self) -> Result<(Url, SourceAuthorization)> {
        let plain = self.source.url_as_is("copy")?;
        if self.source.has_sas() {
            return Ok((plain, SourceAuthorization::InUrl));
        }
        match self.auth {
            SourceAuth::Bearer => Ok((plain, SourceAuthorization::Bearer)),
            SourceAuth::UserDelegationSas => {
                Ok((self.source.url_to_read().await?, SourceAuthorization::InUrl))
            }
        }
    }

    async fn commit(&self, ids: Vec<Vec<u8>>) -> Result<CopyProgress> {
        match self
            .destination
            .put_block_list(&ids, Condition::IfNoneMatchAny, self.metadata)
            .await
        {
            Ok(etag) => Ok(CopyProgress::Done {
                etag,
                how: Arrival::Committed,
            }),
            Err(refused @ (Error::Conflict(_) | Error::PreconditionFailed(_))) => {
                match self.destination.head().await? {
                    Some(there) => self.adopt(there),
                    None => Err(refused),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn adopt(&self, there: BlobProperties) -> Result<CopyProgress> {
        let has = |(name, value): (&String, &String)| {
            there
                .metadata
                .iter()
                .any(|(found, as_found)| found.eq_ignore_ascii_case(name) && as_found == value)
        };
        if there.size == self.size && self.metadata.iter().all(has) {
            return Ok(CopyProgress::Done {
                etag: there.etag,
                how: Arrival::Adopted,
            });
        }
        Err(other_file(self.destination, &there))
    }
}

fn other_file(destination: &Blob, there: &BlobProperties) -> Error {
    crate::error::Answer {
        operation: "copy",
        status: 409,
        code: "AnotherFileIsThere".to_owned(),
        message: format!(
            "{} has {} bytes of other origin",
            destination.name(),
            there.size
        ),
        request_id: None,
        retry_after: None,
    }
    .into_error()
}
