//! Leases: who may change a target; whoever has changed nothing yet waits while it is held. None expires by time; whoever meets a holder whose journal is closed, or says that it
//! has let go, takes over.

use jiff::Timestamp;
use promotion::{Candidate, Event, Failure, Outcome, Promotion, PromotionId, Report, TargetId};

use super::holds::held;
use super::runtime::{Engine, EngineError};
use crate::state::{Hold, Holder, JournalName, Taken};
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
        let ours = Holder {
            promotion: promotion.id().clone(),
            attempt: promotion.attempt(),
            since: now,
        };
        // What has the lease already goes on: in its hands, the target would be kept from those who tidy up.
        let has_it = |holder: &Holder| holder.is_of(&ours);
        if promotion.waits_while_held()
            && !read.0.holder.as_ref().is_some_and(has_it)
            && let Some(held) = held(promotion, &read.0)
        {
            return Ok(Report::Waiting(held));
        }
        // Ours already is written once more: whoever is about to take it over read it before, and must fail.
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

    /// Releases the lease, and sets the hold that goes with it in the same write: nobody gets in between. Where the lease is
    /// not ours the target is written all the same: a call of ours that was to take it and was given up must not find the
    /// target as it was read then.
    ///
    /// Where there is no blob there is no lease of ours, and an empty one would hide that it was lost: only a hold makes one.
    /// A call of ours that read it as absent and was given up may still make one that names us: whoever meets that takes it
    /// over by rule, for our journal says that we have let go.
    pub(super) async fn release_lease(
        &self,
        promotion: &Promotion,
        target: &TargetId,
        hold: Option<Hold>,
    ) -> Result<Report, EngineError> {
        let mut read = self.store.leases.read(target).await?;
        if read.1.is_none() && hold.is_none() {
            return Ok(Report::Done(Outcome::LeaseReleased));
        }
        if let Some(hold) = hold {
            // Set before, or lifted since, it is not set again; the rest is written all the same.
            read.0.hold(hold);
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
