//! A promotion's story: it is opened, its effects are answered, people act, time jumps to when something is due.
//!
//! People answer and resume when nothing else is to be done at that moment, as they can only once they are asked; they abort
//! and take back as soon as it has come to where the test says.

use jiff::{SignedDuration, Timestamp};
use promotion::{
    Aggregate as _, Attempt, Chain, Effect, EffectKey, Ending, Event, Fact, Held, Line, Notice,
    Opening, Operator, Party, Promotion, Refused, Role, Seconds, Stage, Voter, deployment_name,
};
use std::collections::VecDeque;

use super::opening::Opened;
use super::world::{World, person};
use crate::config::{Act, At, FakeVote, UserTest, Verb};
use crate::ui;

/// So long a promotion may take by its own time.
const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);
/// So much it may remember.
const MOST_RECORDS: usize = 50_000;

/// What came of an event.
pub(super) struct Told {
    /// The routes that it opened promotions on.
    pub(super) routes: Vec<String>,
    /// Why it opened none.
    pub(super) nothing: Option<String>,
    /// How the one that is meant ended.
    pub(super) ending: Option<Ending>,
    pub(super) lines: Vec<Line<Fact>>,
    /// What was refused, when, and to whom.
    pub(super) refused: Vec<Refusal>,
    /// The candidate's shares of the traffic, one after the other.
    pub(super) shares: Vec<u8>,
    /// The cards that people got.
    pub(super) cards: Vec<Notice>,
    /// What keeps the test from being one, in sentences.
    pub(super) troubles: Vec<String>,
}

/// What was refused.
pub(super) struct Refusal {
    pub(super) at: Timestamp,
    pub(super) whom: String,
    pub(super) why: String,
}

impl Told {
    fn nothing(routes: Vec<String>, nothing: Option<String>) -> Self {
        Self {
            routes,
            nothing,
            ending: None,
            lines: vec![],
            refused: vec![],
            shares: vec![],
            cards: vec![],
            troubles: vec![],
        }
    }

    /// Why it ended so, or why nothing follows.
    pub(super) fn reason(&self) -> Option<String> {
        let ending = self.ending.as_ref().map(ui::ending);
        ending.or_else(|| self.nothing.clone())
    }
}

/// Tells the promotion that the test means to its end.
pub(super) fn tell(test: &UserTest, opened: Opened) -> Told {
    let name = |opening: &Opening| opening.route.name.to_string();
    let routes: Vec<String> = opened.promotions.iter().map(name).collect();
    let wanted = |opening: &Opening| {
        let route = test.route.as_deref();
        route.is_none_or(|route| opening.route.name.as_str() == route)
    };
    let mut meant = opened.promotions.into_iter().filter(wanted);
    let (first, second) = (meant.next(), meant.next());
    let mut told = Told::nothing(routes, opened.nothing);
    match (first, second) {
        (Some(opening), None) => {
            let told_of = Story::begin(test, opening, opened.run, opened.at).told();
            Told {
                routes: told.routes,
                ..told_of
            }
        }
        (Some(_), Some(_)) => {
            told.troubles.push(ui::several_routes(&told.routes));
            told
        }
        (None, _) => {
            let missing = test.route.as_deref().filter(|_| !told.routes.is_empty());
            let trouble = missing.map(|route| ui::another_route(route, &told.routes));
            told.troubles.extend(trouble);
            told
        }
    }
}

struct Story<'t> {
    world: World<'t>,
    now: Timestamp,
    began: Timestamp,
    promotion: Promotion,
    lines: Vec<Line<Fact>>,
    chain: Chain,
    votes: VecDeque<&'t FakeVote>,
    /// Since when people can answer.
    asked: Option<Timestamp>,
    acts: VecDeque<&'t Act>,
    /// Since when the next act is possible.
    possible: Option<Timestamp>,
    refused: Vec<Refusal>,
}

impl<'t> Story<'t> {
    fn begin(
        test: &'t UserTest,
        opening: Opening,
        run: Option<promotion::RunId>,
        now: Timestamp,
    ) -> Self {
        let id = opening.id();
        let ours = deployment_name(&id, Attempt::FIRST);
        let world = World::new(test, &opening, run, ours);
        let mut chain = Chain::begin(id.as_str());
        let (_, lines) = chain.extend(&[opening.fact()], now, "test");
        let mut votes: Vec<&FakeVote> = test.votes.iter().collect();
        votes.sort_by_key(|vote| vote.after);
        Self {
            world,
            now,
            began: now,
            promotion: Promotion::replay(&lines).expect("what is written here replays"),
            lines,
            chain,
            votes: votes.into(),
            asked: None,
            acts: test.acts.iter().collect(),
            possible: None,
            refused: vec![],
        }
    }

    fn told(mut self) -> Told {
        let mut troubles = Vec::new();
        loop {
            if self.lines.len() > MOST_RECORDS {
                troubles.push(ui::tells_too_much(MOST_RECORDS));
                break;
            }
            if self.goes_on() {
                continue;
            }
            match self.next_moment() {
                Some(at) if at.duration_since(self.began) > LONGEST => {
                    troubles.push(ui::takes_too_long(&self.promotion, LONGEST));
                    break;
                }
                Some(at) if at > self.now => self.now = at,
                Some(_) => {
                    troubles.push(ui::turns_in_circles(&self.promotion));
                    break;
                }
                None => break,
            }
        }
        debug_assert!(
            Promotion::replay(&self.lines).is_ok_and(|again| again == self.promotion),
            "what went on record by record is what its journal replays to"
        );
        let untold = self.world.untold.iter();
        troubles.extend(untold.map(|metric| ui::untold_metric(metric)));
        troubles.extend(self.acts.iter().map(|act| ui::never_came(&act.reason)));
        Told {
            ending: self.promotion.stage().ending().cloned(),
            lines: self.lines,
            refused: self.refused,
            shares: self.world.shares,
            cards: self.world.cards,
            troubles,
            ..Told::nothing(vec![], None)
        }
    }

