//! `advance`: one journal moves as far as it can at this moment.

use jiff::{SignedDuration, Timestamp};
use promotion::{
    Aggregate, Decision, ENDPOINT_BUSY, EffectKey, Entry, FROZEN, Failure, Intake, OUTSIDE_WINDOW,
    Promotion, Report,
};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::announcing::Seen;
use super::holds::TARGET_HELD;
use super::runtime::{Engine, EngineError};
use super::subject::Moves;
use super::turns::NOT_ITS_TURN;
use crate::causes::chain;
use crate::effects::{Performed, Shown};
use crate::state::{Append, Found, Journal, JournalName, StoreError};

/// After this long a delivery begins nothing more; its wake-up brings it back at once.
const TURN: Duration = Duration::from_secs(45);

/// How long one effect may work. With a turn before it this stays far below the host's function time-out, at which the
/// handler would be killed with everything that others are doing in it.
const ONE_EFFECT: Duration = Duration::from_secs(150);

/// How often a stale writer decides again before it leaves the field to whoever is faster.
const RACES: u32 = 20;

/// How soon a card is drawn again that could not be changed; then after twice as long since the last record, and so on.
const REDRAWN: SignedDuration = SignedDuration::from_mins(1);

/// So long after the last record nobody draws it again for its own sake: it is left to the next turn.
const DRAWN_WITHIN: SignedDuration = SignedDuration::from_hours(12);

/// How a delivery went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Something was learned, or Azure answered that it works on it.
    Some,
    /// Nothing was, or only that something failed again.
    None,
}

