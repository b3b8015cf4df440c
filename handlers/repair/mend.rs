//! Flaws with what mends each.

use std::collections::{BTreeMap, BTreeSet};

use promotion::PromotionId;

use super::run::Mode;
use crate::causes::chain;
use crate::engine::{Engine, EngineError, Expected, Opened, Place};
use crate::state::{Found, JournalName, Marked, Marker, StoreError};
use crate::triggers::ml_event::{Occasion, Part};
use crate::ui::{Flaw, Mended, RepairTally, repair_line};

/// A repair under way.
pub(super) struct Repair<'a> {
    pub(super) engine: &'a Engine,
    pub(super) mode: Mode,
    pub(super) say: &'a mut (dyn FnMut(&str) + Send),
    pub(super) tally: RepairTally,
    /// Promotions that are open.
    pub(super) open: Vec<PromotionId>,
    /// Promotions that may be open and whose journals were not given or cannot be read: what they hold is not known.
    pub(super) unread: BTreeSet<PromotionId>,
    /// What had a journal, and has none any more.
    pub(super) gone: BTreeSet<JournalName>,
    /// Which target names a promotion: each that is named had a journal.
    pub(super) named: BTreeMap<JournalName, String>,
    /// Journals that cannot be read and have no open marker, and why.
    pub(super) unmarked: BTreeMap<JournalName, String>,
}

/// What mends a flaw: writes that are conditional on what was read.
pub(super) enum Remedy {
    PutOpen(Marker),
    ReplaceOpen(Found, Marker),
    PutClosed(Marker),
    ReplaceClosed(Found, Marker),
    /// Out of `open/`, into `closed/`.
    Close {
        open: Found,
        closed: Option<Found>,
        marker: Marker,
    },
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

/// Why something could not be read, without its name where that is what the line begins with.
pub(super) fn why(what: &str, error: &StoreError) -> String {
    match error {
        StoreError::Unreadable { what: it, source } if it == what => chain(source),
        StoreError::Service { what: it, source } if it == what => chain(source),
        StoreError::Unreadable { .. }
        | StoreError::Service { .. }
        | StoreError::Corrupt { .. }
        | StoreError::NoContainer { .. }
        | StoreError::Contended { .. }
        | StoreError::KeyTooShort { .. } => chain(error),
    }
}

impl Repair<'_> {
    /// Says what is wrong, after mending it where that is asked for.
    pub(super) async fn tell(&mut self, name: &JournalName, found: Finding) {
        let Finding { flaw, remedy } = found;
        let mended = match (self.mode, remedy) {
            (_, Remedy::None) => Mended::LeftAlone,
            (Mode::DryRun, Remedy::MarkUnreadable(..)) => Mended::NotMarked,
            (Mode::DryRun, _) => Mended::NotAsked,
            (Mode::Apply, remedy) => {
                let marks = matches!(remedy, Remedy::MarkUnreadable(..));
                match self.mend(name, remedy).await {
                    Ok(Marked::Written) if marks => Mended::Marked,
                    Ok(Marked::Written) => Mended::Yes,
                    Ok(Marked::Overtaken) => Mended::Overtaken,
                    Err(error) => Mended::No { why: chain(&error) },
                }
            }
        };
        self.count(name.as_str(), &flaw, &mended);
    }

    /// Counts something and says what became of it.
    pub(super) fn count(&mut self, what: &str, flaw: &Flaw, mended: &Mended) {
        self.tally.flaws += 1;
        match mended {
            Mended::Yes => self.tally.mended += 1,
            Mended::NotAsked => {
                self.tally.would += 1;
                self.tally.left += 1;
            }
            Mended::NotMarked
            | Mended::Marked
            | Mended::LeftAlone
            | Mended::Withheld
            | Mended::Overtaken
            | Mended::No { .. } => self.tally.left += 1,
        }
        (self.say)(&repair_line(what, flaw, mended));
    }

    async fn mend(&self, name: &JournalName, remedy: Remedy) -> Result<Marked, EngineError> {
        let markers = &self.engine.store.markers;
        Ok(match remedy {
            Remedy::PutOpen(marker) => markers.put_open_if_absent(name, &marker).await?,
            Remedy::ReplaceOpen(found, marker) => markers.replace_open(&found, &marker).await?,
            Remedy::PutClosed(marker) => markers.put_closed_if_absent(name, &marker).await?,
            Remedy::ReplaceClosed(found, marker) => markers.replace_closed(&found, &marker).await?,
            Remedy::Close {
                open,
                closed,
                marker,
            } => self.close(&open, closed.as_ref(), &marker).await?,
            Remedy::DropOrphan(found) => self.engine.drop_orphan(&found).await?,
            Remedy::DropClosed(month, found) => markers.drop_closed(&month, &found).await?,
            Remedy::MarkUnreadable(found, why) => {
                self.engine.mark_unreadable(name, found, &why).await?
            }
            Remedy::Open(part, event) => {
                let occasion = Occasion::Repaired;
                let followed = part.open(self.engine, &event, Expected::Unknown, &occasion);
                match followed.await?.opened {
                    Opened::New => Marked::Written,
                    Opened::Again | Opened::Closed => Marked::Overtaken,
                }
            }
            Remedy::None => Marked::Written,
        })
    }

    /// Out of `open/`, into `closed/`, as long as the journal has ended: a person may reopen it at any moment.
    async fn close(
        &self,
        open: &Found,
        closed: Option<&Found>,
        marker: &Marker,
    ) -> Result<Marked, EngineError> {
        let (name, markers) = (&open.name, &self.engine.store.markers);
        if !self.has_ended(name).await? {
            return Ok(Marked::Overtaken);
        }
        let written = match closed {
            Some(found) => markers.replace_closed(found, marker).await?,
            None => markers.put_closed_if_absent(name, marker).await?,
        };
        if written == Marked::Overtaken || markers.drop_open(open).await? == Marked::Written {
            return Ok(written);
        }
        self.engine.undo_closing(name, marker).await?;
        Ok(Marked::Overtaken)
    }

    async fn has_ended(&self, name: &JournalName) -> Result<bool, EngineError> {
        let implied = self.engine.implied(name).await?;
        Ok(implied.is_some_and(|implied| implied.place == Place::Closed))
    }
}
