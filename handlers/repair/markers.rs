//! Every marker, held against its journal: those that belong to none, and closed ones under another month.

use std::pin::pin;

use futures::TryStreamExt as _;

use super::mend::{Finding, Remedy, Repair};
use super::pages::{PAGE, pages};
use crate::engine::{EngineError, Implied};
use crate::state::{Found, JournalName, StoreError};
use crate::ui::{Flaw, Trace};

impl Repair<'_> {
    pub(super) async fn markers(&mut self) -> Result<(), EngineError> {
        let engine = self.engine;
        let list = |from: Option<String>| async move {
            let markers = &engine.store.markers;
            markers.list_open_page(from.as_deref(), PAGE).await
        };
        let mut open = pin!(pages(list));
        while let Some(page) = open.try_next().await? {
            for found in page {
                self.open_marker(found).await?;
            }
        }
        let list = |from: Option<String>| async move {
            let markers = &engine.store.markers;
            markers.list_all_closed(from.as_deref(), PAGE).await
        };
        let mut closed = pin!(pages(list));
        while let Some(page) = closed.try_next().await? {
            for (month, found) in page {
                if let Some(why) = self.unmarked.remove(&found.name) {
                    // What has ended, and what a newer release has written since, is no work for the sweep.
                    self.unreadable(&found.name, why, Remedy::None).await;
                }
                Box::pin(self.closed_marker(month, found)).await?;
            }
        }
        self.mark_unreadable().await;
        Ok(())
    }

    /// Those that cannot be read and have no marker at all.
    async fn mark_unreadable(&mut self) {
        for (name, why) in std::mem::take(&mut self.unmarked) {
            self.unread.extend(name.as_promotion());
            let remedy = Remedy::MarkUnreadable(None, why.clone());
            self.unreadable(&name, why, remedy).await;
        }
    }

    async fn unreadable(&mut self, name: &JournalName, why: String, remedy: Remedy) {
        let flaw = Flaw::Unreadable { why };
        self.tell(name, Finding { flaw, remedy }).await;
    }

    async fn open_marker(&mut self, found: Found) -> Result<(), EngineError> {
        self.tally.markers += 1;
        let name = found.name.clone();
        if self.engine.store.journals.is_begun(&name).await? {
            return Ok(());
        }
        if found.shows_a_journal() {
            // Nobody knows what it has of its target.
            self.unread.extend(name.as_promotion());
            let stage = found.marker.summary.stage;
            self.gone(&name, Trace::Open { stage }).await;
            return Ok(());
        }
        if !self.engine.is_orphan(&found).await {
            return Ok(());
        }
        let finding = Finding {
            flaw: Flaw::Orphaned {
                place: "open".to_owned(),
            },
            remedy: Remedy::DropOrphan(found),
        };
        self.tell(&name, finding).await;
        Ok(())
    }

    /// It had a journal: nothing here may take the place of that, or hide that it is gone.
    pub(super) async fn gone(&mut self, name: &JournalName, trace: Trace) {
        self.gone.insert(name.clone());
        let flaw = Flaw::JournalGone { trace };
        let remedy = Remedy::None;
        self.tell(name, Finding { flaw, remedy }).await;
    }

    /// Where the journal's own month is, its journal was compared already.
    async fn closed_marker(&mut self, month: String, found: Found) -> Result<(), EngineError> {
        self.tally.markers += 1;
        let name = found.name.clone();
        let place = format!("closed/{month}");
        let flaw = match self.readable(&name).await? {
            Readable::NotBegun => {
                self.gone(&name, Trace::Closed { place }).await;
                return Ok(());
            }
            Readable::Yes(implied) if implied.marker.month() != month => Flaw::WrongPlace { place },
            Readable::Yes(_) | Readable::No => return Ok(()),
        };
        let remedy = Remedy::DropClosed(month, found);
        self.tell(&name, Finding { flaw, remedy }).await;
        Ok(())
    }

    async fn readable(&self, name: &JournalName) -> Result<Readable, EngineError> {
        match self.engine.implied(name).await {
            Ok(Some(implied)) => Ok(Readable::Yes(implied)),
            Ok(None) => Ok(Readable::NotBegun),
            Err(EngineError::Store(StoreError::Corrupt { .. })) => Ok(Readable::No),
            Err(error) => Err(error),
        }
    }
}

/// A journal behind a marker.
enum Readable {
    Yes(Implied),
    NotBegun,
    /// It was named when journals were looked at.
    No,
}
