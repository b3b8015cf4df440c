//! Standing: where a journal is, and the marker that it implies. Reading changes nothing.

use jiff::Timestamp;
use promotion::{Intake, Promotion};

use super::announcing::Seen;
use super::runtime::{Engine, EngineError};
use super::schedule::due;
use super::subject::Moves;
use crate::state::{Found, JournalName, Marker};

/// In which list a journal's marker belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Something is left to do.
    Open,
    /// It has ended.
    Closed,
}

/// What a journal implies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implied {
    /// Where its marker belongs.
    pub place: Place,
    /// The marker: due no later than this where it is open, written when it ended where it is closed.
    pub marker: Marker,
    seen: Seen,
}

impl Implied {
    /// Whether somebody has announced in a marker that they are about to append, and still may: it is theirs then.
    pub fn awaits_append(&self, found: &Found) -> bool {
        self.seen.outstanding(found).is_some()
    }
}

impl Engine {
    /// The marker that a journal implies at this moment; `None` where it is not begun.
    pub async fn implied(&self, name: &JournalName) -> Result<Option<Implied>, EngineError> {
        if name.is_intake() {
            self.implied_as::<Intake>(name).await
        } else {
            self.implied_as::<Promotion>(name).await
        }
    }

    async fn implied_as<A: Moves>(
        &self,
        name: &JournalName,
    ) -> Result<Option<Implied>, EngineError> {
        let known = self.store.journals.load::<A::Fact>(name).await?;
        let Some(journal) = known.filter(|journal| !journal.lines.is_empty()) else {
            return Ok(None);
        };
        let aggregate = Self::replay::<A>(name, &journal)?;
        let seen = self.seen::<A>(&journal).await;
        let last_at = journal
            .lines
            .last()
            .map_or(Timestamp::UNIX_EPOCH, |line| line.at);
        let (place, due) = if aggregate.is_closed() {
            (Place::Closed, last_at)
        } else {
            (Place::Open, due(&aggregate, seen.now))
        };
        Ok(Some(Implied {
            place,
            marker: Marker {
                summary: aggregate.summary(),
                due,
                since: seen.since,
                idle: 0,
                announced: None,
            },
            seen,
        }))
    }
}
