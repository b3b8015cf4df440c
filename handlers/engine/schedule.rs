//! Scheduling: the marker and the wake-up for the next look.
//!
//! The invariant: the marker's due time is moved on only after the wake-up for it was accepted, and only over the marker
//! that was read before the journal. So a wake-up that is lost, and a crash between the two, are found by the sweep.

use jiff::{SignedDuration, Timestamp};
use std::fmt::Display;
use std::time::Duration;

use super::advance::Progress;
use super::announcing::Seen;
use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use crate::causes::chain;
use crate::state::{Found, JournalName, Marked, Marker, StoreError};

/// Wake-ups are scheduled in whole seconds; a message may come this much before its time by our clock.
const SKEW: SignedDuration = SignedDuration::from_secs(1);

/// What became of a wake-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// The queue has it.
    Sent,
    /// It may not have it: only a marker that is due brings the next look.
    Unknown,
}

impl Engine {
    /// Sends the wake-up for the next look, unless one is on its way, and moves the marker on. It comes sooner where the card is
    /// to be drawn again.
    pub(super) async fn schedule<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        seen: Seen,
        progress: Progress,
        redrawn: Option<Timestamp>,
    ) -> Result<(), EngineError> {
        let Seen { since, now, .. } = seen;
        let announced = marker.as_ref().and_then(|found| seen.outstanding(found));
        let own = due(aggregate, now);
        let for_card = redrawn.map(whole_second).filter(|at| *at < own);
        let due = for_card.unwrap_or(own);
        let due = announced.map_or(due, |until| due.min(until.lands_by()));
        let known = marker
            .as_ref()
            .map(|found| found.marker.due)
            .filter(|known| *known > now + SKEW);
        let on_its_way = known.is_some_and(|known| known <= due);
        let mut next = Marker {
            summary: aggregate.summary(),
            due: known.filter(|_| on_its_way).unwrap_or(due),
            since,
            idle: match progress {
                Progress::Some => 0,
                // It waits as it should; only its card is looked after.
                Progress::None if for_card.is_some() => {
                    marker.as_ref().map_or(0, |found| found.marker.idle)
                }
                Progress::None => marker.as_ref().map_or(0, |found| found.marker.idle + 1),
            },
            announced,
        };
        if !on_its_way {
            let at = (due > now).then_some(due);
            if let Err(error) = self.store.wake_ups.send(name, at).await {
                unsent(name, &chain(&error));
                next.due = now;
                return self.leave_to_sweep(name, marker, known, &next).await;
            }
        }
        let Some(found) = marker else {
            self.store.markers.put_open_if_absent(name, &next).await?;
            // Without a marker it may have been closed, and reopened by somebody who died before tidying up.
            return Ok(self.store.markers.forget_closed(name, since).await?);
        };
        if found.marker == next {
            return Ok(());
        }
        self.store.markers.replace_open(&found, &next).await?;
        Ok(())
    }

    /// A wake-up that could not be sent must not be waited for: no marker, or one that counts on it, becomes due.
    async fn leave_to_sweep(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        known: Option<Timestamp>,
        next: &Marker,
    ) -> Result<(), EngineError> {
        let markers = &self.store.markers;
        match marker {
            None => markers.put_open_if_absent(name, next).await?,
            Some(found) if known.is_some() => markers.replace_open(&found, next).await?,
            Some(_) => Marked::Overtaken,
        };
        Ok(())
    }

    /// Wakes a journal now. Where that fails, the sweep does it: by a marker that is due.
    pub(super) async fn wake(&self, name: &JournalName) -> Result<(), StoreError> {
        let sent = self.store.wake_ups.send(name, None).await;
        sent.inspect_err(|error| unsent(name, &chain(error)))
    }

    /// The same for somebody who waits for an answer, for so long and no longer.
    pub(super) async fn wake_within(&self, patience: Duration, name: &JournalName) -> Woken {
        match tokio::time::timeout(patience, self.wake(name)).await {
            Ok(Ok(())) => Woken::Sent,
            Ok(Err(_)) => Woken::Unknown,
            Err(_) => {
                unsent(name, &format_args!("no answer within {patience:?}"));
                Woken::Unknown
            }
        }
    }
}

fn unsent(name: &JournalName, why: &dyn Display) {
    tracing::warn!(
        promotion = name.as_str(),
        "wake-up not sent, the sweep will: {why}"
    );
}

/// A promotion that is open always has something ahead: were there nothing, a look a minute would show it.
pub(super) fn due<A: Moves>(aggregate: &A, now: Timestamp) -> Timestamp {
    let due = aggregate.next_due(now);
    whole_second(due.unwrap_or(now + SignedDuration::from_mins(1)))
}

/// Rounded up: a wake-up must not come before its time.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second() + up).unwrap_or(at)
}
