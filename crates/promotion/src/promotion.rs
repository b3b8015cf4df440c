//! The promotion: a candidate on a route, folded from its journal.
//!
//! The invariant: the fold only reads what was decided. A fact that has no meaning where it stands is corruption, never a
//! guess.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::candidate::Candidate;
use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::digest::Digest;
use crate::effect::{Effect, EffectKey};
use crate::ending::Ending;
use crate::event::Event;
use crate::ids::{Attempt, PromotionId};
use crate::ledger::{Failure, Ledger};
use crate::manifest::Manifest;
use crate::pause::{PauseAt, PauseId};
use crate::people::Person;
use crate::permit::{Basis, Permit};
use crate::plan::PlannedStep;
use crate::question::Review;
use crate::record::{Cause, Fact};
use crate::refused::Refused;
use crate::report::Report;
use crate::route::Route;
use crate::stage::Stage;
use crate::transition;
use crate::turn::Turn;

/// A candidate on a route, from proposal to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Promotion {
    pub(crate) id: PromotionId,
    pub(crate) candidate: Candidate,
    pub(crate) route: Box<Route>,
    pub(crate) cause: Cause,
    /// Who asked for this attempt; absent: nobody, an event did.
    pub(crate) requested_by: Option<Person>,
    /// Who had this attempt go on after a failure before anybody was asked about it: they have asked for it as well.
    pub(crate) replayed_by: Vec<Person>,
    pub(crate) attempt: Attempt,
    /// How it came to this attempt.
    pub(crate) reopened: Option<Box<Reopening>>,
    /// What earlier attempts owe.
    pub(crate) earlier_overrides: Vec<EarlierOverride>,
    pub(crate) stage: Stage,
    pub(crate) ledger: Ledger,
    /// Whether it may ask about the target, and change it.
    pub(crate) turn: Turn,
    /// The first manifest pinned, and when: it stays this promotion's in every attempt.
    pub(crate) first_manifest: Option<(Manifest, Timestamp)>,
    /// An effect that failed for good, until the stage has drawn its conclusion.
    pub(crate) broken: Option<Broken>,
    /// What was not done in time where there is nothing to give up to; until it is done, or something else is wanted.
    pub(crate) stuck: Option<Box<Stuck>>,
    pub(crate) records: u64,
    pub(crate) opened_at: Timestamp,
    pub(crate) last_at: Timestamp,
}

/// How an attempt came about that is not the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Reopening {
    /// Who asked again.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// How the attempt before had ended.
    pub after: Ending,
}

/// An override of an earlier attempt: asking again forgets none.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierOverride {
    /// Which attempt.
    pub attempt: Attempt,
    /// What it went past, who overrode it, and who has looked at it.
    pub permit: Box<Permit>,
}

impl EarlierOverride {
    /// Whether nobody has looked at it yet.
    pub fn is_unreviewed(&self) -> bool {
        self.permit.question().review.is_none()
    }
}

/// Who asked for what people are asked about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AskedFor<'a> {
    /// Who opened the promotion.
    pub(crate) opened: Option<&'a Person>,
    /// Who asked for this attempt.
    pub(crate) this_attempt: Option<&'a Person>,
    /// Who had it go on.
    pub(crate) replayed: &'a [Person],
}

/// An effect that failed for good.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Broken {
    pub(crate) effect: Effect,
    pub(crate) failure: Failure,
}

/// An effect that is tried again for ever.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stuck {
    /// What kind of effect.
    pub(crate) kind: &'static str,
    pub(crate) failure: Failure,
    /// Whether people know.
    pub(crate) told: bool,
}

/// What follows from an event: facts to append, in one append.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<F> {
    /// In order; none when nothing was learned.
    pub facts: Vec<F>,
}

impl Decision<Fact> {
    /// The effects that these facts plan: to be performed once the facts are appended, never before.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.facts.iter().filter_map(|fact| match fact {
            Fact::Planned { effect, .. } => Some(effect.as_ref()),
            _ => None,
        })
    }
}

/// What a new promotion begins with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What it moves.
    pub candidate: Candidate,
    /// The way it goes.
    pub route: Route,
    /// What opened it.
    pub cause: Cause,
}

