//! `advance`: one journal moves as far as it can at this moment.

use jiff::Timestamp;
use promotion::{Aggregate, Decision, EffectKey, Intake, Promotion, Report};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use crate::effects::Performed;
use crate::state::{Append, Found, Journal, JournalName};

/// After this long a delivery lets go; its wake-up brings it back at once.
const TURN: Duration = Duration::from_secs(150);

/// How often a stale writer decides again before it leaves the field to whoever is faster.
const RACES: u32 = 20;

/// How a delivery went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Facts were appended, or Azure answered that it works on it.
    Some,
    /// Nothing was learned, or only that something failed again.
    None,
}

impl Engine {
    /// Moves one journal as far as it can: what the message says is only whose turn it is.
    ///
    /// An unknown journal is nothing to do: a message outlives nothing, and a name that leads nowhere never will.
    pub async fn advance(&self, name: &JournalName) -> Result<(), EngineError> {
        self.store.ready().await?;
        if name.is_intake() {
            self.advance_as::<Intake>(name).await
        } else {
            self.advance_as::<Promotion>(name).await
        }
    }

    async fn advance_as<A: Moves>(&self, name: &JournalName) -> Result<(), EngineError> {
        // Read before the journal: whoever appends after this has moved the marker, and our later write finds that.
        let marker = self.store.markers.open_marker(name).await?;
        let Some(mut journal) = self.store.journals.load::<A::Fact>(name).await? else {
            return Ok(());
        };
        if journal.lines.is_empty() {
            return Ok(());
        }
        let progress = self.turn::<A>(&mut journal).await?;
        let aggregate = Self::replay::<A>(name, &journal)?;
        let now = self.now(&journal).await;
        self.reschedule(
            name,
            marker,
            &aggregate,
            A::since(&journal.lines),
            now,
            progress == Progress::Some,
        )
        .await
    }

    /// Performs and decides until nothing more is due.
    async fn turn<A: Moves>(
        &self,
        journal: &mut Journal<A::Fact>,
    ) -> Result<Progress, EngineError> {
        let started = Instant::now();
        let mut tried = BTreeSet::new();
        let mut progress = Progress::None;
        while started.elapsed() < TURN {
            let name = journal.name().clone();
            let aggregate = Self::replay::<A>(&name, journal)?;
            let now = self.now(journal).await;
            let next = aggregate
                .ledger()
                .ready(now)
                .find(|entry| !tried.contains(&entry.key))
                .cloned();
            let Some(entry) = next else {
                let decided = self
                    .record::<A>(journal, &|aggregate, now| aggregate.due(now))
                    .await?;
                if decided == 0 {
                    return Ok(progress);
                }
                progress = Progress::Some;
                continue;
            };
            let report = match self.effects.perform(aggregate.subject(), &entry).await {
                Performed::Tried(report) => report,
                Performed::Ours => self.perform_ours(aggregate.subject(), &entry, now).await,
            };
            log(&name, &entry.key, &report);
            if is_progress(&report) {
                progress = Progress::Some;
            }
            if !matches!(report, Report::Done(_) | Report::Failed(_)) {
                tried.insert(entry.key.clone());
            }
            self.record::<A>(journal, &|aggregate, now| {
                aggregate.performed(&entry.key, report.clone(), now)
            })
            .await?;
        }
        Ok(progress)
    }

    /// Decides and appends; a stale writer loads and decides again. Answers how many facts were appended.
    async fn record<A: Moves>(
        &self,
        journal: &mut Journal<A::Fact>,
        decide: &(dyn Fn(&A, Timestamp) -> Decision<A::Fact> + Send + Sync),
    ) -> Result<usize, EngineError> {
        let name = journal.name().clone();
        for _ in 0..RACES {
            let aggregate = Self::replay::<A>(&name, journal)?;
            let now = self.now(journal).await;
            let decision = decide(&aggregate, now);
            if decision.facts.is_empty() {
                return Ok(0);
            }
            match self
                .store
                .journals
                .append(journal, &decision.facts, now)
                .await?
            {
                Append::Written => return Ok(decision.facts.len()),
                Append::Stale => *journal = self.load(&name).await?,
            }
        }
        Err(EngineError::Contended(name.to_string()))
    }

    /// Loads a journal that must be there.
    pub(super) async fn load<F: serde::de::DeserializeOwned>(
        &self,
        name: &JournalName,
    ) -> Result<Journal<F>, EngineError> {
        let journal = self.store.journals.load(name).await?;
        journal
            .filter(|journal: &Journal<F>| !journal.lines.is_empty())
            .ok_or_else(|| EngineError::Unknown(name.to_string()))
    }

    pub(super) fn replay<A: Aggregate>(
        name: &JournalName,
        journal: &Journal<A::Fact>,
    ) -> Result<A, EngineError> {
        let corrupt = |source| crate::state::StoreError::Corrupt {
            name: name.to_string(),
            source,
        };
        A::replay(&journal.lines).map_err(|source| EngineError::Store(corrupt(source)))
    }

    /// The later of the clock and the last record: time never runs backwards in a journal.
    pub(super) async fn now<F>(&self, journal: &Journal<F>) -> Timestamp {
        let clock = self.clock.now().await;
        journal
            .lines
            .last()
            .map_or(clock, |line| clock.max(line.at))
    }

    async fn reschedule<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
        aggregate: &A,
        since: Timestamp,
        now: Timestamp,
        progress: bool,
    ) -> Result<(), EngineError> {
        if aggregate.is_closed() {
            return self
                .finish_closing(name, marker, aggregate, since, now)
                .await;
        }
        self.schedule(name, marker, aggregate, since, now, progress)
            .await
    }
}

fn is_progress(report: &Report) -> bool {
    match report {
        Report::Submitted { .. } | Report::StillRunning | Report::Done(_) | Report::Failed(_) => {
            true
        }
        Report::Waiting(_) | Report::Retry(_) => false,
    }
}

fn log(name: &JournalName, key: &EffectKey, report: &Report) {
    let (promotion, effect) = (name.as_str(), key.as_str());
    match report {
        Report::Done(_) => tracing::info!(promotion, effect, "effect done"),
        Report::Submitted { .. } => tracing::info!(promotion, effect, "effect submitted to Azure"),
        Report::StillRunning => tracing::debug!(promotion, effect, "effect still running"),
        Report::Waiting(why) => {
            tracing::info!(promotion, effect, code = %why.code, "effect waits: {}", why.message);
        }
        Report::Retry(why) => {
            tracing::warn!(promotion, effect, code = %why.code, "effect failed, will be tried again: {}", why.message);
        }
        Report::Failed(why) => {
            tracing::warn!(promotion, effect, code = %why.code, "effect failed: {}", why.message);
        }
    }
}
