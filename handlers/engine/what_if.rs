//! What if: a promotion as it would be judged today. Reads journals, the candidate and the target; appends nothing, marks
//! nothing, wakes nobody.

use jiff::Timestamp;
use promotion::{
    Aggregate as _, Attempt, Concurrency, Event, Failure, Meeting, Operator, Outcome, Promotion,
    PromotionId, Refused, Seen, WhatIf, meet, what_if,
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
    /// Who has the target's turn or waits for it before this one, and what it does about that one; none where it is free,
    /// and where the gates end it before it asks for its turn.
    pub turn: Option<(PromotionId, Meeting)>,
    /// When that was.
    pub at: Timestamp,
}

/// As what it comes to its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// People have agreed: it waits for its turn whatever its route says.
    GoingOn,
    /// As it is: it does what the route says.
    Itself,
    /// It has ended: asked again by a person, which goes before what an event brought.
    Reopened,
}

impl Engine {
    /// What `replay` would come to if `by` asked for it now, and how the gates would judge.
    pub async fn foresee(
        &self,
        id: &PromotionId,
        by: Operator,
        reason: String,
        attempt: Option<Attempt>,
    ) -> Result<Foreseen, EngineError> {
        let (promotion, journal) = self.load_promotion(id).await?;
        let at = self.now(&journal).await;
        let event = Event::Replay {
            by,
            reason,
            attempt,
        };
        let replay = promotion.decide(event, at);
        let replay = replay.map(|_| ());
        let today = self.judge_today(&promotion, at).await;
        let asks = match (&replay, &today) {
            (Ok(()), Ok(today)) if today.goes_on.is_some() => Some(Asks::GoingOn),
            (_, Ok(today)) if !today.comes_to_its_turn() => None,
            (_, Ok(_) | Err(_)) if promotion.is_closed() => Some(Asks::Reopened),
            (_, Ok(_) | Err(_)) => Some(Asks::Itself),
        };
        let turn = match asks {
            Some(asks) => self.turn_today(&promotion, asks).await?,
            None => None,
        };
        Ok(Foreseen {
            promotion,
            replay,
            today,
            turn,
            at,
        })
    }

    async fn turn_today(
        &self,
        promotion: &Promotion,
        asks: Asks,
    ) -> Result<Option<(PromotionId, Meeting)>, EngineError> {
        let own = promotion.route();
        let configured = self.config.route(&own.name);
        let today = configured.map_or(own, |configured| &configured.route);
        let (promotion, route, rule) = match asks {
            Asks::GoingOn => (promotion.clone(), own, Concurrency::Queue),
            Asks::Itself => (promotion.clone(), today, today.concurrency),
            Asks::Reopened => (promotion.if_reopened(), today, today.concurrency),
        };
        let (target, _) = self.store.leases.read(&route.target_id()).await?;
        let ours = |holder: &&Holder| {
            holder.promotion == *promotion.id() && holder.attempt == promotion.attempt()
        };
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
            match meet(&promotion, rule, &other, holder.attempt) {
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
