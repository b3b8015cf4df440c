//! Turns: who asks people about a target and then changes it. The core says what a candidate does about each that came
//! before it; here they are looked up, told, and the outcome is written.
//!
//! The invariant: a turn is never given back and never expires. Whoever meets one looks into its holder's journal, the one
//! truth about it, and takes over what is live, closed or unknown. So a crash leaves nothing that somebody would have to
//! tidy up: what was told is told in vain the second time, and a write is either there or made over what was read.

use jiff::Timestamp;
use promotion::{
    Claim, Concurrency, Event, Failure, Meeting, Outcome, Promotion, Report, TargetId, meet,
};

use super::holds::held;
use super::runtime::{Engine, EngineError};
use crate::state::{Holder, JournalName, Taken, Target};
use crate::ui;

/// What a report says whose promotion waits for its turn.
pub(super) const NOT_ITS_TURN: &str = "NotItsTurn";

/// How often one try looks again when somebody else was faster.
const RACES: u32 = 3;

/// Somebody who came before, and is still there.
struct Other {
    holder: Holder,
    promotion: Promotion,
}

/// Who came before, the living only.
struct Before {
    turn: Option<Other>,
    line: Vec<Other>,
}

/// Who of the line is not in it any more.
struct Left {
    /// It ended, or goes its way.
    gone: Vec<Holder>,
    /// It has just made way: its place is the newcomer's.
    superseded: Vec<Holder>,
}

impl Engine {
    /// Takes the turn at a target.
    pub(super) async fn take_turn_at(
        &self,
        promotion: &Promotion,
        target: &TargetId,
        rule: Concurrency,
        now: Timestamp,
    ) -> Result<Report, EngineError> {
        for _ in 0..RACES {
            // It holds whole promotions, and every delivery would carry room for them.
            let tried = Box::pin(self.try_turn(promotion, target, rule, now));
            if let Some(report) = tried.await? {
                return Ok(report);
            }
        }
        Ok(not_yet("somebody else is taking it".to_owned()))
    }

    /// One try; nothing, where somebody else was faster.
    async fn try_turn(
        &self,
        promotion: &Promotion,
        target: &TargetId,
        rule: Concurrency,
        now: Timestamp,
    ) -> Result<Option<Report>, EngineError> {
        let read = self.store.leases.read(target).await?;
        let ours = Holder {
            promotion: promotion.id().clone(),
            attempt: promotion.attempt(),
            since: now,
        };
        if read.0.turn.as_ref().is_some_and(|held| same(held, &ours)) {
            // Written once more: whoever is about to take it over read it before, and must fail.
            let line = read.0.line.clone();
            let kept = self.store.leases.line_up(target, read, Some(ours), line);
            return Ok(match kept.await? {
                Taken::Ours => Some(Report::Done(Outcome::TurnTaken)),
                Taken::Raced => None,
            });
        }
        let held = held(promotion, &read.0);
        if let (Some(held), Concurrency::Reject) = (&held, rule) {
            let reason = held.message.clone();
            return Ok(Some(Report::Done(Outcome::TurnHeld { reason })));
        }
        let (before, gone) = self.who_came_before(&read.0, &ours, rule).await?;
        if let Some(end) = before.end_of(promotion, rule) {
            return Ok(Some(Report::Done(end)));
        }
        let (before, superseded) = self.supersede(before, promotion, rule).await?;
        let mut line = lined_up(&read.0.line, &ours, &Left { gone, superseded });
        // Who is held keeps its place in the line, and the rules of the line hold meanwhile.
        let kept = held.map(Report::Waiting);
        let waits = kept.or_else(|| before.waited_for().map(not_yet));
        let (report, turn) = if let Some(report) = waits {
            (report, read.0.turn.clone())
        } else {
            line.retain(|waiting| !same(waiting, &ours));
            (Report::Done(Outcome::TurnTaken), Some(ours))
        };
        if (&turn, &line) == (&read.0.turn, &read.0.line) {
            return Ok(Some(report));
        }
        match self.store.leases.line_up(target, read, turn, line).await? {
            Taken::Ours => Ok(Some(report)),
            Taken::Raced => Ok(None),
        }
    }

    /// The one that has the turn, and those that stand before `ours` in the line, as far as the rule asks for them; and who of
    /// the line is gone.
    async fn who_came_before(
        &self,
        target: &Target,
        ours: &Holder,
        rule: Concurrency,
    ) -> Result<(Before, Vec<Holder>), EngineError> {
        let turn = match &target.turn {
            Some(holder) => self.living(holder).await?,
            None => None,
        };
        let (mut line, mut gone) = (Vec::new(), Vec::new());
        for holder in target.line.iter().take_while(|holder| !same(holder, ours)) {
            // Whoever takes nobody's place need not know of more than one before it.
            if rule != Concurrency::Supersede && (turn.is_some() || !line.is_empty()) {
                break;
            }
            match self.living(holder).await? {
                Some(other) if other.promotion.waits_for_turn() => line.push(other),
                Some(_) | None => gone.push(holder.clone()),
            }
        }
        Ok((Before { turn, line }, gone))
    }

