//! Closing: the marker of a journal that has ended goes from `open/` to `closed/`, also where a crash left it behind.
//!
//! The invariant: a marker leaves `open/` only while its journal is closed and nobody has announced that they reopen it.

use super::announcing::Seen;
use super::runtime::{Engine, EngineError};
use super::standing::Place;
use super::subject::Moves;
use crate::state::{Found, JournalName, Marked, Marker};

impl Engine {
    /// Moves the marker of a closed journal out of `open/`, also where a crash left it there.
    pub(super) async fn finish_closing<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        seen: Seen,
    ) -> Result<(), EngineError> {
        let Some(found) = marker else {
            return self.close_unmarked(name, seen).await;
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
        closed(name, &last);
        Ok(())
    }

    /// A journal that ended, now or long ago, and had no open marker: it gets its closed one, unless that is there.
    async fn close_unmarked(&self, name: &JournalName, seen: Seen) -> Result<(), EngineError> {
        let markers = &self.store.markers;
        if markers.closed_marker(name, seen.since).await?.is_some() {
            return Ok(());
        }
        let implied = self.implied(name).await?;
        let Some(ended) = implied.filter(|implied| implied.place == Place::Closed) else {
            return Ok(());
        };
        match markers.put_closed_if_absent(name, &ended.marker).await? {
            Marked::Written => {
                closed(name, &ended.marker);
                self.undo_closing(name, &ended.marker).await
            }
            Marked::Overtaken => Ok(()),
        }
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
}

fn closed(name: &JournalName, marker: &Marker) {
    tracing::info!(
        promotion = name.as_str(),
        ending = marker.summary.stage,
        "closed"
    );
}