/// What an append held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    /// Nothing was to be appended.
    Nothing,
    /// Facts.
    Facts(Progress),
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
            // Every client of every effect lies in it: too large for whoever waits.
            Box::pin(self.advance_as::<Promotion>(name)).await
        }
    }

    async fn advance_as<A: Moves>(&self, name: &JournalName) -> Result<(), EngineError> {
        // Read before the journal: whoever appends after this has moved the marker, and our later write finds that.
        let marker = self.store.markers.open_marker(name).await?;
        match self.take_turn::<A>(name, marker.clone()).await {
            Err(EngineError::Store(error @ StoreError::Corrupt { .. })) => {
                tracing::error!("{}", chain(&error));
                self.mark_unreadable(name, marker, &chain(&error))
                    .await
                    .map(drop)
            }
            other => other,
        }
    }

    async fn take_turn<A: Moves>(
        &self,
        name: &JournalName,
        marker: Option<Found>,
    ) -> Result<(), EngineError> {
        let known = self.store.journals.load::<A::Fact>(name).await?;
        let Some(mut journal) = known.filter(|journal| !journal.lines.is_empty()) else {
            return match marker {
                Some(found) if found.shows_a_journal() => self
                    .mark_unreadable(name, Some(found), "it is gone")
                    .await
                    .map(drop),
                Some(found) => self.drop_orphan(&found).await.map(drop),
                None => Ok(()),
            };
        };
        let progress = self.turn::<A>(&mut journal).await?;
        let aggregate = Self::replay::<A>(name, &journal)?;
        let shown = self.effects.show_progress(aggregate.subject()).await;
        let seen = self.seen::<A>(&journal).await;
        if aggregate.is_closed() {
            return self.finish_closing(name, marker, &aggregate, seen).await;
        }
        let last = journal.lines.last().map_or(seen.now, |line| line.at);
        let redrawn = redrawn_at(shown, last, seen.now);
        self.schedule(name, marker, &aggregate, seen, progress, redrawn)
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
                if decided == Recorded::Nothing {
                    return Ok(progress);
                }
                progress = Progress::Some;
                continue;
            };
            let report = self.perform(&aggregate, &entry, now).await;
            log(&name, &entry.key, &report);
            if !matches!(report, Report::Done(_) | Report::Failed(_)) {
                tried.insert(entry.key.clone());
            }
            let recorded = self
                .record::<A>(journal, &|aggregate, now| {
                    aggregate.performed(&entry.key, report.clone(), now)
                })
                .await?;
            if is_not_stuck(&report) || recorded == Recorded::Facts(Progress::Some) {
                progress = Progress::Some;
            }
        }
        Ok(progress)
    }

    /// Tries one effect, for so long and no longer.
    async fn perform<A: Moves>(&self, aggregate: &A, entry: &Entry, now: Timestamp) -> Report {
        let tried = async {
            if let Some(report) = self.held_up(aggregate.subject(), entry, now).await {
                return report;
            }
            match self.effects.perform(aggregate.subject(), entry, now).await {
                Performed::Tried(report) => report,
                Performed::Ours => self.perform_ours(aggregate.subject(), entry, now).await,
            }
        };
        tokio::time::timeout(ONE_EFFECT, tried)
            .await
            .unwrap_or_else(|_| {
                let message = format!("`{}` took too long for one try", entry.effect.kind());
                Report::Retry(Failure::new("TooSlow", message))
            })
    }

    /// Decides and appends; a stale writer loads and decides again.
    async fn record<A: Moves>(
        &self,
        journal: &mut Journal<A::Fact>,
        decide: &(dyn Fn(&A, Timestamp) -> Decision<A::Fact> + Send + Sync),
    ) -> Result<Recorded, EngineError> {
        let name = journal.name().clone();
        for _ in 0..RACES {
            let aggregate = Self::replay::<A>(&name, journal)?;
            let now = self.now(journal).await;
            let decision = decide(&aggregate, now);
            if decision.facts.is_empty() {
                return Ok(Recorded::Nothing);
            }
            match self
                .store
                .journals
                .append(journal, &decision.facts, now)
                .await?
            {
                Append::Written => {
                    let more = decision.facts.iter().any(A::is_progress);
                    return Ok(Recorded::Facts(if more {
                        Progress::Some
                    } else {
                        Progress::None
                    }));
                }
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
        let corrupt = |source| StoreError::Corrupt {
            name: name.to_string(),
            source,
        };
        A::replay(&journal.lines).map_err(|source| EngineError::Store(corrupt(source)))
    }

    /// What scheduling needs to know of a journal as it was read.
    pub(super) async fn seen<A: Moves>(&self, journal: &Journal<A::Fact>) -> Seen {
        Seen {
            since: A::since(&journal.lines),
            now: self.now(journal).await,
            records: journal.records(),
        }
    }

    /// The later of the clock and the last record: time never runs backwards in a journal.
    pub(super) async fn now<F>(&self, journal: &Journal<F>) -> Timestamp {
        let clock = self.clock.now().await;
        journal
            .lines
            .last()
            .map_or(clock, |line| clock.max(line.at))
    }
}

/// Until its deadline an operation that runs is progress, though a poll of it tells nothing new. So is standing in line,
/// and waiting for a hold or a freeze to be lifted or for a window: whether it moves, the one that has the turn shows, or the
/// board.
fn is_not_stuck(report: &Report) -> bool {
    match report {
        Report::Submitted { .. } | Report::StillRunning | Report::Cleared => true,
        Report::Waiting(why) => matches!(
            why.code.as_str(),
            NOT_ITS_TURN | TARGET_HELD | FROZEN | OUTSIDE_WINDOW | ENDPOINT_BUSY
        ),
        Report::Done(_) | Report::Failed(_) | Report::Retry(_) => false,
    }
}

/// When the card is to be drawn again; it shows nothing but the journal, so what counts is how long that stands.
fn redrawn_at(shown: Shown, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let stands = now.duration_since(last);
    match shown {
        Shown::Behind if stands < DRAWN_WITHIN => Some(now + stands.max(REDRAWN)),
        Shown::Behind | Shown::Settled => None,
    }
}

fn log(name: &JournalName, key: &EffectKey, report: &Report) {
    let (promotion, effect) = (name.as_str(), key.as_str());
    match report {
        Report::Done(_) => tracing::info!(promotion, effect, "effect done"),
        Report::Submitted { .. } => tracing::info!(promotion, effect, "effect submitted to Azure"),
        Report::StillRunning => tracing::debug!(promotion, effect, "effect still running"),
        Report::Cleared => {
            tracing::info!(promotion, effect, "effect may begin; looking again first");
        }
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
