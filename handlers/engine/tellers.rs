//! Tellers: whoever tells one journal something in this process stands in line, so that a crowd does not overtake itself at
//! every write.
//!
//! Only for speed: nothing is correct because of it. Other instances have lines of their own, and of two writers that have
//! read the same length one is stale. Who has waited for long goes on without a turn.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::state::JournalName;

/// Journals that share a line wait for each other, which costs them a moment.
const LINES: usize = 64;

/// How long anybody stands in line.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lines.
pub struct Tellers {
    lines: [Mutex<()>; LINES],
    hasher: RandomState,
}

impl Default for Tellers {
    fn default() -> Self {
        Self {
            lines: std::array::from_fn(|_| Mutex::new(())),
            hasher: RandomState::new(),
        }
    }
}

impl Tellers {
    /// Waits for the turn; nothing, where it took too long.
    pub(super) async fn turn(&self, name: &JournalName) -> Option<MutexGuard<'_, ()>> {
        let hash = self.hasher.hash_one(name.as_str());
        let line = usize::try_from(hash % LINES as u64).unwrap_or_default();
        tokio::time::timeout(PATIENCE, self.lines[line].lock())
            .await
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn one_at_a_time() {
        let (tellers, name) = (
            Tellers::default(),
            JournalName::parse("m-1.r-0123456789").unwrap(),
        );
        let first = tellers.turn(&name).await;
        assert!(first.is_some());
        assert!(tellers.turn(&name).now_or_never().is_none(), "it waits");
        drop(first);
        assert!(tellers.turn(&name).await.is_some());
    }
}
