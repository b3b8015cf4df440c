//! Opening: journal → marker → message. What is there already is woken again, unless it is closed.

use promotion::{Intake, IntakeFact, JobOutputOf, Opening, Promotion, PromotionId};

use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use crate::state::{Append, Created, Journal, JournalName};

/// Whether something began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It did, now.
    New,
    /// It had before, and goes on.
    Again,
    /// It had before, and has ended: an event never reopens it.
    Closed,
}

/// Whether the journal is likely there, which saves a call; wrong is only slower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing is known: it will mostly be new.
    Unknown,
    /// Its event came before.
    There,
}

impl Engine {
    /// Opens a promotion.
    pub async fn open_promotion(
        &self,
        opening: Opening,
        expected: Expected,
    ) -> Result<(PromotionId, Opened), EngineError> {
        let id = opening.id();
        let name = JournalName::promotion(&id);
        let opened = self
            .open::<Promotion>(&name, opening.fact(), expected)
            .await?;
        Ok((id, opened))
    }

    /// Opens an intake.
    pub async fn open_intake(
        &self,
        job: JobOutputOf,
        event: String,
        expected: Expected,
    ) -> Result<Opened, EngineError> {
        let name = JournalName::intake(&job.id());
        self.open::<Intake>(&name, IntakeFact::Opened { job, event }, expected)
            .await
    }

    async fn open<A: Moves>(
        &self,
        name: &JournalName,
        first: A::Fact,
        expected: Expected,
    ) -> Result<Opened, EngineError> {
        self.store.ready().await?;
        let (journal, opened) = self.begin::<A>(name, first, expected).await?;
        let aggregate = Self::replay::<A>(name, &journal)?;
        if aggregate.is_closed() {
            return Ok(Opened::Closed);
        }
        let now = self.now(&journal).await;
        self.mark_due(name, &aggregate, A::since(&journal.lines), now)
            .await?;
        self.wake(name).await;
        Ok(opened)
    }

    /// Creates the journal and appends its first record; whoever is second finds the first one's.
    async fn begin<A: Moves>(
        &self,
        name: &JournalName,
        first: A::Fact,
        expected: Expected,
    ) -> Result<(Journal<A::Fact>, Opened), EngineError> {
        let known = match expected {
            Expected::There => self.store.journals.load::<A::Fact>(name).await?,
            Expected::Unknown => None,
        };
        let mut journal = match known {
            Some(journal) => journal,
            None => match self.store.journals.create(name).await? {
                Created::New(journal) => journal,
                Created::There => {
                    let loaded = self.store.journals.load(name).await?;
                    loaded.ok_or_else(|| EngineError::Unknown(name.to_string()))?
                }
            },
        };
        if !journal.lines.is_empty() {
            return Ok((journal, Opened::Again));
        }
        let now = self.clock.now().await;
        match self
            .store
            .journals
            .append(&mut journal, &[first], now)
            .await?
        {
            Append::Written => Ok((journal, Opened::New)),
            Append::Stale => Ok((self.load(name).await?, Opened::Again)),
        }
    }
}
