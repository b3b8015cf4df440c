//! Claims: what journals say of targets, for whoever has to make a target's blob again. Reading changes nothing.

use jiff::Timestamp;
use promotion::{Aggregate as _, Effect, Fact, Line, Outcome, Promotion, PromotionId, TargetId};

use crate::engine::{Engine, EngineError};
use crate::state::{Holder, JournalName, StoreError, Target};

/// What one journal says of its target.
pub(super) struct Claims {
    /// Which.
    pub(super) target: TargetId,
    /// That its turn is its own.
    pub(super) turn: Option<Holder>,
    /// That its lease is its own.
    pub(super) lease: Option<Holder>,
    /// That it waits for its turn.
    pub(super) place: Option<Holder>,
}

/// What a promotion has of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// It may change it.
    Lease,
    /// It asks people about it.
    Turn,
}

impl Claims {
    /// What the journal of a promotion says of its target. One that is gone says nothing that can be trusted: an error.
    pub(super) async fn read(engine: &Engine, id: &PromotionId) -> Result<Self, EngineError> {
        let name = JournalName::promotion(id);
        let known = engine.store.journals.load::<Fact>(&name).await?;
        let Some(journal) = known.filter(|journal| !journal.lines.is_empty()) else {
            return Err(EngineError::Unknown(name.to_string()));
        };
        let promotion =
            Promotion::replay(&journal.lines).map_err(|source| StoreError::Corrupt {
                name: name.to_string(),
                source,
            })?;
        Ok(Self::of(&promotion, &journal.lines))
    }

    /// What a target's blob names nobody for, though this one has it: the lease, which weighs more, before the turn.
    pub(super) fn not_in(&self, target: &Target) -> Option<(Held, Holder)> {
        let lease = self.lease.as_ref().filter(|_| target.holder.is_none());
        let turn = self.turn.as_ref().filter(|_| target.turn.is_none());
        let lease = lease.map(|holder| (Held::Lease, holder.clone()));
        lease.or_else(|| turn.map(|holder| (Held::Turn, holder.clone())))
    }

    fn of(promotion: &Promotion, lines: &[Line<Fact>]) -> Self {
        let since = |at: Timestamp| Holder {
            promotion: promotion.id().clone(),
            attempt: promotion.attempt(),
            since: at,
        };
        let taken = |outcome: &Outcome| since(last(lines, outcome).unwrap_or(promotion.last_at()));
        let asks = |effect: &Effect| matches!(effect, Effect::TakeTurn { .. });
        let undone = promotion.ledger().undone();
        let place = undone.iter().find(|entry| asks(&entry.effect));
        Self {
            target: promotion.route().target_id(),
            turn: promotion.has_turn().then(|| taken(&Outcome::TurnTaken)),
            lease: promotion.holds_lease().then(|| taken(&Outcome::LeaseTaken)),
            place: place.map(|entry| since(entry.planned_at)),
        }
    }
}

/// When that came last of an effect.
fn last(lines: &[Line<Fact>], wanted: &Outcome) -> Option<Timestamp> {
    let is_it = |fact: &Fact| matches!(fact, Fact::Done { outcome, .. } if **outcome == *wanted);
    let found = lines.iter().rev().find(|line| is_it(&line.fact));
    found.map(|line| line.at)
}

/// The target as these claims make it: who took turn and lease last has them, the others wait as they began to.
pub(super) fn claimed(all: Vec<Claims>) -> Target {
    let latest = |holders: Vec<Holder>| holders.into_iter().max_by_key(|holder| holder.since);
    let (mut turns, mut leases, mut line) = (Vec::new(), Vec::new(), Vec::new());
    for claims in all {
        turns.extend(claims.turn);
        leases.extend(claims.lease);
        line.extend(claims.place);
    }
    line.sort_by_key(|holder| holder.since);
    Target {
        holder: latest(leases),
        turn: latest(turns),
        line,
        ..Target::default()
    }
}