    /// Whom a name belongs to; nothing, where that one has ended, serves, or was never heard of.
    async fn living(&self, holder: &Holder) -> Result<Option<Other>, EngineError> {
        match self.load_promotion(&holder.promotion).await {
            Ok((promotion, _)) => {
                let over = promotion.claim(holder.attempt) == Claim::Over;
                let holder = holder.clone();
                Ok((!over).then_some(Other { holder, promotion }))
            }
            Err(EngineError::Unknown(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes the places of those that the newcomer outranks. Who has the turn is left alone as long as somebody stays
    /// before the newcomer in the line.
    async fn supersede(
        &self,
        before: Before,
        newcomer: &Promotion,
        rule: Concurrency,
    ) -> Result<(Before, Vec<Holder>), EngineError> {
        let (mut line, mut superseded) = (Vec::new(), Vec::new());
        for other in before.line {
            if self.makes_way(&other, newcomer, rule).await? {
                superseded.push(other.holder);
            } else {
                line.push(other);
            }
        }
        let turn = match before.turn {
            Some(other) if line.is_empty() && self.makes_way(&other, newcomer, rule).await? => None,
            other => other,
        };
        Ok((Before { turn, line }, superseded))
    }

    /// Whether one that came before is in the way no more. A crash after this is harmless: it makes way once.
    async fn makes_way(
        &self,
        other: &Other,
        newcomer: &Promotion,
        rule: Concurrency,
    ) -> Result<bool, EngineError> {
        match other.met_by(newcomer, rule) {
            Meeting::Passes => Ok(true),
            Meeting::Waits | Meeting::IsSuperseded | Meeting::IsRefused => Ok(false),
            Meeting::Supersedes => {
                let Holder {
                    promotion, attempt, ..
                } = &other.holder;
                let by = newcomer.id();
                let told = self
                    .tell(&JournalName::promotion(promotion), &|_| Event::Superseded {
                        by: by.clone(),
                        attempt: *attempt,
                    })
                    .await?;
                // Refused: people have agreed to it meanwhile, or it has ended and the next look finds that.
                Ok(told.is_ok())
            }
        }
    }
}

impl Before {
    /// How the newcomer ends because of them; nothing, where it does not. Asked before anybody is told anything.
    fn end_of(&self, newcomer: &Promotion, rule: Concurrency) -> Option<Outcome> {
        self.turn.iter().chain(&self.line).find_map(|other| {
            let by = other.promotion.id().clone();
            match other.met_by(newcomer, rule) {
                Meeting::IsSuperseded => Some(Outcome::TurnSuperseded { by }),
                Meeting::IsRefused => Some(Outcome::TurnRefused { by }),
                Meeting::Passes | Meeting::Waits | Meeting::Supersedes => None,
            }
        })
    }

    /// What is waited for, if anything.
    fn waited_for(&self) -> Option<String> {
        match (&self.turn, self.line.first()) {
            (Some(other), _) => Some(format!(
                "{} has it and is {}",
                ui::candidate(other.promotion.candidate()),
                ui::stage_name(&other.promotion)
            )),
            (None, Some(other)) => {
                let next = ui::candidate(other.promotion.candidate());
                Some(format!("{next} has it next"))
            }
            (None, None) => None,
        }
    }
}

impl Other {
    fn met_by(&self, newcomer: &Promotion, rule: Concurrency) -> Meeting {
        meet(newcomer, rule, &self.promotion, self.holder.attempt)
    }
}

/// The line without those that left it, and with `ours`: where it stood, else in the place of the first that made way, else
/// at the end.
fn lined_up(line: &[Holder], ours: &Holder, left: &Left) -> Vec<Holder> {
    let mut next: Vec<Holder> = Vec::with_capacity(line.len() + 1);
    let mut place = Some(
        line.iter()
            .find(|waiting| same(waiting, ours))
            .unwrap_or(ours),
    );
    for waiting in line {
        let made_way = left.superseded.contains(waiting);
        if made_way || same(waiting, ours) {
            next.extend(place.take().cloned());
        } else if !left.gone.contains(waiting) {
            next.push(waiting.clone());
        }
    }
    next.extend(place.cloned());
    next
}

fn same(one: &Holder, other: &Holder) -> bool {
    (&one.promotion, one.attempt) == (&other.promotion, other.attempt)
}

fn not_yet(reason: String) -> Report {
    Report::Waiting(Failure::new(NOT_ITS_TURN, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use promotion::{Attempt, PromotionId};

    fn holder(name: &str) -> Holder {
        Holder {
            promotion: PromotionId::new(name),
            attempt: Attempt::FIRST,
            since: Timestamp::UNIX_EPOCH,
        }
    }

    fn holders(names: &str) -> Vec<Holder> {
        names.split_whitespace().map(holder).collect()
    }

    #[test]
    fn a_newcomer_stands_at_the_end_or_where_somebody_made_way() {
        for (line, gone, superseded, next) in [
            ("", "", "", "me"),
            ("a b", "", "", "a b me"),
            ("a b", "a", "", "b me"),
            ("a b c", "", "b", "a me c"),
            ("a b c", "a", "b c", "me"),
            ("a me b", "", "", "a me b"),
            ("a me b", "a", "", "me b"),
            ("a b me c", "", "a", "me b c"),
        ] {
            let left = Left {
                gone: holders(gone),
                superseded: holders(superseded),
            };
            let lined = lined_up(&holders(line), &holder("me"), &left);
            assert_eq!(
                lined,
                holders(next),
                "{line}: {gone} went, {superseded} made way"
            );
        }
    }

    #[test]
    fn an_earlier_attempt_is_somebody_else() {
        let before = holder("me");
        let now = Holder {
            attempt: Attempt::FIRST.next(),
            ..holder("me")
        };
        assert!(!same(&before, &now));
        assert!(same(
            &now,
            &Holder {
                since: Timestamp::MAX,
                ..now.clone()
            }
        ));
    }
}