impl Opening {
    /// The promotion's name.
    pub fn id(&self) -> PromotionId {
        PromotionId::of(
            &self.route.name,
            &self.candidate.workspace,
            &self.candidate.model,
            &self.candidate.version,
        )
    }

    /// Its first record.
    pub fn fact(self) -> Fact {
        Fact::Opened {
            candidate: self.candidate,
            route: Box::new(self.route),
            cause: self.cause,
        }
    }
}

/// What has a journal and wants effects: promotions and intakes share one engine.
pub trait Aggregate: Sized {
    /// What its journal remembers.
    type Fact: Serialize + DeserializeOwned + Clone + Send + Sync;

    /// Folds a journal.
    fn replay(lines: &[Line<Self::Fact>]) -> Result<Self, CorruptJournal>;

    /// What follows from nothing but the time.
    fn due(&self, now: Timestamp) -> Decision<Self::Fact>;

    /// What follows from an effect that was tried.
    fn performed(&self, key: &EffectKey, report: Report, now: Timestamp) -> Decision<Self::Fact>;

    /// Effects planned and not yet done.
    fn ledger(&self) -> &Ledger;

    /// When it needs the next look, judged at `now`; never, when it is closed.
    fn next_due(&self, now: Timestamp) -> Option<Timestamp>;

    /// Whether nothing is left to do.
    fn is_closed(&self) -> bool;
}

impl Promotion {
    /// What follows from an event, or why it may not happen.
    ///
    /// Time never runs backwards: `now` is the later of the clock and the last record.
    pub fn decide(&self, event: Event, now: Timestamp) -> Result<Decision<Fact>, Refused> {
        let now = now.max(self.last_at);
        let mut after = self.clone();
        let mut facts = transition::respond(self, event, now)?;
        for fact in &facts {
            after.assume(fact, now);
        }
        loop {
            let more = transition::next(&after, now);
            if more.is_empty() {
                return Ok(Decision { facts });
            }
            for fact in &more {
                after.assume(fact, now);
            }
            facts.extend(more);
        }
    }

    pub(crate) fn assume(&mut self, fact: &Fact, now: Timestamp) {
        let line = Line {
            seq: self.records,
            at: now,
            hash: Digest::of(b"not yet written"),
            fact: fact.clone(),
        };
        self.apply(&line)
            .expect("a fact that was just decided has its meaning here");
    }

    /// Goes on with records that were appended since: the same as a replay of all of them.
    pub fn go_on(&mut self, lines: &[Line<Fact>]) -> Result<(), CorruptJournal> {
        lines.iter().try_for_each(|line| self.apply(line))
    }

    /// Its name.
    pub fn id(&self) -> &PromotionId {
        &self.id
    }

