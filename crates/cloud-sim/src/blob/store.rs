//! The accounts with their containers and blobs, and every change to them.
//!
//! Invariant: each method is one step under one lock, so conditions and writes cannot be torn apart. An account exists as
//! soon as it is named, as its host name would.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

use super::blocks::{MOST_BLOCKS, Staged, Wanted};
use super::conditions::Conditions;
use super::entry::{Blob, Block, Content, ETag, Kind, Properties};
use super::error::BlobError;
use super::listing::{self, Page, Query};
use crate::SimClock;

/// Where a blob lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) account: String,
    pub(crate) container: String,
    pub(crate) name: String,
}

/// What `Append Block` answers with.
pub(crate) struct Appended {
    pub(crate) blob: Blob,
    pub(crate) offset: u64,
    pub(crate) blocks: usize,
}

/// What `Append Block` asks for beside the bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AppendLimits {
    pub(crate) position: Option<u64>,
    pub(crate) max_size: Option<u64>,
}

/// Committed and staged blocks of a blob, with the blob if it was ever committed.
pub(crate) struct BlockLists {
    pub(crate) blob: Option<Blob>,
    pub(crate) staged: Vec<Block>,
}

/// When something was last written, and the tag of that write.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) etag: ETag,
    pub(crate) modified: Timestamp,
}

#[derive(Debug)]
struct Container {
    version: Version,
    blobs: BTreeMap<String, Blob>,
    staged: BTreeMap<String, Staged>,
}

/// All blobs of the cloud, in memory.
#[derive(Debug)]
pub struct Store {
    clock: SimClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    writes: u64,
    containers: BTreeMap<(String, String), Container>,
}

