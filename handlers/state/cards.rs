//! `cards/`: where a promotion's card is in the channel, so that it can be changed and answered below.
//!
//! The invariant: what is lost here costs a card anew, never a decision: whatever card somebody clicks on, it names its question
//! itself. And a click is refused because of what is written here only where that is the newest card: before another takes its
//! place, this says that it is lost.

use azure_api::blob::{Condition, Container};
use bytes::Bytes;
use jiff::Timestamp;
use promotion::{Attempt, Digest, PromotionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::StoreError;

/// A few ids.
const LARGEST: u64 = 16 * 1024;

/// Where a card is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardPlace {
    /// The attempt that asks or asked on it.
    pub attempt: Attempt,
    /// The channel: another one's card is not ours to change any more.
    pub channel: String,
    /// The thread that it begins.
    pub conversation: String,
    /// Its message.
    pub activity: String,
    /// The progress that it shows; absent where it is a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Digest>,
    /// When the newest notice that it has shown was decided on: older ones, tried for longer, come too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// Whether it could not be changed any more, so that another is posted: as long as that says so, nobody can tell which
    /// posts are copies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
}

impl CardPlace {
    /// Whether it is that attempt's, in that channel.
    pub fn is_of(&self, attempt: Attempt, channel: &str) -> bool {
        self.attempt == attempt && self.channel == channel
    }
}

/// Where cards are.
#[derive(Clone)]
pub struct CardStore {
    container: Container,
}

impl CardStore {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// The promotion's newest card; none, where it has none yet or nobody can read where it is.
    pub async fn get(&self, id: &PromotionId) -> Result<Option<CardPlace>, StoreError> {
        let path = path(id);
        let found = self.container.blob(&path).get(None, LARGEST).await;
        let found = found.map_err(StoreError::service(path))?;
        Ok(found.and_then(|content| serde_json::from_slice(&content.bytes).ok()))
    }

    /// From now on it is there. Whoever comes last is right: two cards ask the same.
    pub async fn put(&self, id: &PromotionId, place: &CardPlace) -> Result<(), StoreError> {
        let path = path(id);
        let body = serde_json::to_vec(place).map_err(|source| StoreError::Unreadable {
            what: path.clone(),
            source,
        })?;
        let blob = self.container.blob(&path);
        blob.put(Bytes::from(body), Condition::None, &BTreeMap::new())
            .await
            .map(|_| ())
            .map_err(StoreError::service(path))
    }
}

fn path(id: &PromotionId) -> String {
    format!("cards/{}.json", id.as_str())
}
