//! A promotion's story: it is opened, its effects are answered, people act, time passes.
//!
//! After every step the journal is read back from its bytes and must fold to the same state; after every ending the target
//! must be as its ending says.

use jiff::{SignedDuration, Timestamp};
use promotion::audit::{self, Named, Wanted};
use promotion::*;

use crate::sample::{candidate, held, operator, person, role, route};
use crate::samples;
use crate::world::World;

pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) now: Timestamp,
    pub(crate) promotion: Promotion,
    pub(crate) before: Traffic,
    lines: Vec<Line<Fact>>,
    chain: Chain,
    bytes: Vec<u8>,
}

impl Story {
    pub(crate) fn begin() -> Self {
        Self::on(route(), World::new())
    }

    pub(crate) fn on(route: Route, world: World) -> Self {
        let cause = Cause::Event {
            key: "2026-11-23/0123".to_owned(),
            again: None,
        };
        Self::opened(route, world, cause)
    }

    pub(crate) fn opened(route: Route, world: World, cause: Cause) -> Self {
        let opening = Opening {
            candidate: candidate(),
            route,
            cause,
        };
        let now: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
        let mut chain = Chain::begin(opening.id().as_str());
        let (bytes, lines) = chain.extend(&[opening.fact()], now, "n");
        Self {
            before: world.traffic.clone(),
            promotion: Promotion::replay(&lines).unwrap(),
            world,
            now,
            lines,
            chain,
            bytes,
        }
    }

    pub(crate) fn append(&mut self, facts: &[Fact]) {
        let at = self.now.max(self.promotion.last_at());
        let (bytes, lines) = self.chain.extend(facts, at, "n");
        self.bytes.extend(bytes);
        self.lines.extend(lines);
        for fact in facts {
            if let Fact::Planned { key, effect } = fact {
                self.check_key(key, effect);
            }
        }
        self.promotion = Promotion::replay(&self.lines).unwrap();
    }

    /// Whoever asks whether an effect was performed asks by its key: two that differ share none.
    fn check_key(&self, new: &EffectKey, wanted: &Effect) {
        for line in &self.lines {
            if let Fact::Planned { key, effect } = &line.fact {
                let same = key != new || **effect == *wanted;
                assert!(same, "{new} is the key of two effects: {wanted:?}");
            }
        }
    }

    /// One delivery, the journal read back by whoever calls.
    pub(crate) fn deliver_unchecked(&mut self) {
        self.deliver_with(Self::tell_unchecked);
    }

    fn tell_unchecked(&mut self, event: Event) -> Result<usize, Refused> {
        let decision = self.promotion.decide(event, self.now)?;
        if !decision.facts.is_empty() {
            self.append(&decision.facts);
        }
        Ok(decision.facts.len())
    }

    /// One event, and that its journal folds to the same from its bytes.
    pub(crate) fn tell(&mut self, event: Event) -> Result<usize, Refused> {
        let learned = self.tell_unchecked(event)?;
        if learned > 0 {
            self.check_journal();
        }
        Ok(learned)
    }

    pub(crate) fn check_journal(&self) {
        let name = self.promotion.id().as_str();
        let (lines, chain) = Chain::read::<Fact>(name, &self.bytes).unwrap();
        let replayed = Promotion::replay(&lines).unwrap();
        // Or by what they show: NaN is not equal to itself.
        let same = replayed == self.promotion;
        assert!(same || format!("{replayed:?}") == format!("{:?}", self.promotion));
        assert_eq!(chain, self.chain);
    }

    pub(crate) fn due(&mut self) -> usize {
        self.tell(Event::Due).unwrap()
    }

    pub(crate) fn report(&mut self, key: &EffectKey, report: Report) -> usize {
        let key = key.clone();
        let report = Box::new(report);
        self.tell(Event::Performed { key, report }).unwrap()
    }

    /// One delivery: whatever is ready is performed until nothing is learned any more.
    pub(crate) fn deliver(&mut self) {
        self.deliver_with(Self::tell);
    }

    fn deliver_with(&mut self, tell: fn(&mut Self, Event) -> Result<usize, Refused>) {
        for _ in 0..200 {
            let mut learned = 0;
            let ready = self.promotion.ledger().ready(self.now);
            let ready: Vec<Entry> = ready.cloned().collect();
            for entry in ready {
                self.world.now = self.now;
                let report = Box::new(self.world.perform(&entry.effect));
                let key = entry.key;
                learned += tell(self, Event::Performed { key, report }).unwrap();
            }
            learned += tell(self, Event::Due).unwrap();
            if learned == 0 {
                return self.check_no_hot_loop();
            }
        }
        panic!("it spins in {}", self.stage());
    }

    fn check_no_hot_loop(&self) {
        match self.promotion.next_due(self.now) {
            Some(due) => assert!(due > self.now, "due at once, for ever, in {}", self.stage()),
            None => assert!(self.promotion.is_closed(), "{} forgot itself", self.stage()),
        }
    }

    /// Goes on, as time does, until the stage has this name, or until it would wait for longer than a month.
    pub(crate) fn until(&mut self, stage: &str) -> &mut Self {
        let horizon = self.now + SignedDuration::from_hours(24 * 31);
        for _ in 0..500 {
            self.deliver();
            if self.stage() == stage {
                return self;
            }
            match self.promotion.next_due(self.now) {
                Some(due) if due <= horizon => self.now = due,
                _ => break,
            }
        }
        panic!(
            "wanted {stage}, came to {}: {:#?}",
            self.stage(),
            self.promotion.ledger()
        );
    }

