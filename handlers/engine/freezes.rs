//! Freezes: set and lifted by people; what waits for one is woken when it is lifted.
//!
//! Both verbs are safe to repeat: what stands already is not set again, and what is lifted stays lifted.

use jiff::Timestamp;
use promotion::{ModelName, Person, StageName};

use super::runtime::{Engine, EngineError};
use crate::clock::unique;
use crate::state::{Freeze, Freezes, Frozen, Lifting, Scope, Thawed};
use crate::ui::{FreezeText, FrozenText};

/// How often a stale writer reads again: as often as people may press a button at once.
const RACES: u32 = 20;

/// How many that wait are woken at once; the others look by themselves within half a minute.
const WOKEN: usize = 50;

impl Engine {
    /// What stands and stood.
    pub async fn freezes(&self) -> Result<Freezes, EngineError> {
        self.store.ready().await?;
        Ok(self.store.freezes.read().await?.0)
    }

    /// Freezes what `scope` says.
    pub async fn freeze(
        &self,
        scope: Scope,
        by: Person,
        reason: String,
        until: Option<Timestamp>,
    ) -> Result<Frozen, EngineError> {
        let now = self.time().await;
        let wanted = Freeze {
            id: unique().chars().take(12).collect(),
            scope,
            by,
            reason,
            since: now,
            until,
            longer_since: None,
        };
        self.change_freezes(&|freezes| {
            let frozen = freezes.freeze(wanted.clone(), now);
            let changed = matches!(frozen, Frozen::Set(_) | Frozen::EndMoved { .. });
            (frozen, changed)
        })
        .await
    }

    /// Lifts a freeze, and wakes what it has stopped.
    pub async fn lift_freeze(
        &self,
        id: &str,
        by: Person,
        reason: String,
    ) -> Result<Thawed, EngineError> {
        let at = self.time().await;
        let lifting = Lifting { by, reason, at };
        let thawed = self
            .change_freezes(&|freezes| {
                let thawed = freezes.lift(id, lifting.clone());
                let changed = matches!(thawed, Thawed::Lifted(_));
                (thawed, changed)
            })
            .await?;
        if let Thawed::Lifted(past) = &thawed {
            self.wake_thawed(&past.freeze.scope).await;
        }
        Ok(thawed)
    }

    async fn change_freezes<T>(
        &self,
        make: &(dyn Fn(&mut Freezes) -> (T, bool) + Send + Sync),
    ) -> Result<T, EngineError> {
        self.store.ready().await?;
        for _ in 0..RACES {
            let (mut freezes, etag) = self.store.freezes.read().await?;
            let (outcome, changed) = make(&mut freezes);
            if !changed || self.store.freezes.put(&freezes, etag.as_ref()).await? {
                return Ok(outcome);
            }
        }
        Err(EngineError::Contended("the freezes".to_owned()))
    }

    /// Wakes what may have waited for it. What cannot be listed or sent looks by itself.
    async fn wake_thawed(&self, scope: &Scope) {
        let Ok(open) = self.store.markers.list_open().await else {
            return;
        };
        let stopped = open.iter().filter(|found| {
            let summary = &found.marker.summary;
            let stage = StageName::new(summary.to.clone());
            let model = ModelName::new(summary.model.clone());
            !found.name.is_intake() && scope.covers(&stage, &model)
        });
        for found in stopped.take(WOKEN) {
            self.wake(&found.name).await.ok();
        }
    }
}

/// A freeze for people.
pub fn text(freeze: &Freeze) -> FreezeText {
    FreezeText {
        frozen: match &freeze.scope {
            Scope::Everything => FrozenText::Everything,
            Scope::Stage { stage } => FrozenText::Stage(stage.clone()),
            Scope::Model { model } => FrozenText::Model(model.clone()),
        },
        by: freeze.by.clone(),
        reason: freeze.reason.clone(),
        since: freeze.since,
        longer_since: freeze.longer_since,
        until: freeze.until,
    }
}
