//! Announcing: the marker of an append that comes from outside `advance`.
//!
//! Who tells something writes the marker, then appends, and may die in between or be slow: an `advance` may read that very
//! marker and the journal before the append. So such a marker announces the append, by the length of the journal that it
//! was decided on. The invariant: until that length is passed or nothing can land any more, the marker is not moved beyond
//! then.

use jiff::{SignedDuration, Timestamp};

use super::runtime::{Engine, EngineError};
use super::schedule::whole_second;
use super::subject::Moves;
use crate::state::{Announced, Found, JournalName, Marked, Marker};

/// How long after its announcement an append may land: the marker's own calls may take two minutes before it is sent, and one
/// that was given up is held back for two more.
const LANDS_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// How often a stale writer of a marker reads it again.
const RACES: u32 = 20;

/// How often whoever announces something does: what others have written meanwhile may change what is to be told.
const ANNOUNCED: u32 = 3;

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
    pub(super) fn lands_by(self) -> Timestamp {
        whole_second(self.at + LANDS_WITHIN)
    }
}

impl Engine {
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
        Box::pin(self.mark(name, due_now(aggregate, seen), seen, RACES)).await
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
        Box::pin(self.mark(name, marker, seen, ANNOUNCED)).await
    }

    /// Writes a marker in any case, and keeps what others have announced and may still append.
    async fn mark(
        &self,
        name: &JournalName,
        marker: Marker,
        seen: Seen,
        races: u32,
    ) -> Result<(), EngineError> {
        let markers = &self.store.markers;
        for _ in 0..races {
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