impl Store {
    pub(crate) fn new(clock: SimClock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    pub(crate) fn create_container(&self, account: &str, name: &str) -> Result<Version, BlobError> {
        let mut state = self.lock();
        let key = (account.to_owned(), name.to_owned());
        if state.containers.contains_key(&key) {
            return Err(BlobError::ContainerAlreadyExists);
        }
        let version = Version {
            etag: state.next_etag(),
            modified: self.clock.now(),
        };
        let container = Container {
            version: version.clone(),
            blobs: BTreeMap::new(),
            staged: BTreeMap::new(),
        };
        state.containers.insert(key, container);
        Ok(version)
    }

    pub(crate) fn container_version(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Version, BlobError> {
        let state = self.lock();
        Ok(state.container(account, name)?.version.clone())
    }

    pub(crate) fn page(
        &self,
        account: &str,
        container: &str,
        query: &Query,
    ) -> Result<Page, BlobError> {
        let state = self.lock();
        Ok(listing::page(
            &state.container(account, container)?.blobs,
            query,
        ))
    }

    pub(crate) fn read(&self, at: &Address, conditions: &Conditions) -> Result<Blob, BlobError> {
        let state = self.lock();
        let blob = state
            .container(&at.account, &at.container)?
            .blob(&at.name)?;
        conditions.allow_reading(blob)?;
        Ok(blob.clone())
    }

    /// Put Blob: what stood there and what was staged for it is gone.
    pub(crate) fn put_blob(
        &self,
        at: &Address,
        kind: Kind,
        bytes: Bytes,
        properties: Properties,
        conditions: &Conditions,
    ) -> Result<Blob, BlobError> {
        let content = match kind {
            Kind::Block => Content::Whole(bytes),
            Kind::Append => Content::Appended(Vec::new()),
        };
        let mut state = self.lock();
        let current = state
            .container(&at.account, &at.container)?
            .blobs
            .get(&at.name);
        conditions.allow_replacing(current)?;
        let blob = self.fresh(&mut state, at, kind, content, properties);
        Ok(blob)
    }

    pub(crate) fn stage(&self, at: &Address, id: &str, bytes: Bytes) -> Result<(), BlobError> {
        let mut state = self.lock();
        let container = state.container_mut(&at.account, &at.container)?;
        if container
            .blobs
            .get(&at.name)
            .is_some_and(|blob| blob.kind != Kind::Block)
        {
            return Err(BlobError::InvalidBlobType);
        }
        if let Some(staged) = container.staged.get_mut(&at.name) {
            return staged.stage(id, bytes);
        }
        let mut staged = Staged::default();
        staged.stage(id, bytes)?;
        container.staged.insert(at.name.clone(), staged);
        Ok(())
    }

    pub(crate) fn commit(
        &self,
        at: &Address,
        wanted: &[Wanted],
        properties: Properties,
        conditions: &Conditions,
    ) -> Result<Blob, BlobError> {
        let mut state = self.lock();
        let container = state.container(&at.account, &at.container)?;
        let current = container.blobs.get(&at.name);
        conditions.allow_replacing(current)?;
        if current.is_some_and(|blob| blob.kind != Kind::Block) {
            return Err(BlobError::InvalidBlobType);
        }
        let standing = current.map_or(&[][..], |blob| blob.content.blocks());
        let blocks = match container.staged.get(&at.name) {
            Some(staged) => staged.assemble(wanted, standing)?,
            None => Staged::default().assemble(wanted, standing)?,
        };
        Ok(self.fresh(
            &mut state,
            at,
            Kind::Block,
            Content::Blocks(blocks),
            properties,
        ))
    }

    pub(crate) fn block_lists(&self, at: &Address) -> Result<BlockLists, BlobError> {
        let state = self.lock();
        let container = state.container(&at.account, &at.container)?;
        let blob = container.blobs.get(&at.name).cloned();
        let staged = container.staged.get(&at.name).map(Staged::to_blocks);
        if blob.is_none() && staged.is_none() {
            return Err(BlobError::BlobNotFound);
        }
        Ok(BlockLists {
            blob,
            staged: staged.unwrap_or_default(),
        })
    }

    pub(crate) fn append(
        &self,
        at: &Address,
        bytes: Bytes,
        limits: AppendLimits,
        conditions: &Conditions,
    ) -> Result<Appended, BlobError> {
        let mut state = self.lock();
        let etag = state.next_etag();
        let blob = state
            .container_mut(&at.account, &at.container)?
            .blob_mut(&at.name)?;
        conditions.allow_changing(blob)?;
        let offset = blob.content.len();
        let Content::Appended(pieces) = &mut blob.content else {
            return Err(BlobError::InvalidBlobType);
        };
        limits.check(offset, bytes.len() as u64)?;
        if pieces.len() >= MOST_BLOCKS {
            return Err(BlobError::BlockCountExceedsLimit);
        }
        pieces.push(bytes);
        let blocks = pieces.len();
        blob.etag = etag;
        blob.modified = self.clock.now();
        Ok(Appended {
            blob: blob.clone(),
            offset,
            blocks,
        })
    }

    pub(crate) fn set_metadata(
        &self,
        at: &Address,
        metadata: BTreeMap<String, String>,
        conditions: &Conditions,
    ) -> Result<Blob, BlobError> {
        let mut state = self.lock();
        let etag = state.next_etag();
        let blob = state
            .container_mut(&at.account, &at.container)?
            .blob_mut(&at.name)?;
        conditions.allow_changing(blob)?;
        blob.properties.metadata = metadata;
        blob.etag = etag;
        blob.modified = self.clock.now();
        Ok(blob.clone())
    }

    pub(crate) fn delete(&self, at: &Address, conditions: &Conditions) -> Result<(), BlobError> {
        let mut state = self.lock();
        let container = state.container_mut(&at.account, &at.container)?;
        conditions.allow_changing(container.blob(&at.name)?)?;
        container.blobs.remove(&at.name);
        container.staged.remove(&at.name);
        Ok(())
    }

    fn fresh(
        &self,
        state: &mut State,
        at: &Address,
        kind: Kind,
        content: Content,
        properties: Properties,
    ) -> Blob {
        let (now, etag) = (self.clock.now(), state.next_etag());
        let container = state
            .container_mut(&at.account, &at.container)
            .expect("the caller found the container under the same lock");
        container.staged.remove(&at.name);
        let created = container
            .blobs
            .get(&at.name)
            .map_or(now, |blob| blob.created);
        let blob = Blob {
            kind,
            content,
            properties,
            etag,
            created,
            modified: now,
        };
        container.blobs.insert(at.name.clone(), blob.clone());
        blob
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_etag(&mut self) -> ETag {
        self.writes += 1;
        ETag::numbered(self.writes)
    }

    fn container(&self, account: &str, name: &str) -> Result<&Container, BlobError> {
        let key = (account.to_owned(), name.to_owned());
        self.containers
            .get(&key)
            .ok_or(BlobError::ContainerNotFound)
    }

    fn container_mut(&mut self, account: &str, name: &str) -> Result<&mut Container, BlobError> {
        let key = (account.to_owned(), name.to_owned());
        self.containers
            .get_mut(&key)
            .ok_or(BlobError::ContainerNotFound)
    }
}

impl Container {
    fn blob(&self, name: &str) -> Result<&Blob, BlobError> {
        self.blobs.get(name).ok_or(BlobError::BlobNotFound)
    }

    fn blob_mut(&mut self, name: &str) -> Result<&mut Blob, BlobError> {
        self.blobs.get_mut(name).ok_or(BlobError::BlobNotFound)
    }
}

impl AppendLimits {
    fn check(self, size: u64, added: u64) -> Result<(), BlobError> {
        if self.position.is_some_and(|position| position != size) {
            return Err(BlobError::AppendPositionConditionNotMet);
        }
        if self.max_size.is_some_and(|limit| size + added > limit) {
            return Err(BlobError::MaxBlobSizeConditionNotMet);
        }
        Ok(())
    }
}
