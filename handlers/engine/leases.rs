//! Leases: who may change a target. None expires by time; whoever meets a holder whose journal is closed, or says that it
//! has let go, takes over.

use jiff::Timestamp;
use promotion::{
    Aggregate as _, Event, Failure, Lease, Outcome, Promotion, PromotionId, Report, Rollout,
    TargetId,
};

use super::runtime::{Engine, EngineError};
use crate::state::{Holder, JournalName, Taken};

impl Engine {
    /// Takes the lease.
    pub(super) async fn take_lease(
        &self,
        promotion: &Promotion,
        target: &TargetId,
        urgent: bool,
        now: Timestamp,
    ) -> Result<Report, EngineError> {
        let read = self.store.leases.read(target).await?;
        if let Some(holder) = &read.0.holder
            && holder.promotion != *promotion.id()
            && !self.gives_way(holder, promotion.id(), urgent).await?
        {
            let message = format!("`{}` is changing this target", holder.promotion);
            return Ok(Report::Waiting(Failure::new("TargetBusy", message)));
        }
        // Ours already is written once more: whoever is about to take it over read it before, and must fail.
        let ours = Holder {
            promotion: promotion.id().clone(),
            attempt: promotion.attempt(),
            since: now,
        };
        match self
            .store
            .leases
            .hand_over(target, read, Some(ours))
            .await?
        {
            Taken::Ours => Ok(Report::Done(Outcome::LeaseTaken)),
            Taken::Raced => Ok(Report::Waiting(Failure::new(
                "TargetBusy",
                "somebody else is taking this target",
            ))),
        }
    }

    /// Releases the lease. Somebody else's, and none, is written once more as it is: a taking of ours that was given up may
    /// still be under way, and must find that somebody has written since it read.
    pub(super) async fn release_lease(
        &self,
        promotion: &Promotion,
        target: &TargetId,
    ) -> Result<Report, EngineError> {
        let read = self.store.leases.read(target).await?;
        let others = read.0.holder.clone();
        let others = others.filter(|holder| holder.promotion != *promotion.id());
        match self.store.leases.hand_over(target, read, others).await? {
            Taken::Ours => Ok(Report::Done(Outcome::LeaseReleased)),
            Taken::Raced => Ok(Report::Retry(Failure::new(
                "TargetRaced",
                "the target's lease was written by somebody else",
            ))),
        }
    }

    /// Whether a holder has nothing to hold any more, or must let a rollback by hand go first.
    async fn gives_way(
        &self,
        holder: &Holder,
        to: &PromotionId,
        urgent: bool,
    ) -> Result<bool, EngineError> {
        let name = JournalName::promotion(&holder.promotion);
        let let_go = match self.load_promotion(&holder.promotion).await {
            Ok((promotion, _)) => has_let_go(&promotion),
            Err(EngineError::Unknown(_)) => true,
            Err(error) => return Err(error),
        };
        if let_go || !urgent {
            return Ok(let_go);
        }
        let displaced = self
            .tell(&name, &|_| Event::Displaced { by: to.clone() })
            .await?;
        // Refused: traffic has moved there, or it is on its way back and will let go by itself.
        Ok(displaced.is_ok())
    }
}

/// Whether a promotion's own journal says that it changes nothing: it is over, or it released the lease and has not asked for
/// it since. A worker that was slow may have taken it for it once more, behind its back.
fn has_let_go(holder: &Promotion) -> bool {
    let free = |rollout: &Rollout| rollout.lease == Lease::Free;
    holder.is_closed() || holder.stage().rollout().is_none_or(free)
}
