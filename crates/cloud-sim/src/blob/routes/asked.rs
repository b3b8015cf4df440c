//! What a request asks for: account, container, blob and operation, from its path, query and headers.

use std::collections::BTreeMap;

use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use crate::blob::checksum::Sums;
use crate::blob::conditions::{Conditions, Tags};
use crate::blob::entry::Properties;
use crate::blob::error::BlobError;
use crate::blob::store::Address;

/// A request, read.
pub(in crate::blob) struct Asked {
    pub(in crate::blob) operation: Operation,
    /// Container and name are empty where the request names none.
    pub(in crate::blob) address: Address,
    pub(in crate::blob) query: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::blob) enum Operation {
    UserDelegationKey,
    CreateContainer,
    ContainerProperties,
    ListBlobs,
    PutBlob,
    PutBlock,
    PutBlockFromUrl,
    PutBlockList,
    GetBlockList,
    AppendBlock,
    GetBlob,
    GetProperties,
    SetMetadata,
    DeleteBlob,
    NotBuilt,
}

impl Asked {
    pub(in crate::blob) fn parse(parts: &Parts) -> Result<Self, BlobError> {
        let address = address(parts.uri.path())?;
        Ok(Self {
            operation: Operation::of(parts),
            address,
            query: query(parts),
        })
    }

    pub(in crate::blob) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }
}

impl Operation {
    pub(in crate::blob) fn of(parts: &Parts) -> Self {
        let query = query(parts);
        let comp = query.get("comp").map_or("", String::as_str);
        match segments(parts.uri.path()) {
            0 | 1 => Self::of_account(&parts.method, comp),
            2 => Self::of_container(&parts.method, comp),
            _ => Self::of_blob(
                &parts.method,
                comp,
                parts.headers.contains_key("x-ms-copy-source"),
            ),
        }
    }

    fn of_account(method: &Method, comp: &str) -> Self {
        match (method.as_str(), comp) {
            ("POST", "userdelegationkey") => Self::UserDelegationKey,
            _ => Self::NotBuilt,
        }
    }

    fn of_container(method: &Method, comp: &str) -> Self {
        match (method.as_str(), comp) {
            ("PUT", "") => Self::CreateContainer,
            ("GET" | "HEAD", "") => Self::ContainerProperties,
            ("GET", "list") => Self::ListBlobs,
            _ => Self::NotBuilt,
        }
    }

    fn of_blob(method: &Method, comp: &str, copies: bool) -> Self {
        match (method.as_str(), comp, copies) {
            ("PUT", "", false) => Self::PutBlob,
            ("PUT", "block", false) => Self::PutBlock,
            ("PUT", "block", true) => Self::PutBlockFromUrl,
            ("PUT", "blocklist", _) => Self::PutBlockList,
            ("GET", "blocklist", _) => Self::GetBlockList,
            ("PUT", "appendblock", false) => Self::AppendBlock,
            ("PUT", "metadata", _) => Self::SetMetadata,
            ("GET", "", _) => Self::GetBlob,
            ("HEAD", "", _) => Self::GetProperties,
            ("DELETE", "", _) => Self::DeleteBlob,
            _ => Self::NotBuilt,
        }
    }

    /// The name under which it is counted and can be made to fail.
    pub(in crate::blob) fn name(self) -> &'static str {
        match self {
            Self::UserDelegationKey => "blob.userDelegationKey",
            Self::CreateContainer => "blob.createContainer",
            Self::ContainerProperties => "blob.containerProperties",
            Self::ListBlobs => "blob.list",
            Self::PutBlob => "blob.put",
            Self::PutBlock => "blob.putBlock",
            Self::PutBlockFromUrl => "blob.putBlockFromUrl",
            Self::PutBlockList => "blob.putBlockList",
            Self::GetBlockList => "blob.getBlockList",
            Self::AppendBlock => "blob.append",
            Self::GetBlob => "blob.get",
            Self::GetProperties => "blob.head",
            Self::SetMetadata => "blob.setMetadata",
            Self::DeleteBlob => "blob.delete",
            Self::NotBuilt => "blob.notBuilt",
        }
    }
}

pub(super) fn conditions(headers: &HeaderMap) -> Conditions {
    Conditions {
        if_match: header(headers, "if-match").map(Tags::parse),
        if_none_match: header(headers, "if-none-match").map(Tags::parse),
    }
}

/// The checksums of the body, in the headers of the request itself.
pub(super) fn sums(headers: &HeaderMap) -> Sums {
    let text = |name| header(headers, name).map(str::to_owned);
    Sums {
        md5: text("content-md5"),
        crc64: text("x-ms-content-crc64"),
    }
}

pub(super) fn properties(headers: &HeaderMap) -> Result<Properties, BlobError> {
    let text = |name| header(headers, name).map(str::to_owned);
    Ok(Properties {
        content_type: text("x-ms-blob-content-type"),
        content_md5: text("x-ms-blob-content-md5"),
        metadata: metadata(headers)?,
    })
}

/// Names keep no case here: HTTP's headers have none.
pub(super) fn metadata(headers: &HeaderMap) -> Result<BTreeMap<String, String>, BlobError> {
    let named = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().strip_prefix("x-ms-meta-")?, value)));
    named
        .map(|(name, value)| match value.to_str() {
            Ok(value) if is_identifier(name) => Ok((name.to_owned(), value.to_owned())),
            Ok(_) | Err(_) => Err(BlobError::InvalidMetadata),
        })
        .collect()
}

/// Metadata names are identifiers of C#.
fn is_identifier(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.chars().all(fits)
}

/// How many of account, container and blob the path names.
fn segments(path: &str) -> usize {
    path.trim_start_matches('/')
        .splitn(3, '/')
        .filter(|segment| !segment.is_empty())
        .count()
}

fn address(path: &str) -> Result<Address, BlobError> {
    let mut segments = path.trim_start_matches('/').splitn(3, '/').map(|segment| {
        let text = percent_decode_str(segment).decode_utf8();
        text.map(std::borrow::Cow::into_owned)
            .map_err(|_| BlobError::InvalidResourceName)
    });
    let mut next = || segments.next().transpose().map(Option::unwrap_or_default);
    Ok(Address {
        account: next()?,
        container: next()?,
        name: next()?,
    })
}

fn query(parts: &Parts) -> BTreeMap<String, String> {
    let query = parts.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// A header's text; one that is not text counts as absent, as an unreadable one would.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
