//! What if: a promotion as it would be judged today. Reads journals, the candidate and the target; appends nothing, marks
//! nothing, wakes nobody.

use jiff::Timestamp;
use promotion::{
    Concurrency, Event, Failure, Meeting, Operator, Outcome, Promotion, PromotionId, Refused, Seen,
    WhatIf, meet, what_if,
};

use super::runtime::{Engine, EngineError};
use crate::state::Holder;

/// What would happen.
pub struct Foreseen {
    /// The promotion as it is.
    pub promotion: Promotion,
    /// Whether `replay` may be asked for, or why not.
    pub replay: Result<(), Refused>,
    /// What its gates would say today, or what keeps us from seeing it.
    pub today: Result<WhatIf, Failure>,
    /// Who has the target's turn or waits for it before this one, and what it does about that one; none where it is free.
    pub turn: Option<(PromotionId, Meeting)>,
    /// When that was.
    pub at: Timestamp,
}

impl Engine {
    /// What `replay` would come to if `by` asked for it now, and how the gates would judge.
    pub async fn foresee(
        &self,
        id: &PromotionId,
        by: Operator,
        reason: String,
    ) -> Result<Foreseen, EngineError> {
        let (promotion, journal) = self.load_promotion(id).await?;
        let at = self.now(&journal).await;
        let replay = promotion.decide(Event::Replay { by, reason }, at);
        let replay = replay.map(|_| ());
        let today = self.judge_today(&promotion, at).await;
        let goes_on = today.as_ref().is_ok_and(|today| today.goes_on.is_some());
        let turn = self.turn_today(&promotion, replay.is_ok() && goes_on);
        Ok(Foreseen {
            turn: turn.await?,
            replay,
            today,
            promotion,
            at,
        })
    }

    /// What people have agreed to waits for its turn whatever its route says; anything else does what the route says.
    async fn turn_today(
        &self,
        promotion: &Promotion,
        goes_on: bool,
    ) -> Result<Option<(PromotionId, Meeting)>, EngineError> {
        let own = promotion.route();
        let configured = self.config.route(&own.name);
        let (route, rule) = match configured.map(|configured| &configured.route) {
            Some(today) if !goes_on => (today, today.concurrency),
            _ if goes_on => (own, Concurrency::Queue),
            _ => (own, own.concurrency),
        };
        let (target, _) = self.store.leases.read(&route.target_id()).await?;
        let ours = |holder: &&Holder| holder.promotion == *promotion.id();
        if target.turn.as_ref().is_some_and(|holder| ours(&holder)) {
            return Ok(None);
        }
        let line = target.line.iter().take_while(|holder| !ours(holder));
        let mut met = None;
        for holder in target.turn.iter().chain(line) {
            let other = match self.load_promotion(&holder.promotion).await {
                Ok((other, _)) => other,
                Err(EngineError::Unknown(_)) => continue,
                Err(error) => return Err(error),
            };
            match meet(promotion, rule, &other, holder.attempt) {
                Meeting::Passes => {}
                end @ (Meeting::IsSuperseded | Meeting::IsRefused) => {
                    return Ok(Some((other.id().clone(), end)));
                }
                Meeting::Waits if !matches!(met, Some((_, Meeting::Waits))) => {
                    met = Some((other.id().clone(), Meeting::Waits));
                }
                first @ (Meeting::Waits | Meeting::Supersedes) => {
                    met = met.or_else(|| Some((other.id().clone(), first)));
                }
            }
        }
        Ok(met)
    }

    async fn judge_today(&self, promotion: &Promotion, at: Timestamp) -> Result<WhatIf, Failure> {
        let configured = self.config.route(&promotion.route().name);
        let today = configured.map(|configured| &configured.route);
        let [candidate, target] = promotion.looks(today.unwrap_or(promotion.route()));
        let candidate = self.effects.look(promotion, candidate, at).await?;
        let Outcome::TargetSeen { landing, champion } =
            self.effects.look(promotion, target, at).await?
        else {
            return Err(Failure::new("NotSeen", "the target could not be seen"));
        };
        let mut seen = Seen::new(candidate, landing, champion)
            .ok_or_else(|| Failure::new("NotSeen", "the candidate could not be seen"))?;
        if let Some(promotion) = seen.to_recall() {
            let metrics = self.recalled(promotion).await;
            seen.recall(metrics.map_err(|error| Failure::new("State", error.to_string()))?);
        }
        Ok(what_if(promotion, today, seen, at))
    }
}
