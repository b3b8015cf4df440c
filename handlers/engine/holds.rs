//! Holds: set where a rollout was taken back or a person says so, lifted by a person.
//!
//! A hold keeps those away who have changed nothing yet. Whoever goes back, releases or tidies up is never kept, nor who
//! has the lease already. Both verbs are safe to repeat: what stands already is not set again, and where nothing stands
//! nothing is lifted.

use jiff::Timestamp;
use promotion::{Attempt, Failure, Person, Promotion, Stage, StageKind, TargetId, WayBackCause};

use super::runtime::{Engine, EngineError};
use crate::state::{Change, HeldBy, Hold, JournalName, Taken, Target, TargetBlob};
use crate::ui::{self, HoldText};

/// What a report says whose promotion waits for a hold to be lifted.
pub(super) const TARGET_HELD: &str = "TargetHeld";

/// How often a stale writer reads again.
const RACES: u32 = 20;

impl Engine {
    /// Holds a target by hand; what stands there, after.
    pub async fn hold(
        &self,
        id: &TargetId,
        person: Person,
        reason: String,
    ) -> Result<(Change, Target), EngineError> {
        let hold = Hold {
            by: HeldBy::Person { person },
            reason,
            since: self.time().await,
        };
        self.change(id, &|target| target.hold(hold.clone())).await
    }

    /// Lifts whatever holds a target, and wakes who waits for that: the one that has the turn, and the first in the line.
    /// The others, and those whose message is lost, look again by themselves within half a minute.
    pub async fn unhold(
        &self,
        id: &TargetId,
        by: &Person,
        reason: &str,
        seen: Option<Timestamp>,
    ) -> Result<(Change, Target), EngineError> {
        let now = self.time().await;
        let lift = |target: &mut Target| target.lift(by, reason, seen, now);
        let (change, target) = self.change(id, &lift).await?;
        if change == Change::Made {
            for holder in target.turn.iter().chain(target.line.first()) {
                let name = JournalName::promotion(&holder.promotion);
                // Unsent, it is logged, and they look by themselves.
                self.wake(&name).await.ok();
            }
        }
        Ok((change, target))
    }

    /// What holds the target of a promotion that has yet to get there, for whoever is asked about it; it keeps nobody from
    /// answering. A target that cannot be read says so where it is waited for.
    pub async fn hold_ahead(&self, promotion: &Promotion) -> Result<Option<String>, EngineError> {
        if !is_on_its_way_there(promotion.stage()) {
            return Ok(None);
        }
        let target = promotion.route().target_id();
        let TargetBlob::Readable(target, _) = self.store.leases.look(&target).await? else {
            return Ok(None);
        };
        let endpoint = &promotion.route().rollout.endpoint.name;
        let (stage, more) = (promotion.stage(), target.holds.len().saturating_sub(1));
        let told = |newest| ui::held_ahead(stage, endpoint, &text(newest), more);
        Ok(target.newest().map(told))
    }

    async fn change(
        &self,
        id: &TargetId,
        make: &(dyn Fn(&mut Target) -> Change + Send + Sync),
    ) -> Result<(Change, Target), EngineError> {
        self.store.ready().await?;
        for _ in 0..RACES {
            let (mut target, etag) = self.store.leases.read(id).await?;
            match make(&mut target) {
                Change::Made => {
                    let written = self.store.leases.put(id, &target, etag.as_ref());
                    if written.await? == Taken::Ours {
                        return Ok((Change::Made, target));
                    }
                }
                unchanged @ (Change::None | Change::Overtaken) => return Ok((unchanged, target)),
            }
        }
        Err(EngineError::Contended(format!("target {id}")))
    }
}

/// Where it waits for its target, it says by itself that this is held.
fn is_on_its_way_there(stage: &Stage) -> bool {
    match stage.kind() {
        StageKind::Proposed
        | StageKind::Gating
        | StageKind::AwaitingApproval
        | StageKind::Copying
        | StageKind::Registering => true,
        StageKind::WaitingForTarget
        | StageKind::Deploying
        | StageKind::Testing
        | StageKind::Shifting
        | StageKind::Live
        | StageKind::RollingBack
        | StageKind::Finishing
        | StageKind::Closed => false,
    }
}

/// What a promotion that was taken back in this attempt holds its target with.
pub fn hold_of(
    promotion: &Promotion,
    attempt: Attempt,
    cause: &WayBackCause,
    since: Timestamp,
) -> Hold {
    Hold {
        by: HeldBy::Rollback {
            promotion: promotion.id().clone(),
            attempt,
        },
        reason: ui::rolled_back(promotion.candidate(), cause),
        since,
    }
}

/// Why this promotion has to wait, if the target is held. Told is the newest hold; all of them are on the board.
pub(super) fn held(promotion: &Promotion, target: &Target) -> Option<Failure> {
    let newest = target.newest()?;
    let endpoint = &promotion.route().rollout.endpoint.name;
    Some(Failure::new(TARGET_HELD, ui::held(endpoint, &text(newest))))
}

/// A hold for people.
pub fn text(hold: &Hold) -> HoldText {
    HoldText {
        since: hold.since,
        by: match &hold.by {
            HeldBy::Rollback { .. } => None,
            HeldBy::Person { person } => Some(person.clone()),
        },
        reason: hold.reason.clone(),
    }
}
