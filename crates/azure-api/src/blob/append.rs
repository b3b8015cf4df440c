//! Append blobs: made once, grown only at the length that was read.

use azure_core::http::Etag;
use azure_storage_blob::models::{
    AppendBlobClientAppendBlockOptions, AppendBlobClientAppendBlockResultHeaders as _,
    AppendBlobClientCreateOptions, AppendBlobClientCreateResultHeaders as _,
};
use bytes::Bytes;

use crate::{
    blob::{
        account::{ETag, Metadata},
        content::{Blob, etag_of, sdk_metadata},
    },
    call::Kind,
    error::{Error, Result},
};

/// Where an append went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Where it begins.
    pub offset: u64,
    /// The blob's version after it.
    pub etag: ETag,
}

impl Blob {
    /// Makes an empty append blob where there is none; where there is one: 409 ([`Error::Conflict`]). Without that
    /// condition it would empty the one that is there.
    pub async fn create_append(&self, metadata: &Metadata) -> Result<ETag> {
        let operation = "blob.createAppend";
        self.azure()
            .bounded(operation, Kind::Write, move || async move {
                let options = AppendBlobClientCreateOptions {
                    if_none_match: Some(Etag::from("*")),
                    metadata: sdk_metadata(operation, metadata)?,
                    ..Default::default()
                };
                let answer = self
                    .client(operation)?
                    .append_blob_client()
                    .create(Some(options))
                    .await;
                let etag = answer.and_then(|created| created.etag());
                etag_of(
                    operation,
                    etag.map_err(|error| Error::from_sdk(operation, &error))?,
                )
            })
            .await
    }

    /// Appends where the blob is still that long; where it is not: 412 `AppendPositionConditionNotMet`
    /// ([`Error::PreconditionFailed`]). A lost answer may have appended: read from there and look for your own bytes.
    pub async fn append(&self, body: Bytes, expected_position: u64) -> Result<Appended> {
        let operation = "blob.append";
        let position = i64::try_from(expected_position)
            .map_err(|_| Error::refused(operation, "no such position"))?;
        let body = &body;
        self.azure()
            .bounded(operation, Kind::Write, move || async move {
                let options = AppendBlobClientAppendBlockOptions {
                    append_position: Some(position),
                    ..Default::default()
                };
                let client = self.client(operation)?.append_blob_client();
                let content = body.clone().into();
                let answer = client
                    .append_block(content, body.len() as u64, Some(options))
                    .await;
                let etag = answer.and_then(|appended| appended.etag());
                let etag = etag_of(
                    operation,
                    etag.map_err(|error| Error::from_sdk(operation, &error))?,
                )?;
                Ok(Appended {
                    offset: expected_position,
                    etag,
                })
            })
            .await
    }
}
