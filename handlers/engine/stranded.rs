//! Stranded markers: those whose journal was never begun, or cannot be read.
//!
//! The invariant: nothing is removed that somebody may still be about to begin, and what cannot be read stays in sight.

use jiff::SignedDuration;

use super::runtime::{Engine, EngineError};
use crate::state::{Found, JournalName, Marked, Marker, Summary};

/// How old a marker without a journal is when nobody is about to begin that journal any more.
const ORPHAN: SignedDuration = SignedDuration::from_mins(10);

/// When a journal that cannot be read is looked at again.
const UNREADABLE: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// Whether a marker whose journal is not there was never begun, and is so old that nobody can be about to begin it.
    pub async fn is_orphan(&self, found: &Found) -> bool {
        !found.shows_a_journal() && found.marker.since + ORPHAN <= self.clock.now().await
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
}

/// What a journal's own name says of it, where nothing else does: of a promotion its model, version and route.
fn named(name: &JournalName) -> Summary {
    if name.is_intake() {
        return Summary::default();
    }
    let (candidate, way) = name.as_str().split_once('.').unwrap_or_default();
    let (model, version) = candidate.rsplit_once('-').unwrap_or((candidate, ""));
    let (route, _hash) = way.rsplit_once('-').unwrap_or((way, ""));
    Summary {
        model: model.to_owned(),
        version: version.to_owned(),
        route: route.to_owned(),
        ..Summary::default()
    }
}
