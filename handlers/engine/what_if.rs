//! What if: a promotion as it would be judged today. Reads journals, the candidate and the target; appends nothing, marks
//! nothing, wakes nobody.

use jiff::Timestamp;
use promotion::{
    Event, Failure, Operator, Outcome, Promotion, PromotionId, Refused, Seen, WhatIf, what_if,
};

use super::runtime::{Engine, EngineError};

/// What would happen.
pub struct Foreseen {
    /// The promotion as it is.
    pub promotion: Promotion,
    /// Whether `replay` may be asked for, or why not.
    pub replay: Result<(), Refused>,
    /// What its gates would say today, or what keeps us from seeing it.
    pub today: Result<WhatIf, Failure>,
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
        Ok(Foreseen {
            replay: replay.map(|_| ()),
            today: self.judge_today(&promotion, at).await,
            promotion,
            at,
        })
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
