//! Holds by journals: what a target that is to be made anew was held with. Reading changes nothing.
//!
//! That somebody has lifted one stood only in the blob that is lost. What was lifted is held again, unless a later candidate
//! has had its turn since: lifting it once more is a click, and a hold that is lost is not.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use promotion::{
    Aggregate as _, Attempt, Effect, EffectKey, Fact, Line, Outcome, Promotion, TargetId,
};

use super::journals::AT_ONCE;
use super::mend::Repair;
use super::pages::{PAGE, pages};
use crate::engine::{Engine, EngineError, hold_of};
use crate::state::{Hold, JournalName};

/// What journals say of a target, in the order of its happening once all are read.
#[derive(Debug, Default)]
struct Story {
    turns: Vec<Timestamp>,
    holds: Vec<Hold>,
}

impl Repair<'_> {
    /// What holds these targets. It costs a look at every journal, so it is asked only where a blob is lost.
    pub(super) async fn holds_of(
        &self,
        wanted: &BTreeSet<TargetId>,
    ) -> Result<BTreeMap<TargetId, Vec<Hold>>, EngineError> {
        let engine = self.engine;
        let mut told: BTreeMap<TargetId, Story> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let list = |from: Option<String>| async move {
            engine.store.journals.list(from.as_deref(), PAGE).await
        };
        let mut pages = pin!(pages(list));
        while let Some(names) = pages.try_next().await? {
            let promotions = names.into_iter().filter(|name| !name.is_intake());
            let reads: Vec<_> = promotions.map(|name| read(engine, name)).collect();
            let mut reads = stream::iter(reads).buffered(AT_ONCE);
            while let Some(journal) = reads.next().await {
                // What cannot be read was told when journals were looked at.
                if let Ok(Some((promotion, lines))) = journal {
                    tell(&promotion, &lines, &mut told);
                }
            }
        }
        told.retain(|target, _| wanted.contains(target));
        let holds = told.into_iter().map(|(id, story)| (id, story.stand()));
        Ok(holds.filter(|(_, holds)| !holds.is_empty()).collect())
    }
}

impl Story {
    /// The holds that nobody had a turn after.
    fn stand(self) -> Vec<Hold> {
        let last = self.turns.into_iter().max();
        let mut holds = self.holds;
        holds.retain(|hold| last.is_none_or(|last| last < hold.since));
        holds.sort_by_key(|hold| hold.since);
        holds
    }
}

async fn read(
    engine: &Engine,
    name: JournalName,
) -> Result<Option<(Promotion, Vec<Line<Fact>>)>, EngineError> {
    let journal = engine.store.journals.load::<Fact>(&name).await?;
    let lines = journal.map(|journal| journal.lines).unwrap_or_default();
    Ok(Promotion::replay(&lines)
        .ok()
        .map(|promotion| (promotion, lines)))
}

fn tell(promotion: &Promotion, lines: &[Line<Fact>], told: &mut BTreeMap<TargetId, Story>) {
    let mut attempt = Attempt::FIRST;
    let mut asks: BTreeMap<&EffectKey, &TargetId> = BTreeMap::new();
    for line in lines {
        match &line.fact {
            Fact::Reopened { .. } => attempt = attempt.next(),
            Fact::Planned { key, effect } => match &**effect {
                Effect::TakeTurn { target, .. } => _ = asks.insert(key, target),
                Effect::ReleaseLease {
                    target,
                    hold: Some(cause),
                } => {
                    let hold = hold_of(promotion, attempt, cause, line.at);
                    let story = told.entry(target.clone()).or_default();
                    // Asked for again it is the same hold.
                    if story.holds.iter().all(|known| known.by != hold.by) {
                        story.holds.push(hold);
                    }
                }
                _ => {}
            },
            Fact::Done { key, outcome } if **outcome == Outcome::TurnTaken => {
                if let Some(target) = asks.get(key) {
                    let story = told.entry((*target).clone()).or_default();
                    story.turns.push(line.at);
                }
            }
            _ => {}
        }
    }
}
