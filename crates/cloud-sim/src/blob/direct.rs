//! The store without a wire: how tests and seeds put blobs there and look at them.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

use super::checksum;
use super::conditions::Conditions;
use super::entry::{Kind, Properties};
use super::listing::{Entry, Query};
use super::store::{Address, AppendLimits, Store};

/// A blob as tests and seeds see it.
#[derive(Debug, Clone)]
pub struct BlobView {
    pub name: String,
    /// Quoted, as in the header.
    pub etag: String,
    pub size: u64,
    pub metadata: BTreeMap<String, String>,
    pub last_modified: Timestamp,
}

impl Store {
    /// Puts a block blob there, with its container, whatever stood there.
    pub fn put(&self, account: &str, container: &str, path: &str, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let properties = Properties {
            content_md5: Some(checksum::md5(&bytes)),
            ..Properties::default()
        };
        self.put_whole(&address(account, container, path), bytes, properties);
    }

    /// Puts a block blob there that is all metadata.
    pub fn put_with_metadata(
        &self,
        account: &str,
        container: &str,
        path: &str,
        metadata: BTreeMap<String, String>,
    ) {
        let properties = Properties {
            metadata,
            ..Properties::default()
        };
        self.put_whole(&address(account, container, path), Bytes::new(), properties);
    }

    fn put_whole(&self, address: &Address, bytes: Bytes, properties: Properties) {
        // It may be there already; that is as well.
        let _ = self.create_container(&address.account, &address.container);
        self.put_blob(
            address,
            Kind::Block,
            bytes,
            properties,
            &Conditions::default(),
        )
        .expect("the container is there and there is no condition");
    }

    /// The bytes of a committed blob.
    pub fn get(&self, account: &str, container: &str, path: &str) -> Option<Bytes> {
        let blob = self
            .read(&address(account, container, path), &Conditions::default())
            .ok()?;
        Some(blob.content.to_bytes())
    }

    /// The committed blobs whose names start with `prefix`, by name.
    pub fn list(&self, account: &str, container: &str, prefix: &str) -> Vec<BlobView> {
        let query = Query {
            prefix: prefix.to_owned(),
            delimiter: None,
            marker: None,
            max_results: usize::MAX,
        };
        let page = self.page(account, container, &query);
        let entries = page.map(|page| page.entries).unwrap_or_default();
        entries.iter().filter_map(view).collect()
    }

    /// Replaces the bytes of a blob that is there, as somebody with write access could, by one of its kind; whether it was
    /// there.
    pub fn overwrite(
        &self,
        account: &str,
        container: &str,
        path: &str,
        bytes: impl Into<Bytes>,
    ) -> bool {
        let at = address(account, container, path);
        let Ok(standing) = self.read(&at, &Conditions::default()) else {
            return false;
        };
        match standing.kind {
            Kind::Block => self.put(account, container, path, bytes),
            Kind::Append => self.append_anew(&at, bytes.into()),
        }
        true
    }

    fn append_anew(&self, at: &Address, bytes: Bytes) {
        let always = Conditions::default();
        self.put_blob(
            at,
            Kind::Append,
            Bytes::new(),
            Properties::default(),
            &always,
        )
        .and_then(|_| self.append(at, bytes, AppendLimits::default(), &always))
        .expect("it is there and there is no condition");
    }

    /// Deletes a blob; whether it was there.
    pub fn remove(&self, account: &str, container: &str, path: &str) -> bool {
        self.delete(&address(account, container, path), &Conditions::default())
            .is_ok()
    }
}

fn address(account: &str, container: &str, name: &str) -> Address {
    Address {
        account: account.to_owned(),
        container: container.to_owned(),
        name: name.to_owned(),
    }
}

fn view(entry: &Entry) -> Option<BlobView> {
    let Entry::Blob { name, blob } = entry else {
        return None;
    };
    Some(BlobView {
        name: name.clone(),
        etag: blob.etag.to_string(),
        size: blob.content.len(),
        metadata: blob.properties.metadata.clone(),
        last_modified: blob.modified,
    })
}
