//! A blob: read, written, removed, each under a condition where one matters.

use std::{collections::HashMap, fmt, num::NonZero, time::Duration};

use azure_core::http::Etag;
use azure_storage_blob::{
    BlobClient, BlobClientOptions,
    models::{
        BlobClientDeleteOptions, BlobClientDownloadOptions,
        BlobClientGetPropertiesResultHeaders as _, BlobClientUploadOptions, BlobType, HttpRange,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::TryStreamExt as _;
use url::Url;

use crate::{
    azure::Azure,
    blob::{
        account::{Blobs, ETag, Metadata},
        container::Container,
    },
    call::Kind,
    error::{Error, Result},
    origin, reply,
};

/// Whoever allows more gets this much; ranges are computed with it.
const LONGEST_READ: u64 = 1 << 40;

/// A blob, by its place.
#[derive(Clone)]
pub struct Blob {
    pub(super) container: Container,
    pub(super) name: String,
}

/// What must hold for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'a> {
    /// Nothing.
    None,
    /// There is no such blob.
    IfNoneMatchAny,
    /// It is still this version.
    IfMatch(&'a ETag),
}

/// What a deletion came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone now.
    Deleted,
    /// There was none.
    Absent,
}

/// Of what kind a blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobKind {
    /// Of committed blocks.
    Block,
    /// Only ever grows.
    Append,
    /// Of pages.
    Page,
}

/// What is known of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobProperties {
    /// In bytes.
    pub size: u64,
    /// Its version.
    pub etag: ETag,
    /// Base64; present where the service or the writer noted it.
    pub md5: Option<String>,
    /// Its metadata.
    pub metadata: Metadata,
    /// Of what kind it is.
    pub kind: BlobKind,
}

/// What was read of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobContent {
    /// What was asked for.
    pub bytes: Bytes,
    /// Its version.
    pub etag: ETag,
    /// Its metadata.
    pub metadata: Metadata,
    /// Of the whole blob, in bytes.
    pub size: u64,
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Blob({}/{}/{})",
            origin::shown(&self.account().url),
            self.container.name,
            self.name
        )
    }
}