    /// One thing that happens at this moment; whether one did.
    fn goes_on(&mut self) -> bool {
        if self
            .acts
            .front()
            .is_some_and(|act| act.verb != Verb::Resume)
            && self.acts_now()
        {
            return true;
        }
        let ready = self.promotion.ledger().ready(self.now).next();
        if let Some((key, effect)) = ready.map(|entry| (entry.key.clone(), entry.effect.clone()))
            && self.performs(key, &effect)
        {
            return true;
        }
        self.learns(Event::Due) || self.votes_now() || self.acts_now()
    }

    fn performs(&mut self, key: EffectKey, effect: &Effect) -> bool {
        let report = Box::new(self.world.perform(effect, self.now));
        self.learns(Event::Performed { key, report })
    }

    fn learns(&mut self, event: Event) -> bool {
        self.hears(event).is_ok_and(|learned| learned > 0)
    }

    fn hears(&mut self, event: Event) -> Result<usize, Refused> {
        let decision = self.promotion.decide(event, self.now)?;
        if !decision.facts.is_empty() {
            let at = self.now.max(self.promotion.last_at());
            let (_, lines) = self.chain.extend(&decision.facts, at, "test");
            self.promotion
                .go_on(&lines)
                .expect("what was just decided has its meaning here");
            self.lines.extend(lines);
        }
        Ok(decision.facts.len())
    }

    /// The next vote, where people are asked and its time has come.
    fn votes_now(&mut self) -> bool {
        let Stage::AwaitingApproval { pinned, .. } = self.promotion.stage() else {
            return false;
        };
        let asked = *self.asked.get_or_insert(self.now);
        let Some(vote) = self.votes.front().copied() else {
            return false;
        };
        if vote.after.after(asked) > self.now {
            return false;
        }
        let roles = vote.roles.clone();
        let event = Event::Vote {
            voter: Voter {
                person: person(&vote.by),
                held: held(roles, &pinned.quorum.parties),
            },
            kind: vote.says,
            comment: vote.comment.clone(),
            attempt: self.promotion.attempt(),
            digest: pinned.digest.clone(),
            frozen: None,
            click: None,
            round: None,
        };
        self.votes.pop_front();
        self.is_told(&vote.by, event);
        true
    }

    /// The next act, where it has come to what it waits for.
    fn acts_now(&mut self) -> bool {
        let Some(act) = self.acts.front().copied() else {
            return false;
        };
        if !self.has_come_to(act) {
            self.possible = None;
            return false;
        }
        let possible = *self.possible.get_or_insert(self.now);
        if act.after.after(possible) > self.now {
            return false;
        }
        let by = Operator {
            person: person(&act.by),
            held: self.held(act),
        };
        let reason = act.reason.clone();
        let event = match act.verb {
            Verb::Abort => Event::Abort {
                by,
                reason,
                attempt: None,
            },
            Verb::RollBack => Event::RollBack {
                by,
                reason,
                attempt: None,
            },
            Verb::Resume => match self.promotion.pause() {
                Some(pause) => Event::Resume {
                    by,
                    reason,
                    pause,
                    attempt: None,
                },
                None => return false,
            },
        };
        self.acts.pop_front();
        self.possible = None;
        self.is_told(&act.by, event);
        true
    }

    fn has_come_to(&self, act: &Act) -> bool {
        let stage = self.promotion.stage();
        let there = match act.at {
            None => self.waits_for_a_person(),
            Some(At::Stage(wanted)) => stage.kind() == wanted,
            Some(At::Step(wanted)) => {
                matches!(stage, Stage::Shifting { step, .. } if step + 1 == wanted)
            }
        };
        there && (act.verb != Verb::Resume || self.promotion.pause().is_some())
    }

    fn waits_for_a_person(&self) -> bool {
        let asks = matches!(self.promotion.stage(), Stage::AwaitingApproval { .. });
        asks || self.promotion.pause().is_some()
    }

    fn held(&self, act: &Act) -> Held {
        held(act.roles.clone(), &self.promotion.route().operators)
    }

    fn is_told(&mut self, by: &str, event: Event) {
        if let Err(refused) = self.hears(event) {
            self.refused.push(Refusal {
                at: self.now,
                whom: by.to_owned(),
                why: ui::refusal(&refused),
            });
        }
    }

    /// When something is due, or somebody acts.
    fn next_moment(&self) -> Option<Timestamp> {
        let later = |since: Option<Timestamp>, after: Seconds| since.map(|at| after.after(at));
        let asks = matches!(self.promotion.stage(), Stage::AwaitingApproval { .. });
        let vote = self.votes.front().filter(|_| asks);
        let vote = vote.and_then(|vote| later(self.asked, vote.after));
        let act = self.acts.front();
        let act = act.and_then(|act| later(self.possible, act.after));
        let due = self.promotion.next_due(self.now);
        [due, vote, act].into_iter().flatten().min()
    }
}

/// What a made-up person holds: these roles, or else all that is asked for.
fn held(roles: Option<Vec<Role>>, asked_for: &[Party]) -> Held {
    match roles {
        Some(roles) => Held {
            roles,
            ..Held::default()
        },
        None => Held::all(asked_for),
    }
}
