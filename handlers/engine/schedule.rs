//! Scheduling: the marker and the wake-up for the next look.
//!
//! The invariant: the marker's due time is moved on only after the wake-up for it was accepted, and only over the marker
//! that was read before the journal. So a wake-up that is lost, and a crash between the two, are found by the sweep.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use crate::state::{Found, JournalName, Marker};

/// Wake-ups are scheduled in whole seconds; a message may come this much before its time by our clock.
const SKEW: SignedDuration = SignedDuration::from_secs(1);

/// How many wake-ups could not be sent since this process started; the sweep sends them.
pub(super) static UNSENT: AtomicU64 = AtomicU64::new(0);

impl Engine {
    /// Sends the wake-up for the next look, unless one is on its way, and moves the marker on.
    pub(super) async fn schedule<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        since: Timestamp,
        now: Timestamp,
        progress: bool,
    ) -> Result<(), EngineError> {
        // A promotion that is open always has something ahead: were there nothing, a look a minute would show it.
        let due = aggregate
            .next_due(now)
            .unwrap_or(now + SignedDuration::from_mins(1));
        let due = whole_second(due);
        let known = marker
            .as_ref()
            .map(|found| found.marker.due)
            .filter(|known| *known > now + SKEW);
        let on_its_way = known.is_some_and(|known| known <= due);
        if !on_its_way {
            let at = (due > now).then_some(due);
            if let Err(error) = self.store.wake_ups.send(name, at).await {
                UNSENT.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    promotion = name.as_str(),
                    "wake-up not sent, the sweep will: {error}"
                );
                return Ok(());
            }
        }
        let next = Marker {
            summary: aggregate.summary(),
            due: known.filter(|_| on_its_way).unwrap_or(due),
            since,
            idle: if progress {
                0
            } else {
                marker.as_ref().map_or(0, |found| found.marker.idle + 1)
            },
        };
        match marker {
            Some(found) if found.marker == next => Ok(()),
            Some(found) => Ok(self.store.markers.replace_open(&found, &next).await?),
            None => Ok(self.store.markers.put_open(name, &next).await?),
        }
    }

    /// Moves the marker of a closed journal out of `open/`, also where a crash left it there.
    pub(super) async fn finish_closing<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(found) = marker else {
            return Ok(());
        };
        let last = Marker {
            summary: aggregate.summary(),
            due: now,
            since,
            idle: 0,
        };
        self.store.markers.close(&found, &last).await?;
        tracing::info!(
            promotion = name.as_str(),
            ending = last.summary.stage,
            "closed"
        );
        Ok(())
    }

    /// Makes a journal due now, before something is appended to it from outside `advance`.
    pub(super) async fn mark_due<A: Moves>(
        &self,
        name: &JournalName,
        aggregate: &A,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let marker = Marker {
            summary: aggregate.summary(),
            due: now,
            since,
            idle: 0,
        };
        Ok(self.store.markers.put_open(name, &marker).await?)
    }

    /// Wakes a journal now; a failed send is left to the sweep.
    pub(super) async fn wake(&self, name: &JournalName) {
        if let Err(error) = self.store.wake_ups.send(name, None).await {
            UNSENT.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                promotion = name.as_str(),
                "wake-up not sent, the sweep will: {error}"
            );
        }
    }

    /// Wakes every open journal whose time has come; answers how many.
    pub async fn sweep(&self) -> Result<usize, EngineError> {
        self.store.ready().await?;
        let now = self.clock.now().await;
        let due: Vec<Found> = self
            .store
            .markers
            .list_open()
            .await?
            .into_iter()
            .filter(|found| found.marker.due <= now)
            .collect();
        for found in &due {
            self.wake(&found.name).await;
        }
        Ok(due.len())
    }
}

/// Rounded up: a wake-up must not come before its time.
fn whole_second(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second() + up).unwrap_or(at)
}
