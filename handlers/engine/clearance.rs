//! Clearance: whether a promotion may act at this moment, or a freeze or its route's windows stand against that.
//!
//! The invariant: asked at every act, never remembered. Freezes are read afresh, windows from the configuration that runs
//! now; what cannot be read is no clearance. Whoever goes back or tidies up asks nobody.

use jiff::Timestamp;
use promotion::{
    CLEARANCE_UNKNOWN, Entry, FROZEN, Failure, OUTSIDE_WINDOW, Outcome, Promotion, Report, Route,
};

use super::freezes::text;
use super::runtime::{Engine, EngineError};
use crate::causes::chain;
use crate::effects::Subject;
use crate::state::{Freeze, Freezes, StoreError};
use crate::ui::{self, FreezeText};

/// Whether a promotion may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearance {
    /// It may.
    Clear,
    /// This freeze stands against it: of several the one that lasts longest.
    Frozen(Freeze),
    /// No window of its route is open.
    Closed {
        /// When one opens; nothing, where none does within 400 days.
        opens_at: Option<Timestamp>,
    },
}

impl Engine {
    /// Whether a promotion may act now. A freeze is told before a closed window: a person has set it. Two people may have
    /// overridden windows, and the freezes that they knew of.
    pub async fn may_act(
        &self,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Clearance, EngineError> {
        let (route, overridden) = (promotion.route(), promotion.overridden_since());
        let (freezes, _) = self.store.freezes.read().await?;
        Ok(self.clearance(route, &freezes, overridden, now))
    }

    fn clearance(
        &self,
        route: &Route,
        freezes: &Freezes,
        overridden: Option<Timestamp>,
        now: Timestamp,
    ) -> Clearance {
        let (stage, model) = (&route.target.stage, &route.model);
        if let Some(freeze) = freezes.stopping(stage, model, overridden, now) {
            return Clearance::Frozen(freeze.clone());
        }
        if overridden.is_some() {
            return Clearance::Clear;
        }
        // A route that was taken out of the configuration has no windows any more.
        let Some(configured) = self.config.route(&route.name) else {
            return Clearance::Clear;
        };
        match configured.windows.opens_at(now) {
            Some(opens_at) if opens_at <= now => Clearance::Clear,
            opens_at => Clearance::Closed { opens_at },
        }
    }

    /// What stands against the next act of a promotion that is on its way, as the end of a sentence; for pages, which are
    /// shown whatever is wrong with the freezes.
    pub async fn stopped(
        &self,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Option<Failure>, EngineError> {
        if !promotion.goes_forward() {
            return Ok(None);
        }
        let (route, overridden) = (promotion.route(), promotion.overridden_since());
        match self.store.freezes.read().await {
            Ok((freezes, _)) => Ok(match self.clearance(route, &freezes, overridden, now) {
                Clearance::Frozen(longest) => {
                    let (stage, model) = (&route.target.stage, &route.model);
                    let all = freezes.covering(stage, model, overridden, now);
                    let others = all.filter(|freeze| freeze.id != longest.id);
                    let others: Vec<FreezeText> = others.map(text).collect();
                    Some(Failure::new(FROZEN, ui::frozen(&text(&longest), &others)))
                }
                other => other.obstacle(),
            }),
            Err(StoreError::Unreadable { .. }) => Ok(Some(unreadable())),
            Err(error) => Err(error.into()),
        }
    }

    /// Why an effect does not begin now; nothing, where it does, or needs no clearance.
    pub(super) async fn held_up(
        &self,
        subject: Subject<'_>,
        entry: &Entry,
        now: Timestamp,
    ) -> Option<Report> {
        let Subject::Promotion(promotion) = subject else {
            return None;
        };
        if !promotion.begins_an_act(entry) {
            return None;
        }
        let held_up = self.stands_against(promotion, entry, now).await?;
        // Done, it waits for nothing, and is there to be taken back.
        if self.effects.is_set(&entry.effect).await {
            return Some(Report::Done(Outcome::TrafficSet));
        }
        Some(held_up)
    }

    async fn stands_against(
        &self,
        promotion: &Promotion,
        entry: &Entry,
        now: Timestamp,
    ) -> Option<Report> {
        match self.may_act(promotion, now).await {
            Ok(clearance) => {
                let cleared = || {
                    promotion
                        .looks_again_before(entry)
                        .then_some(Report::Cleared)
                };
                let obstacle = clearance.obstacle().map(Report::Waiting);
                obstacle.or_else(cleared)
            }
            Err(error @ EngineError::Store(StoreError::Unreadable { .. })) => {
                tracing::error!("nothing new is done: {}", chain(&error));
                Some(Report::Waiting(unreadable()))
            }
            Err(error) => Some(Report::Retry(Failure::new(
                CLEARANCE_UNKNOWN,
                chain(&error),
            ))),
        }
    }
}

/// What cannot be read is no clearance.
fn unreadable() -> Failure {
    Failure::new(FROZEN, ui::FREEZES_UNREADABLE)
}

impl Clearance {
    /// Why it has to wait, if it has to.
    pub fn obstacle(&self) -> Option<Failure> {
        match self {
            Self::Clear => None,
            Self::Frozen(freeze) => Some(Failure::new(FROZEN, ui::frozen(&text(freeze), &[]))),
            Self::Closed { opens_at } => {
                Some(Failure::new(OUTSIDE_WINDOW, ui::outside_window(*opens_at)))
            }
        }
    }
}
