//! Every marker, held against its journal: those that belong to none, and closed ones under another month.

use super::mend::{Finding, PAGE, Remedy, Repair};
use crate::engine::{EngineError, Implied};
use crate::state::{Found, JournalName, StoreError};
use crate::ui::Flaw;

impl Repair<'_> {
    pub(super) async fn markers(&mut self) -> Result<(), EngineError> {
        let mut from = None;
        loop {
            let markers = &self.engine.store.markers;
            let (open, next) = markers.list_open_page(from.as_deref(), PAGE).await?;
            for found in open {
                self.open_marker(found).await?;
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
        let mut from = None;
        loop {
            let markers = &self.engine.store.markers;
            let (closed, next) = markers.list_all_closed(from.as_deref(), PAGE).await?;
            for (month, found) in closed {
                self.closed_marker(month, found).await?;
            }
            from = next;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    async fn open_marker(&mut self, found: Found) -> Result<(), EngineError> {
        self.tally.markers += 1;
        let begun = self.engine.store.journals.is_begun(&found.name).await?;
        if begun || !self.engine.is_orphan(&found).await {
            return Ok(());
        }
        let name = found.name.clone();
        let finding = Finding {
            flaw: Flaw::Orphaned {
                place: "open".to_owned(),
            },
            remedy: Remedy::DropOrphan(found),
        };
        self.tell(&name, finding).await;
        Ok(())
    }

    /// Where the journal's own month is, its journal was compared already.
    async fn closed_marker(&mut self, month: String, found: Found) -> Result<(), EngineError> {
        self.tally.markers += 1;
        let name = found.name.clone();
        let place = format!("closed/{month}");
        let flaw = match self.readable(&name).await? {
            Readable::NotBegun => Flaw::Orphaned { place },
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
