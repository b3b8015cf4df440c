//! The sweep: every open journal that should have moved is woken.
//!
//! The invariant: it takes no hint about what changed and costs one listing, however many were ever closed.

use std::time::{Duration, Instant};

use super::runtime::{Engine, EngineError};

/// How long one sweep may take; the next one comes within a minute.
const SWEEP: Duration = Duration::from_mins(1);

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Journals that were woken.
    pub woken: usize,
    /// Journals that are due as well, and left to the next sweep.
    pub left: usize,
}

impl Engine {
    /// Wakes every open journal whose time has come, the longest due first, until one cannot be woken or time is up.
    pub async fn sweep(&self) -> Result<Swept, EngineError> {
        let started = Instant::now();
        self.store.ready().await?;
        let now = self.clock.now().await;
        let mut due = self.store.markers.list_open().await?;
        due.retain(|found| found.marker.due <= now);
        due.sort_by_key(|found| found.marker.due);
        let mut woken = 0;
        for found in &due {
            let left = SWEEP.saturating_sub(started.elapsed());
            match tokio::time::timeout(left, self.wake(&found.name)).await {
                Ok(Ok(())) => woken += 1,
                Ok(Err(_)) | Err(_) => break,
            }
        }
        let left = due.len() - woken;
        Ok(Swept { woken, left })
    }
}
