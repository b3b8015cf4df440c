//! Opening: journal → marker → message. What is there already is woken again, unless it is closed.
//!
//! The invariant: a crash between any two is found. An event is delivered again and an intake performs its effect again.
//! Whoever does neither (a person who starts something or has an event run again, the sweep, a repair) does not look again
//! for what is begun, so what they open has its marker before the journal's first record.

use promotion::{Intake, IntakeFact, JobOutputOf, Opening, Promotion, PromotionId, RunAgain};

use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use crate::state::{Append, Created, Journal, JournalName, Marker, Summary};

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

/// Whether whoever opens something does it again if that is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It does: an event until it is acknowledged, an effect until its outcome is in the journal.
    Repeated,
    /// Nobody does: the marker goes first.
    Once,
}

impl Engine {
    /// Opens a promotion.
    pub async fn open_promotion(
        &self,
        opening: Opening,
        expected: Expected,
        delivery: Delivery,
    ) -> Result<(PromotionId, Opened), EngineError> {
        let id = opening.id();
        let name = JournalName::promotion(&id);
        let ahead = match delivery {
            Delivery::Once => Some(promotion_being_opened(&opening)),
            Delivery::Repeated => None,
        };
        let opened = self
            .open::<Promotion>(&name, opening.fact(), expected, ahead)
            .await?;
        Ok((id, opened))
    }

    /// Opens an intake.
    pub async fn open_intake(
        &self,
        job: JobOutputOf,
        event: String,
        again: Option<RunAgain>,
        expected: Expected,
        delivery: Delivery,
    ) -> Result<Opened, EngineError> {
        let name = JournalName::intake(&job.id());
        let ahead = match delivery {
            Delivery::Once => Some(intake_being_opened(&job)),
            Delivery::Repeated => None,
        };
        self.open::<Intake>(
            &name,
            IntakeFact::Opened { job, event, again },
            expected,
            ahead,
        )
        .await
    }

    async fn open<A: Moves>(
        &self,
        name: &JournalName,
        first: A::Fact,
        expected: Expected,
        ahead: Option<Summary>,
    ) -> Result<Opened, EngineError> {
        self.store.ready().await?;
        let (journal, opened) = self.begin::<A>(name, first, expected, ahead).await?;
        let aggregate = Self::replay::<A>(name, &journal)?;
        if aggregate.is_closed() {
            return Ok(Opened::Closed);
        }
        let seen = self.seen::<A>(&journal).await;
        match opened {
            Opened::New => self.mark_new(name, &aggregate, seen).await?,
            Opened::Again | Opened::Closed => self.mark_due(name, &aggregate, seen).await?,
        }
        // A wake-up that is not sent is left to the sweep: the marker is due.
        self.wake(name).await.ok();
        Ok(opened)
    }

    /// Creates the journal and appends its first record, behind its marker where one is given; whoever is second finds the
    /// first one's.
    async fn begin<A: Moves>(
        &self,
        name: &JournalName,
        first: A::Fact,
        expected: Expected,
        ahead: Option<Summary>,
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
        if let Some(summary) = ahead {
            let marker = Marker {
                summary,
                due: now,
                since: now,
                idle: 0,
                announced: None,
            };
            self.store.markers.put_open_if_absent(name, &marker).await?;
        }
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

fn promotion_being_opened(opening: &Opening) -> Summary {
    Summary {
        route: opening.route.name.to_string(),
        model: opening.candidate.model.to_string(),
        version: opening.candidate.version.to_string(),
        from: opening.route.source.stage.to_string(),
        to: opening.route.target.stage.to_string(),
        ..Summary::being_opened()
    }
}

fn intake_being_opened(job: &JobOutputOf) -> Summary {
    Summary {
        route: format!("job {}", job.run),
        model: job.model.to_string(),
        version: job.run.to_string(),
        from: job.workspace.name().to_owned(),
        to: job.workspace.name().to_owned(),
        ..Summary::being_opened()
    }
}
