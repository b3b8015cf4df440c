//! Blocks: fetched by the service itself from another place, then committed as a blob.

use std::{fmt, ops::Range};

use azure_core::http::Etag;
use azure_storage_blob::models::{
    BlockBlobClientCommitBlockListOptions, BlockBlobClientCommitBlockListResultHeaders as _,
    BlockBlobClientStageBlockFromUrlOptions, BlockListType, BlockLookupList, HttpRange,
};
use url::Url;

use crate::{
    blob::{
        account::{ETag, Metadata},
        content::{Blob, Condition, absent_as_none, etag_of, sdk_metadata},
    },
    call::Kind,
    error::{Error, Result},
    origin,
    tokens::STORAGE_SCOPE,
};

/// A block that waits to be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its id.
    pub id: Vec<u8>,
    /// In bytes.
    pub size: u64,
}

/// Where the service fetches a block from. The URL may hold a SAS.
#[derive(Clone)]
pub struct BlockSource {
    /// The source blob's.
    pub url: Url,
    /// Which bytes.
    pub range: Range<u64>,
    /// Only while the source is still this version; else 412.
    pub if_match: ETag,
    /// How the service may read it.
    pub authorization: SourceAuthorization,
}

/// How the service is allowed to read a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceAuthorization {
    /// By our own Entra token, which it passes on.
    Bearer,
    /// By what the URL itself brings.
    InUrl,
}

impl fmt::Debug for BlockSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockSource")
            .field("url", &origin::shown(&self.url))
            .field("range", &self.range)
            .field("authorization", &self.authorization)
            .finish_non_exhaustive()
    }
}

impl Blob {
    /// The blocks that were staged for this blob and not committed. The service keeps them for a week.
    pub async fn uncommitted_blocks(&self) -> Result<Vec<Block>> {
        let operation = "blob.blockList";
        let listed = self
            .azure()
            .bounded(operation, Kind::Read, move || async move {
                let client = self.client(operation)?.block_blob_client();
                let answer = client
                    .get_block_list(BlockListType::Uncommitted, None)
                    .await;
                answer
                    .and_then(azure_core::http::Response::into_model)
                    .map_err(|error| Error::from_sdk(operation, &error))
            });
        let blocks = absent_as_none(listed.await)?
            .and_then(|list| list.uncommitted_blocks)
            .unwrap_or_default();
        let read = |block: azure_storage_blob::models::Block| {
            Some(Block {
                id: block.name?,
                size: u64::try_from(block.size?).ok()?,
            })
        };
        Ok(blocks.into_iter().filter_map(read).collect())
    }

    /// Has the service fetch a block. Staging the same block again replaces it.
    pub async fn put_block_from_url(&self, id: &[u8], source: &BlockSource) -> Result<()> {
        let operation = "blob.putBlockFromUrl";
        origin::require_private(operation, &source.url)?;
        self.azure()
            .bounded(operation, Kind::Write, move || async move {
                let copy_source_authorization = match source.authorization {
                    SourceAuthorization::InUrl => None,
                    SourceAuthorization::Bearer => Some(format!(
                        "Bearer {}",
                        self.azure().token(operation, STORAGE_SCOPE).await?
                    )),
                };
                let options = BlockBlobClientStageBlockFromUrlOptions {
                    copy_source_authorization,
                    source_if_match: Some(Etag::from(source.if_match.as_str())),
                    source_range: Some(HttpRange::new(
                        source.range.start,
                        source.range.end - source.range.start,
                    )),
                    ..Default::default()
                };
                let client = self.client(operation)?.block_blob_client();
                let answer = client
                    .stage_block_from_url(id, 0, source.url.to_string(), Some(options))
                    .await;
                answer
                    .map(|_| ())
                    .map_err(|error| Error::from_sdk(operation, &error))
            })
            .await
    }

    /// Makes the blob of staged blocks, in that order; of none it is empty.
    pub async fn put_block_list(
        &self,
        ids: &[Vec<u8>],
        condition: Condition<'_>,
        metadata: &Metadata,
    ) -> Result<ETag> {
        let operation = "blob.putBlockList";
        let sdk = |error| Error::from_sdk(operation, &error);
        self.azure()
            .bounded(operation, Kind::Write, move || async move {
                let (if_match, if_none_match) = condition.headers();
                let options = BlockBlobClientCommitBlockListOptions {
                    if_match,
                    if_none_match,
                    metadata: sdk_metadata(operation, metadata)?,
                    ..Default::default()
                };
                let list = BlockLookupList {
                    uncommitted: Some(ids.to_vec()),
                    ..Default::default()
                };
                let content = list.try_into().map_err(sdk)?;
                let client = self.client(operation)?.block_blob_client();
                let answer = client
                    .commit_block_list(content, Some(options))
                    .await
                    .map_err(sdk)?;
                etag_of(operation, answer.etag().map_err(sdk)?)
            })
            .await
    }
}
