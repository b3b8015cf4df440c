//! What a candidate is asked before it has traffic, or beside the champion.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Bodies of requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Requests {
    /// These, pinned with the plan. A journal has them as a list, as it had before there were others.
    Given(Vec<Value>),
    /// A sample of what callers have sent, taken when it is needed. Callers' data is in no journal.
    Collected(Collected),
}

/// A sample of what callers have sent to a deployment, as far as the platform has collected it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Collected {
    /// To which.
    pub from: CollectedFrom,
    /// In the last so many hours.
    pub hours: u32,
    /// At most so many of them.
    pub most: u32,
}

/// Whose callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CollectedFrom {
    /// The champion's.
    Champion,
}

impl Requests {
    /// How many there are at most.
    pub fn most(&self) -> u64 {
        match self {
            Self::Given(requests) => requests.len() as u64,
            Self::Collected(collected) => u64::from(collected.most),
        }
    }
}
