//! A storage account, and what its parts share.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use azure_core::http::ClientOptions;
use azure_storage_blob::{BlobServiceClient, BlobServiceClientOptions};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    azure::Azure,
    blob::{container::Container, sas::UserDelegationKey},
    error::{Error, Result},
    origin,
    tokens::STORAGE_SCOPE,
};

/// A blob's metadata: names are case-insensitive identifiers, values ASCII.
pub type Metadata = BTreeMap<String, String>;

/// A version of a blob's content and metadata, as the service writes it (quotes included).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(transparent)]
pub struct ETag(String);

impl ETag {
    /// From its text. Lists give it without the quotes that headers have; here it always has them.
    pub fn new(text: impl Into<String>) -> ETag {
        let text = text.into();
        if text.starts_with('"') || text.starts_with("W/") {
            ETag(text)
        } else {
            ETag(format!("\"{text}\""))
        }
    }

    /// With quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A storage account.
#[derive(Clone)]
pub struct Blobs {
    pub(super) azure: Azure,
    pub(super) url: Url,
    /// The last key that was asked for: it is good for many files.
    pub(super) delegation: Arc<tokio::sync::Mutex<Option<UserDelegationKey>>>,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blobs({})", origin::shown(&self.url))
    }
}

impl Blobs {
    pub(crate) fn new(azure: Azure, url: Url) -> Blobs {
        Blobs {
            azure,
            url,
            delegation: Arc::default(),
        }
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Blobs {
        Blobs {
            azure: self.azure.within(deadline),
            ..self.clone()
        }
    }

    /// A container by name. Touches nothing yet.
    pub fn container(&self, name: &str) -> Container {
        Container {
            account: self.clone(),
            name: name.to_owned(),
        }
    }

    /// Whether the URL brought its own permission.
    pub(crate) fn has_sas(&self) -> bool {
        self.url.query_pairs().any(|(name, _)| name == "sig")
    }

    /// The account's name: the first label of its host, or on this machine the last part of its path.
    pub(crate) fn name(&self) -> &str {
        let path = self.url.path().trim_matches('/');
        match path.rsplit('/').next() {
            Some(last) if !last.is_empty() => last,
            _ => self
                .url
                .host_str()
                .and_then(|host| host.split('.').next())
                .unwrap_or_default(),
        }
    }

    pub(super) fn client_options(&self, operation: &'static str) -> Result<ClientOptions> {
        origin::require_private(operation, &self.url)?;
        if self.has_sas() {
            self.azure.sdk_options(operation, None)
        } else {
            self.azure.sdk_options(operation, Some(STORAGE_SCOPE))
        }
    }

    pub(super) fn service(&self, operation: &'static str) -> Result<BlobServiceClient> {
        let client_options = self.client_options(operation)?;
        let options = BlobServiceClientOptions {
            client_options,
            ..Default::default()
        };
        BlobServiceClient::new(self.url.clone(), None, Some(options))
            .map_err(|error| Error::from_sdk(operation, &error))
    }
}
