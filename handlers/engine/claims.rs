//! Claims: what journals say of targets, for whoever has to make a target's blob again. Reading changes nothing.

use jiff::Timestamp;
use promotion::{Aggregate as _, Effect, Fact, Line, Outcome, Promotion, TargetId};

use super::runtime::{Engine, EngineError};
use crate::state::{Holder, JournalName, Target};

/// What one journal says of its target.
pub struct Claims {
    /// Which.
    pub target: TargetId,
    /// That its turn is its own.
    pub turn: Option<Holder>,
    /// That its lease is its own.
    pub lease: Option<Holder>,
    /// That it waits for its turn.
    pub place: Option<Holder>,
}

impl Engine {
    /// What the journal of a promotion says of its target; `None` where it is not begun.
    pub async fn claims(&self, name: &JournalName) -> Result<Option<Claims>, EngineError> {
        let known = self.store.journals.load::<Fact>(name).await?;
        let Some(journal) = known.filter(|journal| !journal.lines.is_empty()) else {
            return Ok(None);
        };
        let promotion: Promotion = Self::replay(name, &journal)?;
        Ok(Some(Claims::of(&promotion, &journal.lines)))
    }
}

impl Claims {
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
pub fn claimed(all: Vec<Claims>) -> Target {
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
        history: Vec::new(),
    }
}
