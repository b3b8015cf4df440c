//! Flaws with what mends each.

use super::run::Mode;
use crate::causes::chain;
use crate::engine::{Engine, EngineError, Expected};
use crate::state::{Found, JournalName, Marked, Marker};
use crate::triggers::ml_event::{Occasion, Part};
use crate::ui::{Flaw, Mended, RepairTally, repair_line};

/// How many names are listed at a time: what a repair holds in memory.
pub(super) const PAGE: u32 = 500;

/// A repair under way.
pub(super) struct Repair<'a> {
    pub(super) engine: &'a Engine,
    pub(super) mode: Mode,
    pub(super) say: &'a mut (dyn FnMut(&str) + Send),
    pub(super) tally: RepairTally,
}

/// One conditional write of the engine's own.
pub(super) enum Remedy {
    PutOpen(Marker),
    ReplaceOpen(Found, Marker),
    PutClosed(Marker),
    ReplaceClosed(Found, Marker),
    /// Out of `open/`, into `closed/`.
    Close(Found, Marker),
    DropOrphan(Found),
    DropClosed(String, Found),
    MarkUnreadable(Option<Found>, String),
    Open(Box<Part>, String),
    /// Nothing can be done.
    None,
}

/// Something to say, and to do about it.
pub(super) struct Finding {
    pub(super) flaw: Flaw,
    pub(super) remedy: Remedy,
}

impl Repair<'_> {
    /// Says what is wrong, after mending it where that is asked for.
    pub(super) async fn tell(&mut self, name: &JournalName, found: Finding) {
        let Finding { flaw, remedy } = found;
        self.tally.flaws += 1;
        let mended = match (self.mode, remedy) {
            (_, Remedy::None) => Mended::LeftAlone,
            (Mode::DryRun, _) => Mended::NotAsked,
            (Mode::Apply, remedy) => match self.mend(name, remedy).await {
                Ok(_) => Mended::Yes,
                Err(error) => Mended::No { why: chain(&error) },
            },
        };
        match mended {
            Mended::Yes => self.tally.mended += 1,
            Mended::NotAsked | Mended::LeftAlone | Mended::No { .. } => self.tally.left += 1,
        }
        (self.say)(&repair_line(name.as_str(), &flaw, &mended));
    }

    async fn mend(&self, name: &JournalName, remedy: Remedy) -> Result<Marked, EngineError> {
        let markers = &self.engine.store.markers;
        Ok(match remedy {
            Remedy::PutOpen(marker) => markers.put_open_if_absent(name, &marker).await?,
            Remedy::ReplaceOpen(found, marker) => markers.replace_open(&found, &marker).await?,
            Remedy::PutClosed(marker) => markers.put_closed_if_absent(name, &marker).await?,
            Remedy::ReplaceClosed(found, marker) => markers.replace_closed(&found, &marker).await?,
            Remedy::Close(found, marker) => markers.close(&found, &marker).await?,
            Remedy::DropOrphan(found) => self.engine.drop_orphan(&found).await?,
            Remedy::DropClosed(month, found) => markers.drop_closed(&month, &found).await?,
            Remedy::MarkUnreadable(found, why) => {
                self.engine.mark_unreadable(name, found, &why).await?
            }
            Remedy::Open(part, event) => {
                part.open(self.engine, &event, Expected::Unknown, &Occasion::Repaired)
                    .await?;
                Marked::Written
            }
            Remedy::None => Marked::Written,
        })
    }
}
