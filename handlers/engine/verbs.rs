//! What comes from outside `advance`: votes, verbs, and what one promotion tells another.

use jiff::Timestamp;
use promotion::{Aggregate as _, Event, Fact, Promotion, PromotionId, Refused, Stage};

use super::runtime::{Engine, EngineError};
use crate::state::{Append, Journal, JournalName};

/// How often a stale writer decides again.
const RACES: u32 = 20;

/// What was decided on an event: the promotion as it is now, or why nothing was changed.
pub type Verdict = Result<Box<Promotion>, Refused>;

impl Engine {
    /// A promotion with its journal.
    pub async fn load_promotion(
        &self,
        id: &PromotionId,
    ) -> Result<(Promotion, Journal<Fact>), EngineError> {
        self.store.ready().await?;
        let name = JournalName::promotion(id);
        let journal = self.load::<Fact>(&name).await?;
        Ok((Self::replay(&name, &journal)?, journal))
    }

    /// Tells a promotion an event: marker due now → append → message, so that a crash between any two is found.
    pub async fn tell(
        &self,
        name: &JournalName,
        event: &(dyn Fn(&Promotion) -> Event + Send + Sync),
    ) -> Result<Verdict, EngineError> {
        self.store.ready().await?;
        let mut journal = self.load::<Fact>(name).await?;
        for _ in 0..RACES {
            let promotion: Promotion = Self::replay(name, &journal)?;
            let now = self.now(&journal).await;
            let facts = match promotion.decide(event(&promotion), now) {
                Ok(decision) => decision.facts,
                Err(refused) => return Ok(Err(refused)),
            };
            if facts.is_empty() {
                return Ok(Ok(Box::new(promotion)));
            }
            let seen = self.seen::<Promotion>(&journal).await;
            self.announce(name, &promotion, seen).await?;
            match self
                .store
                .journals
                .append(&mut journal, &facts, now)
                .await?
            {
                Append::Written => {
                    return Ok(Ok(Box::new(self.told(name, &journal, &promotion).await?)));
                }
                Append::Stale => journal = self.load(name).await?,
            }
        }
        Err(EngineError::Contended(name.to_string()))
    }

    async fn told(
        &self,
        name: &JournalName,
        journal: &Journal<Fact>,
        before: &Promotion,
    ) -> Result<Promotion, EngineError> {
        let after: Promotion = Self::replay(name, journal)?;
        let seen = self.seen::<Promotion>(journal).await;
        let reopened = before.is_closed() && !after.is_closed();
        if reopened {
            // An `advance` that met the closed journal may have taken the marker away before the append.
            self.mark_due(name, &after, seen).await?;
        }
        if self.wake(name).await.is_err() {
            // An `advance` that met the marker but not the append may have moved it on.
            self.mark_due(name, &after, seen).await?;
        }
        if reopened {
            self.store.markers.forget_closed(name, seen.since).await?;
        }
        Ok(after)
    }

    /// Rolls back by hand, unless a newer promotion has moved traffic on the same target since.
    pub async fn roll_back(
        &self,
        id: &PromotionId,
        event: &(dyn Fn(&Promotion) -> Event + Send + Sync),
    ) -> Result<Verdict, EngineError> {
        let (promotion, _) = self.load_promotion(id).await?;
        if matches!(promotion.stage(), Stage::Live { .. })
            && let Some(newer) = self.has_moved_traffic(&promotion).await?
        {
            return Ok(Err(Refused::Overtaken { newer }));
        }
        self.tell(&JournalName::promotion(id), event).await
    }

    async fn has_moved_traffic(
        &self,
        promotion: &Promotion,
    ) -> Result<Option<PromotionId>, EngineError> {
        let (target, _) = self
            .store
            .leases
            .read(&promotion.route().target_id())
            .await?;
        let Some(holder) = target
            .holder
            .filter(|holder| holder.promotion != *promotion.id())
        else {
            return Ok(None);
        };
        match self.load_promotion(&holder.promotion).await {
            Ok((other, _)) => Ok(gives_its_candidate_traffic(&other).then_some(holder.promotion)),
            Err(EngineError::Unknown(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Business time now.
    pub async fn time(&self) -> Timestamp {
        self.clock.now().await
    }
}

/// Whether a promotion has given its own candidate traffic, and does not take it away again.
fn gives_its_candidate_traffic(promotion: &Promotion) -> bool {
    match promotion.stage() {
        Stage::WaitingForTarget(rollout)
        | Stage::Deploying(rollout)
        | Stage::Testing(rollout)
        | Stage::Shifting { rollout, .. }
        | Stage::Live { rollout, .. } => {
            let own = &rollout.permit.pinned().plan.deployment;
            let written = rollout.traffic.as_ref();
            written.is_some_and(|written| written.traffic.of(own) > 0)
        }
        Stage::Proposed
        | Stage::Gating(_)
        | Stage::AwaitingApproval { .. }
        | Stage::Copying(_)
        | Stage::Registering { .. }
        | Stage::RollingBack { .. }
        | Stage::Finishing { .. }
        | Stage::Closed { .. } => false,
    }
}
