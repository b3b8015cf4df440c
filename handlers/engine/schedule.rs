//! Scheduling: the marker and the wake-up for the next look.
//!
//! The invariant: the marker's due time is moved on only after the wake-up for it was accepted, and only over the marker
//! that was read before the journal. So a wake-up that is lost, and a crash between the two, are found by the sweep.
//!
//! Who tells something writes the marker, then appends, and may die in between or be slow: an `advance` may read that very
//! marker and the journal before the append. So such a marker announces the append, by the length of the journal that it
//! was decided on, and until that length is passed or nothing can land any more, the marker is not moved beyond then.

use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

use super::advance::Progress;
use super::runtime::{Engine, EngineError};
use super::standing::Place;
use super::subject::Moves;
use crate::causes::chain;
use crate::state::{Announced, Found, JournalName, Marked, Marker, StoreError, Summary};

/// Wake-ups are scheduled in whole seconds; a message may come this much before its time by our clock.
const SKEW: SignedDuration = SignedDuration::from_secs(1);

/// How long after its announcement an append may land: the marker's own calls may take two minutes before it is sent, and one
/// that was given up is held back for two more.
const LANDS_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// How long one sweep may take; the next one comes within a minute.
const SWEEP: Duration = Duration::from_mins(1);

/// How old a marker without a journal is when nobody is about to begin that journal any more.
const ORPHAN: SignedDuration = SignedDuration::from_mins(10);

/// When a journal that cannot be read is looked at again.
const UNREADABLE: SignedDuration = SignedDuration::from_hours(1);

/// How often a stale writer of a marker reads it again.
const RACES: u32 = 20;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Journals that were woken.
    pub woken: usize,
    /// Journals that are due as well, and left to the next sweep.
    pub left: usize,
}

/// A journal as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// When it began.
    pub(super) since: Timestamp,
    /// The time.
    pub(super) now: Timestamp,
    /// How many records it has.
    pub(super) records: u64,
}

impl Seen {
    /// The append that this marker announces and that may still come.
    pub(super) fn outstanding(self, found: &Found) -> Option<Announced> {
        let announced = found.marker.announced?;
        let may_come = announced.behind >= self.records && announced.lands_by() > self.now;
        may_come.then_some(announced)
    }
}

impl Announced {
    /// Both, as one: neither the one behind more records nor the one that may come later is forgotten.
    fn and(self, other: Self) -> Self {
        Self {
            behind: self.behind.max(other.behind),
            at: self.at.max(other.at),
        }
    }

    /// When nothing of it can land any more.
    fn lands_by(self) -> Timestamp {
        whole_second(self.at + LANDS_WITHIN)
    }
}

