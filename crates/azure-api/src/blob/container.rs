//! A container: made where it is absent, listed page by page.

use std::{fmt, time::Duration};

use azure_storage_blob::{
    BlobContainerClient, BlobContainerClientOptions,
    models::{
        BlobContainerClientListBlobsOptions, BlobItem as SdkItem, ListBlobsIncludeItem,
        ListBlobsResponse,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::TryStreamExt as _;
use jiff::Timestamp;

use crate::{
    blob::{
        account::{Blobs, ETag, Metadata},
        content::Blob,
    },
    call::Kind,
    error::{Error, Result},
    origin,
};

/// The service's own limit.
const PAGE: u32 = 5000;

/// A container.
#[derive(Clone)]
pub struct Container {
    pub(super) account: Blobs,
    pub(super) name: String,
}

/// What asking for a container came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It is new.
    Created,
    /// It was there.
    AlreadyThere,
}

/// A blob as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobItem {
    /// The whole name, slashes included.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Its version.
    pub etag: ETag,
    /// Base64; present where the service or the writer noted it.
    pub md5: Option<String>,
    /// Its metadata.
    pub metadata: Metadata,
    /// Of its last change.
    pub last_modified: Option<Timestamp>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobPage {
    /// In the order of their names.
    pub items: Vec<BlobItem>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Container({}/{})",
            origin::shown(&self.account.url),
            self.name
        )
    }
}

impl Container {
    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Container {
        Container {
            account: self.account.within(deadline),
            name: self.name.clone(),
        }
    }

    /// A blob by its name, slashes included. Touches nothing yet.
    pub fn blob(&self, name: &str) -> Blob {
        Blob {
            container: self.clone(),
            name: name.to_owned(),
        }
    }

    /// Makes the container where there is none.
    pub async fn create_if_absent(&self) -> Result<Creation> {
        let operation = "container.create";
        let created = self
            .account
            .azure
            .bounded(operation, Kind::Write, move || async move {
                let created = self.client(operation)?.create(None).await;
                created
                    .map(|_| Creation::Created)
                    .map_err(|error| Error::from_sdk(operation, &error))
            });
        match created.await {
            Err(Error::Conflict(answer)) if answer.code == "ContainerAlreadyExists" => {
                Ok(Creation::AlreadyThere)
            }
            result => result,
        }
    }

    /// All blobs whose names begin so, with their metadata.
    pub async fn list(&self, prefix: &str) -> Result<Vec<BlobItem>> {
        let mut items = Vec::new();
        let mut marker = None;
        loop {
            let page = self.list_page(prefix, marker.as_deref(), PAGE).await?;
            items.extend(page.items);
            marker = page.next;
            if marker.is_none() {
                return Ok(items);
            }
        }
    }

    /// One page of the blobs whose names begin so, with their metadata.
    pub async fn list_page(
        &self,
        prefix: &str,
        marker: Option<&str>,
        at_most: u32,
    ) -> Result<BlobPage> {
        let operation = "blob.list";
        let page = self
            .account
            .azure
            .bounded(operation, Kind::Read, move || async move {
                let options = BlobContainerClientListBlobsOptions {
                    include: Some(vec![ListBlobsIncludeItem::Metadata]),
                    prefix: Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()),
                    marker: marker.map(str::to_owned),
                    maxresults: i32::try_from(at_most.clamp(1, PAGE)).ok(),
                    ..Default::default()
                };
                self.page(operation, options)
                    .await
                    .map_err(|error| Error::from_sdk(operation, &error))?
            });
        read_page(operation, page.await?)
    }

    async fn page(
        &self,
        operation: &'static str,
        options: BlobContainerClientListBlobsOptions<'_>,
    ) -> azure_core::Result<Result<ListBlobsResponse>> {
        let client = match self.client(operation) {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let mut pages = client.list_blobs(Some(options))?.into_pages();
        let page = pages.try_next().await?;
        match page {
            Some(page) => Ok(Ok(page.into_model()?)),
            None => Ok(Err(Error::malformed(operation, "no page"))),
        }
    }

    fn client(&self, operation: &'static str) -> Result<BlobContainerClient> {
        let url = origin::under(operation, &self.account.url, &[&self.name], &[])?;
        let client_options = self.account.client_options(operation)?;
        let options = BlobContainerClientOptions {
            client_options,
            ..Default::default()
        };
        BlobContainerClient::new(url, None, Some(options))
            .map_err(|error| Error::from_sdk(operation, &error))
    }
}

fn read_page(operation: &'static str, page: ListBlobsResponse) -> Result<BlobPage> {
    let items = page
        .blob_items
        .into_iter()
        .map(|item| read_item(operation, item))
        .collect::<Result<_>>()?;
    Ok(BlobPage {
        items,
        next: page.next_marker.filter(|marker| !marker.is_empty()),
    })
}

fn read_item(operation: &'static str, item: SdkItem) -> Result<BlobItem> {
    let missing = |what| Error::malformed(operation, format!("a blob without {what}"));
    let properties = item.properties.ok_or_else(|| missing("properties"))?;
    let modified = properties
        .last_modified
        .map(|at| Timestamp::from_second(at.unix_timestamp()));
    Ok(BlobItem {
        name: item.name.ok_or_else(|| missing("a name"))?,
        size: properties.content_length.ok_or_else(|| missing("a size"))?,
        etag: ETag::new(
            properties
                .etag
                .map(|etag| etag.to_string())
                .ok_or_else(|| missing("an ETag"))?,
        ),
        md5: properties
            .content_md5
            .filter(|md5| !md5.is_empty())
            .map(|md5| STANDARD.encode(md5)),
        metadata: item
            .metadata
            .and_then(|metadata| metadata.values)
            .unwrap_or_default()
            .into_iter()
            .collect(),
        last_modified: modified.and_then(std::result::Result::ok),
    })
}
