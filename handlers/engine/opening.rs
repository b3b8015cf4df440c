//! Opening: journal → marker → message. What is there already is woken again, unless it is closed.

use promotion::{Intake, IntakeFact, JobOutputOf, Opening, Promotion, PromotionId};

use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use crate::state::{Append, Journal, JournalName};

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

impl Engine {
    /// Opens a promotion.
    pub async fn open_promotion(
        &self,
        opening: Opening,
    ) -> Result<(PromotionId, Opened), EngineError> {
        let id = opening.id();
        let opened = self
            .open::<Promotion>(&JournalName::promotion(&id), opening.fact())
            .await?;
        Ok((id, opened))
    }

    /// Opens an intake.
    pub async fn open_intake(
        &self,
        job: JobOutputOf,
        event: String,
    ) -> Result<Opened, EngineError> {
        let name = JournalName::intake(&job.id());
        self.open::<Intake>(&name, IntakeFact::Opened { job, event })
            .await
    }

    async fn open<A: Moves>(
        &self,
        name: &JournalName,
        first: A::Fact,
    ) -> Result<Opened, EngineError> {
        self.store.ready().await?;
        let known = self.store.journals.load::<A::Fact>(name).await?;
        let (journal, opened) = match known {
            Some(journal) if !journal.lines.is_empty() => (journal, Opened::Again),
            _ => self.begin::<A>(name, first).await?,
        };
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
    ) -> Result<(Journal<A::Fact>, Opened), EngineError> {
        self.store.journals.create(name).await?;
        let loaded = self.store.journals.load::<A::Fact>(name).await?;
        let mut journal = loaded.ok_or_else(|| EngineError::Unknown(name.to_string()))?;
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
