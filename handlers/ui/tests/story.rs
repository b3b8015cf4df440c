//! A promotion made by deciding events, as the engine does, with an outside that answers as told.

use jiff::Timestamp;
use promotion::{
    Aggregate as _, Attempt, Chain, Effect, Event, Fact, Line, Operator, Promotion, Refused,
    Seconds, VoteKind, Voter,
};

use super::world::{World, ada};
use crate::ui::Viewer;

/// A promotion under way, and the world it is in.
pub(super) struct Story {
    pub(super) now: Timestamp,
    pub(super) lines: Vec<Line<Fact>>,
    pub(super) world: World,
    chain: Chain,
    appends: u32,
}

impl Story {
    pub(super) fn begin(world: World) -> Self {
        let opening = world.opening();
        let id = opening.id();
        let mut story = Self {
            now: "2026-11-23T07:15:02Z".parse().unwrap(),
            lines: vec![],
            chain: Chain::begin(id.as_str()),
            world,
            appends: 0,
        };
        story.append(&[opening.fact()]);
        story
    }

    /// Until nothing is left to do but wait.
    pub(super) fn settled(world: World) -> Self {
        let mut story = Self::begin(world);
        story.run();
        story
    }

    /// In the default world until people agreed and nothing is left to do but wait.
    pub(super) fn approved(world: World) -> Self {
        let mut story = Self::settled(world);
        story
            .vote(&ada(), VoteKind::Approve, "Better on every metric.")
            .unwrap();
        story.run();
        story
    }

    pub(super) fn promotion(&self) -> Promotion {
        Promotion::replay(&self.lines).expect("what was decided can be folded")
    }

    pub(super) fn vote(
        &mut self,
        by: &Viewer,
        kind: VoteKind,
        comment: &str,
    ) -> Result<(), Refused> {
        let promotion = self.promotion();
        let digest = promotion
            .stage()
            .pinned()
            .expect("people were asked")
            .digest
            .clone();
        let voter = Voter {
            person: by.person.clone(),
            held: by.held.clone(),
        };
        self.happen(Event::Vote {
            voter,
            kind,
            comment: comment.to_owned(),
            attempt: promotion.attempt(),
            digest,
            frozen: None,
            click: None,
            round: None,
        })
    }

    pub(super) fn attempt(&self) -> Attempt {
        self.promotion().attempt()
    }

    pub(super) fn happen(&mut self, event: Event) -> Result<(), Refused> {
        let facts = self.promotion().decide(event, self.now)?.facts;
        self.append(&facts);
        Ok(())
    }

    pub(super) fn operator(by: &Viewer) -> Operator {
        Operator {
            person: by.person.clone(),
            held: by.held.clone(),
        }
    }

    /// Performs what is due, a second at a time, until there is only waiting.
    pub(super) fn run(&mut self) {
        while self.tick() {}
    }

    /// Until the stage of this name is entered.
    pub(super) fn run_to(&mut self, stage: &str) {
        while self.promotion().stage().name() != stage {
            assert!(self.tick() || self.wait(), "{stage} is never entered");
        }
    }

    /// One look: what is due, or else time.
    pub(super) fn step_or_wait(&mut self) {
        assert!(self.tick() || self.wait(), "nothing would ever happen");
    }

    /// Lets time pass until the next look.
    pub(super) fn wait(&mut self) -> bool {
        let due = self.promotion().next_due(self.now);
        let ahead = due.filter(|due| *due > self.now);
        self.now = ahead.unwrap_or(self.now);
        ahead.is_some()
    }

    fn tick(&mut self) -> bool {
        let before = self.lines.len();
        self.happen(Event::Due).expect("time may always pass");
        let promotion = self.promotion();
        let next = promotion.ledger().ready(self.now).next().cloned();
        if let Some(entry) = next {
            // A turn is taken by a write of our own, which takes no time worth telling.
            if !matches!(entry.effect, Effect::TakeTurn { .. }) {
                self.now = Seconds(1).after(self.now);
            }
            let report = Box::new(self.world.report(&entry.effect, self.now));
            self.happen(Event::Performed {
                key: entry.key,
                report,
            })
            .expect("an outcome is always taken");
        }
        self.lines.len() > before
    }

    fn append(&mut self, facts: &[Fact]) {
        self.appends += 1;
        let nonce = self.appends.to_string();
        let (_, lines) = self.chain.extend(facts, self.now, &nonce);
        self.lines.extend(lines);
    }
}