impl Engine {
    /// Sends the wake-up for the next look, unless one is on its way, and moves the marker on.
    pub(super) async fn schedule<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        seen: Seen,
        progress: Progress,
    ) -> Result<(), EngineError> {
        let Seen { since, now, .. } = seen;
        let announced = marker.as_ref().and_then(|found| seen.outstanding(found));
        let due = due(aggregate, now);
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
                Progress::None => marker.as_ref().map_or(0, |found| found.marker.idle + 1),
            },
            announced,
        };
        if !on_its_way {
            let at = (due > now).then_some(due);
            if let Err(error) = self.store.wake_ups.send(name, at).await {
                unsent(name, &error);
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

    /// Moves the marker of a closed journal out of `open/`, also where a crash left it there.
    pub(super) async fn finish_closing<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        seen: Seen,
    ) -> Result<(), EngineError> {
        let Some(found) = marker else {
            return Ok(());
        };
        let mut last = Marker {
            summary: aggregate.summary(),
            due: seen.now,
            since: seen.since,
            idle: 0,
            announced: seen.outstanding(&found),
        };
        if let Some(reopening) = last.announced {
            // Somebody is about to reopen it: it stays in the sweep's list until they have, or have not.
            last.due = reopening.lands_by();
            self.store.markers.replace_open(&found, &last).await?;
            return Ok(());
        }
        if self.store.markers.close(&found, &last).await? == Marked::Overtaken {
            return self.undo_closing(name, &last).await;
        }
        tracing::info!(
            promotion = name.as_str(),
            ending = last.summary.stage,
            "closed"
        );
        Ok(())
    }

    /// After a marker went to `closed/` while somebody wrote the open one: whoever reopens tidies up `closed/` behind their
    /// record, and may have done so before.
    pub async fn undo_closing(
        &self,
        name: &JournalName,
        marker: &Marker,
    ) -> Result<(), EngineError> {
        let implied = self.implied(name).await?;
        let has_ended = implied.is_some_and(|implied| implied.place == Place::Closed);
        let markers = &self.store.markers;
        if !has_ended && let Some(ours) = markers.closed_marker(name, marker.since).await? {
            markers.drop_closed(&marker.month(), &ours).await?;
        }
        Ok(())
    }

    /// Whether a marker whose journal is not begun is so old that nobody can be about to begin it.
    pub async fn is_orphan(&self, found: &Found) -> bool {
        found.marker.since + ORPHAN <= self.clock.now().await
    }

    /// Removes a marker whose journal was never begun, once nobody can be about to.
    pub async fn drop_orphan(&self, found: &Found) -> Result<Marked, EngineError> {
        if !self.is_orphan(found).await {
            return Ok(Marked::Overtaken);
        }
        tracing::warn!(
            promotion = found.name.as_str(),
            "its journal was never begun: the marker is removed"
        );
        Ok(self.store.markers.drop_open(found).await?)
    }

    /// Says on the board that a journal cannot be read, and looks again in an hour: a newer release may have written it.
    pub async fn mark_unreadable(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        reason: &str,
    ) -> Result<Marked, EngineError> {
        let now = self.clock.now().await;
        let before = marker.as_ref().map(|found| found.marker.clone());
        let next = Marker {
            summary: Summary {
                stage: "unreadable".to_owned(),
                waits_for: format!("the journal cannot be read: {reason}"),
                ..before
                    .as_ref()
                    .map(|b| b.summary.clone())
                    .filter(|summary| !summary.route.is_empty())
                    .unwrap_or_else(|| named(name))
            },
            due: now + UNREADABLE,
            since: before.as_ref().map_or(now, |before| before.since),
            idle: before.as_ref().map_or(0, |before| before.idle + 1),
            announced: before.and_then(|before| before.announced),
        };
        let markers = &self.store.markers;
        Ok(match marker {
            Some(found) => markers.replace_open(&found, &next).await?,
            None => markers.put_open_if_absent(name, &next).await?,
        })
    }

    /// Makes a journal due now that has most likely no marker yet.
    pub(super) async fn mark_new<A: Moves>(
        &self,
        name: &JournalName,
        aggregate: &A,
        seen: Seen,
    ) -> Result<(), EngineError> {
        let marker = due_now(aggregate, seen);
        match self.store.markers.put_open_if_absent(name, &marker).await? {
            Marked::Written => Ok(()),
            Marked::Overtaken => self.mark_due(name, aggregate, seen).await,
        }
    }

    /// Makes a journal due now.
    pub(super) async fn mark_due<A: Moves>(
        &self,
        name: &JournalName,
        aggregate: &A,
        seen: Seen,
    ) -> Result<(), EngineError> {
        Box::pin(self.mark(name, due_now(aggregate, seen), seen)).await
    }

    /// Makes a journal due now, before something is appended to it from outside `advance`.
    pub(super) async fn announce<A: Moves>(
        &self,
        name: &JournalName,
        aggregate: &A,
        seen: Seen,
    ) -> Result<(), EngineError> {
        let announced = Announced {
            behind: seen.records,
            at: seen.now,
        };
        let marker = Marker {
            announced: Some(announced),
            ..due_now(aggregate, seen)
        };
        Box::pin(self.mark(name, marker, seen)).await
    }

    /// Writes a marker in any case, and keeps what others have announced and may still append.
    async fn mark(
        &self,
        name: &JournalName,
        marker: Marker,
        seen: Seen,
    ) -> Result<(), EngineError> {
        let markers = &self.store.markers;
        for _ in 0..RACES {
            let found = markers.open_marker(name).await?;
            let others = found.as_ref().and_then(|found| seen.outstanding(found));
            let next = Marker {
                announced: match (marker.announced, others) {
                    (Some(ours), Some(others)) => Some(ours.and(others)),
                    (ours, others) => ours.or(others),
                },
                ..marker.clone()
            };
            let written = match &found {
                Some(found) => markers.replace_open(found, &next).await?,
                None => markers.put_open_if_absent(name, &next).await?,
            };
            if written == Marked::Written {
                return Ok(());
            }
        }
        Err(EngineError::Contended(name.to_string()))
    }

    /// Wakes a journal now. Where that fails, the sweep does it: by a marker that is due.
    pub(super) async fn wake(&self, name: &JournalName) -> Result<(), StoreError> {
        let sent = self.store.wake_ups.send(name, None).await;
        sent.inspect_err(|error| unsent(name, error))
    }

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

fn due_now<A: Moves>(aggregate: &A, seen: Seen) -> Marker {
    Marker {
        summary: aggregate.summary(),
        due: seen.now,
        since: seen.since,
        idle: 0,
        announced: None,
    }
}

fn unsent(name: &JournalName, error: &StoreError) {
    tracing::warn!(
        promotion = name.as_str(),
        "wake-up not sent, the sweep will: {}",
        chain(error)
    );
}

/// A promotion that is open always has something ahead: were there nothing, a look a minute would show it.
pub(super) fn due<A: Moves>(aggregate: &A, now: Timestamp) -> Timestamp {
    let due = aggregate.next_due(now);
    whole_second(due.unwrap_or(now + SignedDuration::from_mins(1)))
}

/// Rounded up: a wake-up must not come before its time.
fn whole_second(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second() + up).unwrap_or(at)
}

/// What a journal's own name says of it, where nothing else does: of a promotion its model, version and route.
fn named(name: &JournalName) -> Summary {
    let (candidate, way) = name.as_str().split_once('.').unwrap_or_default();
    let (model, version) = candidate.rsplit_once('-').unwrap_or((candidate, ""));
    let (route, _hash) = way.rsplit_once('-').unwrap_or((way, ""));
    if name.is_intake() {
        return Summary::default();
    }
    Summary {
        model: model.to_owned(),
        version: version.to_owned(),
        route: route.to_owned(),
        ..Summary::default()
    }
}
