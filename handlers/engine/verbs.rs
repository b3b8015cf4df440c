//! What comes from outside `advance`: votes, verbs, and what one promotion tells another.

use jiff::Timestamp;
use promotion::{Aggregate as _, Event, Fact, Freeze, Promotion, PromotionId, Refused, Stage};
use std::time::{Duration, Instant};

use super::clearance::Clearance;
use super::runtime::{Engine, EngineError};
use super::schedule::Woken;
use crate::clock;
use crate::state::{Append, Journal, JournalName};

/// How long a stale writer stands in line and decides again: whoever clicks in Teams is waited for 15 s, of which the
/// directory may have taken five.
const PATIENCE: Duration = Duration::from_secs(7);

/// How often it does so at once. Where very many write, all of them would meet again and again.
const AT_ONCE: u32 = 3;

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// How long whoever told something waits for the queue. The marker is due, so where this is too short the sweep does it.
const WAKE: Duration = Duration::from_millis(300);

/// Whether an event has to know of freezes.
#[derive(Debug, Clone, Copy)]
enum Freezes {
    Asked,
    Ignored,
}

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

    /// Tells a promotion an event that no freeze holds up.
    pub async fn tell(
        &self,
        name: &JournalName,
        event: &(dyn Fn(&Promotion) -> Event + Send + Sync),
    ) -> Result<Verdict, EngineError> {
        self.tell_knowing(name, Freezes::Ignored, &|promotion, _| event(promotion))
            .await
    }

    /// Tells a promotion an event that has to know what freezes it now, if anything does.
    pub async fn tell_with_freeze(
        &self,
        name: &JournalName,
        event: &(dyn Fn(&Promotion, Option<Freeze>) -> Event + Send + Sync),
    ) -> Result<Verdict, EngineError> {
        self.tell_knowing(name, Freezes::Asked, event).await
    }

    /// What freezes it. A closed window does not: what is agreed to meanwhile waits for it to open.
    async fn frozen(
        &self,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Option<Freeze>, EngineError> {
        Ok(match self.may_act(promotion, now).await? {
            Clearance::Frozen(freeze) => Some(Freeze {
                by: freeze.by,
                reason: freeze.reason,
                until: freeze.until,
            }),
            Clearance::Clear | Clearance::Closed { .. } => None,
        })
    }

    /// Marker due now → append → message, so that a crash between any two is found.
    async fn tell_knowing(
        &self,
        name: &JournalName,
        freezes: Freezes,
        event: &(dyn Fn(&Promotion, Option<Freeze>) -> Event + Send + Sync),
    ) -> Result<Verdict, EngineError> {
        self.store.ready().await?;
        let started = Instant::now();
        let turn = self.tellers.turn(name).await;
        let mut journal = self.load::<Fact>(name).await?;
        let mut given_up = false;
        for round in 0.. {
            let promotion: Promotion = Self::replay(name, &journal)?;
            let now = self.now(&journal).await;
            // Read anew in each round: somebody may have frozen it while others wrote.
            let frozen = match freezes {
                Freezes::Asked => self.frozen(&promotion, now).await?,
                Freezes::Ignored => None,
            };
            let facts = match promotion.decide(event(&promotion, frozen), now) {
                Ok(decision) => decision.facts,
                Err(refused) => return Ok(Err(refused)),
            };
            if facts.is_empty() {
                return Ok(Ok(Box::new(promotion)));
            }
            if given_up {
                break;
            }
            let seen = self.seen::<Promotion>(&journal).await;
            let written = match self.announce(name, &promotion, seen).await {
                Ok(()) => {
                    let journals = &self.store.journals;
                    journals.append(&mut journal, &facts, now).await?
                }
                // Others announce theirs: what they have written by now may be an answer already.
                Err(EngineError::Contended(_)) => Append::Stale,
                Err(error) => return Err(error),
            };
            match written {
                Append::Written => {
                    // It is on record: what the queue takes to hear of it makes nobody else wait.
                    drop(turn);
                    return Ok(Ok(Box::new(self.told(name, &journal, &promotion).await?)));
                }
                // What was written last may be the answer: a loser hears that, and not that others write.
                Append::Stale if started.elapsed() > PATIENCE => given_up = true,
                Append::Stale if round >= AT_ONCE => tokio::time::sleep(clock::up_to(PAUSE)).await,
                Append::Stale => {}
            }
            journal = self.load(name).await?;
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
        if self.wake_within(WAKE, name).await == Woken::Unknown {
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
        Stage::WaitingForTarget(_)
        | Stage::Deploying(_)
        | Stage::Testing(_)
        | Stage::Shifting { .. }
        | Stage::Live { .. } => promotion.may_serve(),
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
