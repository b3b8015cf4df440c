//! Targets: whose turn one is, who may change it right now, and whether it is held. What serves is read from the target itself, never from
//! here.
//!
//! The invariant: turn, line, lease and holds change only by a conditional write over what was read, and never by the clock.

use azure_api::Error;
use azure_api::blob::{Condition, Container, ETag};
use bytes::Bytes;
use jiff::Timestamp;
use promotion::{Attempt, PromotionId, TargetId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::StoreError;
use super::holds::{Hold, Lifted};
use super::strangers::is_hex;

const FOLDER: &str = "targets/";

/// How many past holders are kept for whoever asks.
const HISTORY: usize = 20;

/// All targets.
#[derive(Clone)]
pub struct Leases {
    container: Container,
}

/// Who may change a target, has the turn at it, or waits for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The promotion.
    pub promotion: PromotionId,
    /// Its attempt.
    pub attempt: Attempt,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// Whether both are of one attempt of one promotion.
    pub fn is_of(&self, other: &Self) -> bool {
        self.promotion == other.promotion && self.attempt == other.attempt
    }
}

/// One target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Who may change it.
    pub holder: Option<Holder>,
    /// Who could before, newest last.
    #[serde(default)]
    pub history: Vec<Holder>,
    /// Who asks people about it and then changes it. Nobody gives a turn back: what is left of it, the holder's journal
    /// says. Absent in blobs of older releases.
    #[serde(default)]
    pub turn: Option<Holder>,
    /// Who waits for the turn, in order; among them some who have ended since. Absent in blobs of older releases.
    #[serde(default)]
    pub line: Vec<Holder>,
    /// Why nothing is promoted to it, newest last; empty: nothing stands against that. Absent in blobs of older releases.
    #[serde(default)]
    pub holds: Vec<Hold>,
    /// What was lifted, newest last.
    #[serde(default)]
    pub lifted: Vec<Lifted>,
}

/// A target's blob as it lies there.
#[derive(Debug)]
pub enum TargetBlob {
    /// Nobody has asked for the target yet, or its blob is gone.
    Absent,
    /// What it says, with what a conditional write needs.
    Readable(Target, ETag),
    /// It was not written by us, or not to its end.
    Garbled(Garbage),
}

/// What lies in the place of a target.
#[derive(Debug)]
pub struct Garbage {
    /// Why it cannot be read.
    pub why: serde_json::Error,
    /// What a conditional write needs.
    pub etag: ETag,
}

/// What came of asking for a lease or a turn.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is ours.
    Ours,
    /// Somebody else was faster: look again.
    Raced,
}

impl Leases {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// The target as it is, with what a conditional write needs.
    pub async fn read(&self, id: &TargetId) -> Result<(Target, Option<ETag>), StoreError> {
        match self.look(id).await? {
            TargetBlob::Absent => Ok((Target::default(), None)),
            TargetBlob::Readable(target, etag) => Ok((target, Some(etag))),
            TargetBlob::Garbled(garbage) => Err(StoreError::Unreadable {
                what: path(id),
                source: garbage.why,
            }),
        }
    }

    /// The target's blob, whatever it holds.
    pub async fn look(&self, id: &TargetId) -> Result<TargetBlob, StoreError> {
        let content = self
            .container
            .blob(&path(id))
            .get(None, 1024 * 1024)
            .await
            .map_err(StoreError::service(path(id)))?;
        let Some(content) = content else {
            return Ok(TargetBlob::Absent);
        };
        let etag = content.etag;
        Ok(match serde_json::from_slice(&content.bytes) {
            Ok(target) => TargetBlob::Readable(target, etag),
            Err(why) => TargetBlob::Garbled(Garbage { why, etag }),
        })
    }

    /// A page of targets that somebody has asked for, and where the next page begins.
    pub async fn list(
        &self,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<TargetId>, Option<String>), StoreError> {
        let page = self.container.list_page(FOLDER, from, at_most).await;
        let page = page.map_err(StoreError::service(FOLDER))?;
        let ids = page.items.iter().filter_map(|item| id_of(&item.name));
        Ok((ids.collect(), page.next))
    }

    /// Makes a target that nobody has asked for, or whose blob is gone.
    pub async fn put_if_absent(&self, id: &TargetId, target: &Target) -> Result<Taken, StoreError> {
        self.write(id, target, None).await
    }

    /// Writes a whole target over the garbage that was met.
    pub async fn replace(
        &self,
        id: &TargetId,
        target: &Target,
        met: &ETag,
    ) -> Result<Taken, StoreError> {
        self.write(id, target, Some(met)).await
    }

    /// Puts `holder` in, over what was read.
    pub async fn hand_over(
        &self,
        id: &TargetId,
        read: (Target, Option<ETag>),
        holder: Option<Holder>,
    ) -> Result<Taken, StoreError> {
        let (mut target, etag) = read;
        let stays = |before: &Holder| holder.as_ref().is_some_and(|ours| ours.is_of(before));
        target
            .history
            .extend(target.holder.take_if(|before| !stays(before)));
        let surplus = target.history.len().saturating_sub(HISTORY);
        target.history.drain(..surplus);
        target.holder = holder;
        self.write(id, &target, etag.as_ref()).await
    }

    /// Says whose turn it is and who waits, over what was read.
    pub async fn line_up(
        &self,
        id: &TargetId,
        read: (Target, Option<ETag>),
        turn: Option<Holder>,
        line: Vec<Holder>,
    ) -> Result<Taken, StoreError> {
        let (before, etag) = read;
        let target = Target {
            turn,
            line,
            ..before
        };
        self.write(id, &target, etag.as_ref()).await
    }

    /// Writes a target that was changed, over what was read.
    pub async fn put(
        &self,
        id: &TargetId,
        changed: &Target,
        read: Option<&ETag>,
    ) -> Result<Taken, StoreError> {
        self.write(id, changed, read).await
    }

    async fn write(
        &self,
        id: &TargetId,
        target: &Target,
        read: Option<&ETag>,
    ) -> Result<Taken, StoreError> {
        let body = serde_json::to_vec(target).expect("a target serializes");
        let condition = read.map_or(Condition::IfNoneMatchAny, Condition::IfMatch);
        match self
            .container
            .blob(&path(id))
            .put(Bytes::from(body), condition, &BTreeMap::new())
            .await
        {
            Ok(_) => Ok(Taken::Ours),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => Ok(Taken::Raced),
            Err(error) => Err(StoreError::service(path(id))(error)),
        }
    }
}

/// The target whose blob lies there; nothing where none does.
pub(super) fn id_of(path: &str) -> Option<TargetId> {
    let id = path.strip_prefix(FOLDER)?.strip_suffix(".json")?;
    is_hex(id, 24).then(|| TargetId::new(id))
}

fn path(id: &TargetId) -> String {
    format!("{FOLDER}{id}.json")
}