    /// Performs effects one at a time, as long as the stage has another name.
    pub(crate) fn step_to(&mut self, stage: &str) -> &mut Self {
        for _ in 0..200 {
            if self.stage() != stage {
                self.tell_unchecked(Event::Due).unwrap();
            }
            if self.stage() == stage {
                self.check_journal();
                return self;
            }
            self.step();
        }
        panic!("wanted {stage}, came to {}", self.stage());
    }

    fn step(&mut self) {
        let ready = self.promotion.ledger().ready(self.now).next().cloned();
        match ready {
            Some(Entry { key, effect, .. }) => {
                self.world.now = self.now;
                let report = Box::new(self.world.perform(&effect));
                let event = Event::Performed { key, report };
                self.tell_unchecked(event).unwrap();
            }
            None if self.stage() == "awaiting approval" => self.approve("Ada"),
            None => self.now = self.promotion.next_due(self.now).unwrap(),
        }
    }

    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    pub(crate) fn vote(&mut self, name: &str, kind: VoteKind) -> Result<usize, Refused> {
        let pinned = self.promotion.stage().pinned().expect("nobody is asked");
        let digest = pinned.digest.clone();
        self.ballot(person(name), kind, self.promotion.attempt(), digest)
    }

    pub(crate) fn ballot(
        &mut self,
        person: Person,
        kind: VoteKind,
        attempt: Attempt,
        digest: Digest,
    ) -> Result<usize, Refused> {
        self.tell(Event::Vote {
            voter: Voter {
                person,
                held: held(vec![role()]),
            },
            kind,
            comment: "looks \"good\"\n\u{202e}".to_owned(),
            attempt,
            digest,
            frozen: None,
            click: None,
            round: None,
        })
    }

    pub(crate) fn approve(&mut self, name: &str) {
        self.vote(name, VoteKind::Approve).unwrap();
    }

    pub(crate) fn abort(&mut self) -> Result<usize, Refused> {
        self.tell(Event::Abort {
            by: operator(),
            reason: "not today".to_owned(),
            attempt: None,
        })
    }

    pub(crate) fn roll_back(&mut self) -> Result<usize, Refused> {
        self.tell(Event::RollBack {
            by: operator(),
            reason: "it smells".to_owned(),
            attempt: None,
        })
    }

    pub(crate) fn reopen(&mut self) -> Result<usize, Refused> {
        let route = Box::new(self.promotion.route().clone());
        self.tell(Event::Reopen {
            by: operator(),
            reason: "once more".to_owned(),
            route,
            attempt: None,
        })
    }

    pub(crate) fn replay(&mut self) -> Result<usize, Refused> {
        self.tell(Event::Replay {
            by: operator(),
            reason: "Azure is back".to_owned(),
            attempt: None,
        })
    }

    pub(crate) fn stage(&self) -> &'static str {
        self.promotion.stage().name()
    }

    pub(crate) fn ending(&self) -> &Ending {
        self.promotion.stage().ending().expect("it has not ended")
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.lines.iter().map(|line| &line.fact)
    }

    /// The kinds of effects planned so far, in order.
    pub(crate) fn planned(&self) -> Vec<&str> {
        self.facts()
            .filter_map(|fact| match fact {
                Fact::Planned { effect, .. } => Some(effect.kind()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn undone(&self, kind: &str) -> Entry {
        let entries = self.promotion.ledger().undone();
        let found = entries.iter().find(|entry| entry.effect.kind() == kind);
        found
            .unwrap_or_else(|| panic!("no {kind} in {entries:#?}"))
            .clone()
    }

    /// Its voters are asked after.
    pub(crate) fn see_voters(&mut self) -> &mut Self {
        let entry = self.undone("see-voters");
        let report = self.world.perform(&entry.effect);
        self.report(&entry.key, report);
        self
    }

    /// The candidate's deployment of this attempt.
    pub(crate) fn deployment(&self) -> DeploymentName {
        deployment_name(self.promotion.id(), self.promotion.attempt())
    }

    /// Goes on to this ending and checks the target.
    pub(crate) fn ends(&mut self, ending: &str) -> &mut Self {
        self.until(ending);
        self.check_target();
        self
    }

    /// The same for a story that is told hundreds of times: approved when asked, its journal read back once.
    pub(crate) fn ends_quickly(&mut self, ending: &str) {
        for _ in 0..500 {
            self.deliver_unchecked();
            if self.stage() == "awaiting approval" {
                self.approve("Ada");
                continue;
            }
            match self.promotion.next_due(self.now) {
                Some(due) => self.now = due,
                None => break,
            }
        }
        assert_eq!(self.stage(), ending);
        self.check_journal();
        self.check_target();
    }

    pub(crate) fn check_target(&self) {
        assert!(self.promotion.is_closed());
        assert!(self.promotion.ledger().undone().is_empty());
        assert_ne!(
            self.world.lease.as_deref(),
            Some(crate::world::US),
            "the lease leaks"
        );
        let Some(Fact::Closed { records }) = self.facts().last() else {
            panic!("the last record closes");
        };
        assert_eq!(*records, self.chain.len() - 1);
        let name = Named::Exactly(self.promotion.id().as_str());
        let proof = audit::verify(&self.bytes, name, Wanted::Ended).unwrap();
        assert_eq!(proof.subject.stage(), self.stage());
        let ours = self.deployment();
        let finished = matches!(self.ending(), Ending::Finished { .. });
        assert_eq!(self.world.deployments.contains_key(&ours), finished);
        if finished {
            assert_eq!(self.world.traffic, Traffic::all_to(&ours));
        } else {
            assert_eq!(self.world.traffic, self.before);
        }
    }

    /// The journal.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Keeps this journal as a sample of today's format, if there is none of this name yet.
    pub(crate) fn keep(&self, name: &str) {
        samples::keep(name, &self.bytes);
    }
}
