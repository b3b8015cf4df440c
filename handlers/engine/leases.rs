//! Leases: who may change a target. None expires by time; whoever meets a holder whose journal is closed, or says that it
//! has let go, takes over.

use jiff::Timestamp;
use promotion::{Candidate, Event, Failure, Outcome, Promotion, PromotionId, Report, TargetId};

use super::runtime::{Engine, EngineError};
use crate::state::{Holder, JournalName, Taken};
use crate::ui;

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
            && let Some(other) = self.in_the_way(holder, promotion.id(), urgent).await?
        {
            let message = format!("{} is changing this target", ui::candidate(&other));
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

    /// Releases the lease. Where it is not ours the target is written all the same, as it is: a call of ours that was to
    /// take it and was given up must not find the target as it was read then.
    ///
    /// Where there is no blob there is no lease of ours, and an empty one would hide that it was lost. A call of ours that
    /// read it as absent and was given up may still make one that names us: whoever meets that takes it over by rule, for our
    /// journal says that we have let go.
    pub(super) async fn release_lease(
        &self,
        promotion: &Promotion,
        target: &TargetId,
    ) -> Result<Report, EngineError> {
        let read = self.store.leases.read(target).await?;
        if read.1.is_none() {
            return Ok(Report::Done(Outcome::LeaseReleased));
        }
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

    /// The candidate of a holder that keeps the lease; nothing, where it has nothing to hold any more, or makes way for a
    /// rollback by hand.
    async fn in_the_way(
        &self,
        holder: &Holder,
        to: &PromotionId,
        urgent: bool,
    ) -> Result<Option<Candidate>, EngineError> {
        let name = JournalName::promotion(&holder.promotion);
        let other = match self.load_promotion(&holder.promotion).await {
            Ok((promotion, _)) if promotion.has_let_go() => return Ok(None),
            Ok((promotion, _)) => promotion,
            Err(EngineError::Unknown(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let candidate = Some(other.candidate().clone());
        if !urgent {
            return Ok(candidate);
        }
        let displaced = self
            .tell(&name, &|_| Event::Displaced { by: to.clone() })
            .await?;
        // Refused: traffic has moved there, or it is on its way back and will let go by itself.
        Ok(candidate.filter(|_| displaced.is_err()))
    }
}