impl Blob {
    /// The whole name, slashes included.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Blob {
        Blob {
            container: self.container.within(deadline),
            name: self.name.clone(),
        }
    }

    /// What is known of the blob without reading it; none where there is none.
    pub async fn head(&self) -> Result<Option<BlobProperties>> {
        let operation = "blob.head";
        let found = self
            .azure()
            .bounded(operation, Kind::Read, move || async move {
                let answer = self.client(operation)?.get_properties(None).await;
                answer.map_err(|error| Error::from_sdk(operation, &error))
            });
        let Some(found) = absent_as_none(found.await)? else {
            return Ok(None);
        };
        let read = || -> azure_core::Result<_> {
            Ok((
                found.content_length()?,
                found.etag()?,
                found.content_md5()?,
                found.metadata()?,
                found.blob_type()?,
            ))
        };
        let (size, etag, md5, metadata, kind) =
            read().map_err(|error| Error::malformed(operation, error))?;
        let missing = |what| Error::malformed(operation, format!("a blob without {what}"));
        Ok(Some(BlobProperties {
            size: size.ok_or_else(|| missing("a size"))?,
            etag: ETag::new(etag.ok_or_else(|| missing("an ETag"))?.to_string()),
            md5: md5
                .filter(|md5| !md5.is_empty())
                .map(|md5| STANDARD.encode(md5)),
            metadata: metadata.into_iter().collect(),
            kind: match kind {
                Some(BlobType::AppendBlob) => BlobKind::Append,
                Some(BlobType::PageBlob) => BlobKind::Page,
                _ => BlobKind::Block,
            },
        }))
    }

    /// The whole blob; none where there is none. One that is longer than `max_bytes` is [`Error::Malformed`].
    pub async fn get(
        &self,
        if_match: Option<&ETag>,
        max_bytes: u64,
    ) -> Result<Option<BlobContent>> {
        self.read(0, if_match, max_bytes).await
    }

    /// The blob from an offset to its end; nothing where the offset is the end. For append blobs, which only grow.
    pub async fn get_from(&self, offset: u64, max_bytes: u64) -> Result<Option<BlobContent>> {
        match self.read(offset, None, max_bytes).await {
            Err(Error::Invalid(answer)) if answer.status == 416 => {
                let found = self.head().await?;
                Ok(found.map(
                    |BlobProperties {
                         etag,
                         metadata,
                         size,
                         ..
                     }| BlobContent {
                        bytes: Bytes::new(),
                        etag,
                        metadata,
                        size,
                    },
                ))
            }
            read => read,
        }
    }

    /// Writes the whole blob in one request. With a condition that does not hold: 409 where it exists
    /// ([`Error::Conflict`]), 412 where it changed ([`Error::PreconditionFailed`]).
    pub async fn put(
        &self,
        body: Bytes,
        condition: Condition<'_>,
        metadata: &Metadata,
    ) -> Result<ETag> {
        let operation = "blob.put";
        let body = &body;
        self.azure()
            .bounded(operation, Kind::Write, move || async move {
                let (if_match, if_none_match) = condition.headers();
                let whole = NonZero::new(body.len().max(1) as u64).unwrap_or(NonZero::<u64>::MIN);
                let options = BlobClientUploadOptions {
                    if_match,
                    if_none_match,
                    metadata: sdk_metadata(operation, metadata)?,
                    parallel: Some(NonZero::<usize>::MIN),
                    partition_size: Some(whole),
                    ..Default::default()
                };
                let sent = self
                    .client(operation)?
                    .upload(body.clone().into(), Some(options))
                    .await;
                let etag = sent
                    .map_err(|error| Error::from_sdk(operation, &error))?
                    .etag;
                etag_of(operation, etag)
            })
            .await
    }

    /// Removes the blob, where it is still that version.
    pub async fn delete(&self, if_match: Option<&ETag>) -> Result<Deletion> {
        let operation = "blob.delete";
        let deleted = self
            .azure()
            .bounded(operation, Kind::Write, move || async move {
                let if_match = if_match.map(|etag| Etag::from(etag.as_str()));
                let options = BlobClientDeleteOptions {
                    if_match,
                    ..Default::default()
                };
                let answer = self.client(operation)?.delete(Some(options)).await;
                answer
                    .map(|_| ())
                    .map_err(|error| Error::from_sdk(operation, &error))
            });
        Ok(absent_as_none(deleted.await)?.map_or(Deletion::Absent, |()| Deletion::Deleted))
    }

    async fn read(
        &self,
        offset: u64,
        if_match: Option<&ETag>,
        max_bytes: u64,
    ) -> Result<Option<BlobContent>> {
        let operation = "blob.get";
        let read = self
            .azure()
            .bounded(operation, Kind::Read, move || async move {
                // One byte more than allowed tells a blob that is too long. One part: no tasks, no second request.
                let most = max_bytes.min(LONGEST_READ).saturating_add(1);
                let options = BlobClientDownloadOptions {
                    if_match: if_match.map(|etag| Etag::from(etag.as_str())),
                    range: Some(HttpRange::new(offset, most)),
                    parallel: Some(NonZero::<usize>::MIN),
                    partition_size: usize::try_from(most).ok().and_then(NonZero::new),
                    ..Default::default()
                };
                self.download(operation, options, max_bytes).await
            });
        absent_as_none(read.await)
    }

    async fn download(
        &self,
        operation: &'static str,
        options: BlobClientDownloadOptions<'_>,
        max_bytes: u64,
    ) -> Result<BlobContent> {
        let sdk = |error| Error::from_sdk(operation, &error);
        let found = self
            .client(operation)?
            .download(Some(options))
            .await
            .map_err(sdk)?;
        let total = reply::header(&found.headers, "content-range")
            .and_then(|range| range.rsplit('/').next()?.parse().ok());
        let mut bytes = Vec::new();
        let mut body = found.body;
        while let Some(chunk) = body.try_next().await.map_err(sdk)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > max_bytes {
                return Err(Error::malformed(
                    operation,
                    format!("the blob is longer than {max_bytes} bytes"),
                ));
            }
        }
        Ok(BlobContent {
            etag: etag_of(operation, found.properties.etag)?,
            metadata: found.properties.metadata.into_iter().collect(),
            size: total.unwrap_or(bytes.len() as u64),
            bytes: bytes.into(),
        })
    }

    /// Without anything added: with the account's SAS, where it has one.
    pub(crate) fn url_as_is(&self, operation: &'static str) -> Result<Url> {
        self.url(operation)
    }

    /// Whether the account's URL brought its own permission.
    pub(crate) fn has_sas(&self) -> bool {
        self.account().has_sas()
    }

    pub(super) fn account(&self) -> &Blobs {
        &self.container.account
    }

    pub(super) fn azure(&self) -> &Azure {
        &self.container.account.azure
    }

    /// With the account's SAS, where it has one.
    pub(super) fn url(&self, operation: &'static str) -> Result<Url> {
        let mut segments = vec![self.container.name.as_str()];
        segments.extend(self.name.split('/'));
        origin::under(operation, &self.account().url, &segments, &[])
    }

    pub(super) fn client(&self, operation: &'static str) -> Result<BlobClient> {
        let client_options = self.account().client_options(operation)?;
        let options = BlobClientOptions {
            client_options,
            ..Default::default()
        };
        BlobClient::new(self.url(operation)?, None, Some(options))
            .map_err(|error| Error::from_sdk(operation, &error))
    }
}

impl Condition<'_> {
    /// `If-Match` and `If-None-Match`.
    pub(super) fn headers(self) -> (Option<Etag>, Option<Etag>) {
        match self {
            Condition::None => (None, None),
            Condition::IfNoneMatchAny => (None, Some(Etag::from("*"))),
            Condition::IfMatch(etag) => (Some(Etag::from(etag.as_str())), None),
        }
    }
}

/// 404 as `None` where the blob is what is missing; a missing container is an error.
pub(super) fn absent_as_none<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(answer)) if answer.code != "ContainerNotFound" => Ok(None),
        Err(error) => Err(error),
    }
}

/// Refuses what cannot stand in a header: the service would answer 400, the HTTP client less clearly.
pub(super) fn sdk_metadata(
    operation: &'static str,
    metadata: &Metadata,
) -> Result<Option<HashMap<String, String>>> {
    let name_holds = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let value_holds = |value: &str| value.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if let Some((name, _)) = metadata
        .iter()
        .find(|(name, value)| !name_holds(name) || !value_holds(value))
    {
        return Err(Error::refused(
            operation,
            format!("metadata {name:?} is not ASCII"),
        ));
    }
    Ok((!metadata.is_empty()).then(|| metadata.clone().into_iter().collect()))
}

pub(super) fn etag_of(operation: &'static str, etag: Option<Etag>) -> Result<ETag> {
    etag.map(|etag| ETag::new(etag.to_string()))
        .ok_or_else(|| Error::malformed(operation, "no ETag"))
}