    /// What it moves.
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// The way it goes.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// What opened it.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Who asked for it: who opened it, who reopened it last, and who had this attempt go on before anybody was asked about it.
    pub(crate) fn asked_for_by(&self) -> AskedFor<'_> {
        AskedFor {
            opened: self.cause.person(),
            this_attempt: self.requested_by.as_ref(),
            replayed: &self.replayed_by,
        }
    }

    /// Which try this is.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Where it is.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// What was not done in time and is tried again, for giving up would leave the target as nobody wants it.
    pub fn stuck(&self) -> Option<&Failure> {
        self.stuck.as_ref().map(|stuck| &stuck.failure)
    }

    /// The pause that it is in.
    pub fn pause(&self) -> Option<PauseId> {
        let Stage::Shifting { rollout, step, .. } = &self.stage else {
            return None;
        };
        if let Some(drifted) = rollout.drifted() {
            let asked = drifted.asked.filter(|_| !drifted.went_on);
            return asked.map(|_| PauseId::new(self.attempt, PauseAt::Drift(drifted.number)));
        }
        if let Some(watch) = rollout.unsure() {
            return Some(PauseId::new(self.attempt, watch.id.into()));
        }
        let waits = match rollout.permit.pinned().plan.steps.get(*step)? {
            PlannedStep::Pause(_) | PlannedStep::PauseUntilResumed => true,
            PlannedStep::Analysis(_) => rollout.unsure_step().is_some(),
            // A bake was agreed to: it lasts as long as it says.
            PlannedStep::SetTraffic(_)
            | PlannedStep::Mirror(_)
            | PlannedStep::Bake(_)
            | PlannedStep::LoadTest(_) => false,
        };
        waits.then(|| PauseId::new(self.attempt, PauseAt::Step(*step)))
    }

    /// Whether it goes on, or ended, past its quorum instead of by it.
    pub fn is_overridden(&self) -> bool {
        let permit = self.stage.permit();
        permit.is_some_and(|permit| permit.basis() == Basis::Overridden)
    }

    /// Since when no window holds it up, and no freeze that stood then: two people have overridden them, and still count.
    pub fn overridden_since(&self) -> Option<Timestamp> {
        self.stage.permit().and_then(Permit::overridden_since)
    }

    /// Overrides of earlier attempts.
    pub fn earlier_overrides(&self) -> &[EarlierOverride] {
        &self.earlier_overrides
    }

    /// Those of them that nobody has looked at.
    pub fn unreviewed(&self) -> impl Iterator<Item = &EarlierOverride> {
        let earlier = self.earlier_overrides.iter();
        earlier.filter(|one| one.is_unreviewed())
    }

    /// Who asked for it again, why, and how it had ended; nothing in the first attempt.
    pub fn reopened(&self) -> Option<&Reopening> {
        self.reopened.as_deref()
    }

    /// What somebody found who looked at the override afterwards.
    pub fn review(&self) -> Option<&Review> {
        self.stage.question()?.review.as_ref()
    }

    /// Until when people may answer what the rollout waits for; nothing, where they are not asked.
    pub fn answer_by(&self) -> Option<Timestamp> {
        let Stage::Shifting { rollout, step, .. } = &self.stage else {
            return None;
        };
        let asked = match (rollout.drifted(), &rollout.unsure) {
            (Some(drifted), _) => drifted.asks_since(),
            (None, Some(unsure)) => unsure.asked,
            (None, None) => rollout.asked_at(*step),
        };
        asked.map(|asked| self.answer_within(asked))
    }

    /// Until when a rollout whose steps are done waits for its first successful measurement; nothing, where it does not.
    pub fn first_success_by(&self) -> Option<Timestamp> {
        let Stage::Shifting {
            rollout,
            step,
            since,
        } = &self.stage
        else {
            return None;
        };
        let is_done = *step >= rollout.permit.pinned().plan.steps.len();
        is_done
            .then(|| transition::first_success_by(self, rollout, *since))
            .flatten()
    }

    /// Until when people may answer what they are asked since then.
    pub(crate) fn answer_within(&self, asked: Timestamp) -> Timestamp {
        self.route.deadlines.resume.after(asked)
    }

    /// When its first record was written.
    pub fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// When its last record was written.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    pub(crate) fn key_for(&self, effect: &Effect) -> EffectKey {
        EffectKey(format!(
            "{}.{:02}.{}",
            self.attempt,
            self.ledger.next_number(),
            effect.kind()
        ))
    }

    pub(crate) fn plan(&self, effect: Effect) -> Fact {
        Fact::Planned {
            key: self.key_for(&effect),
            effect: Box::new(effect),
        }
    }
}

impl Aggregate for Promotion {
    type Fact = Fact;

    fn replay(lines: &[Line<Fact>]) -> Result<Self, CorruptJournal> {
        let (first, rest) = lines.split_first().ok_or(CorruptJournal::Empty)?;
        let mut promotion = Self::open(first)?;
        for line in rest {
            promotion.apply(line)?;
        }
        Ok(promotion)
    }

    fn due(&self, now: Timestamp) -> Decision<Fact> {
        self.decide(Event::Due, now)
            .unwrap_or(Decision { facts: vec![] })
    }

    fn performed(&self, key: &EffectKey, report: Report, now: Timestamp) -> Decision<Fact> {
        let event = Event::Performed {
            key: key.clone(),
            report: Box::new(report),
        };
        self.decide(event, now)
            .unwrap_or(Decision { facts: vec![] })
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_closed() {
            return None;
        }
        let effects = self.ledger.next_due(now, &self.route.deadlines, |entry| {
            self.stays_until_answered(entry)
        });
        let stage = transition::wakes_at(self);
        // With nothing to wait for it has not been looked at since its last record.
        effects
            .into_iter()
            .chain(stage)
            .min()
            .or(Some(self.last_at))
    }

    fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed { .. })
    }
}
