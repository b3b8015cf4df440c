//! The property: whatever happens in whatever order, nothing panics, the journal folds to the same state, nobody is
//! forgotten, nothing spins, and once the world behaves every promotion comes to its end with a clean target.

use jiff::SignedDuration;
use promotion::analysis::MetricRule;
use promotion::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;

use crate::acts::{Act, Answer, acts};
use crate::batch::onto_batch;
use crate::custom_code::with_code;
use crate::loading;
use crate::sample::{failure, file, held, numbers, operator, person, role, route};
use crate::story::Story;
use crate::watching;
use crate::world::{US, World, job_reply, predecessor, smoke_reply};

/// Where a run begins, so that the late stages are met as often as the early ones.
const STARTS: [&str; 9] = [
    "proposed",
    // Where people change their minds.
    "awaiting approval",
    "awaiting approval",
    "awaiting approval",
    "copying",
    "waiting for target",
    "deploying",
    "shifting",
    "live",
];

/// A run of acts, and what has to hold after each.
struct Run {
    story: Story,
    stopped: Stopped,
    meddled: bool,
}

/// Whether a person has stopped the attempt.
#[derive(Clone, Copy)]
enum Stopped {
    No,
    ByAPerson,
}

impl Run {
    fn new(served_before: bool, shape: u32, start: usize) -> Self {
        // Some bring code and environment along.
        let mut route = if shape % 3 == 2 { with_code() } else { route() };
        let stage = STARTS[start];
        route.approval.min_approvals = if start < 4 { 1 + shape % 3 } else { 1 };
        route.approval.overriders = vec![Party::Role(glass())];
        if shape == 5 && stage != "awaiting approval" {
            route.approval.consent = Consent::Automatic;
        }
        if shape > 6 {
            route.rollout.keep_previous = Seconds(0);
            route.rollout.steps = vec![Step::Pause(Seconds(1)), Step::SetWeight(100)];
            route.rollout.smoke_test = None;
            if shape == 8 {
                onto_batch(&mut route);
            }
        } else if shape % 3 == 1 && stage != "live" {
            route.rollout.steps = vec![
                Step::SetWeight(10),
                Step::PauseUntilResumed,
                Step::SetWeight(100),
            ];
        }
        // Beside its steps some are measured, and some in them.
        if shape % 2 == 1 {
            watching::watch_beside(&mut route, Seconds(6 * 3600));
        }
        if shape % 4 == 2 {
            let analysis = Step::Analysis(vec![watching::errors(&MetricRule::once())]);
            route.rollout.steps.insert(1, analysis);
        }
        // And some are loaded before they have traffic.
        if shape % 3 == 2 {
            let load = Step::LoadTest(loading::load());
            route.rollout.steps.insert(0, load);
        }
        let world = if served_before {
            let mut world = World::new();
            world.champion_mut().promotion = Some(predecessor());
            world.champion_mut().deployed_by = Some(predecessor());
            world.recalled = numbers(&[("rmse", 58.0), ("mae", f64::NAN)]);
            world
        } else {
            World::empty()
        };
        let mut story = Story::on(route, world);
        story.step_to(stage);
        Self {
            story,
            stopped: Stopped::No,
            meddled: false,
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Due => self.due_twice(),
            Act::Wait(seconds) => _ = self.story.wait(*seconds),
            Act::Perform { pick, answer } => self.perform(*pick, *answer),
            Act::Late { pick } => self.late(*pick),
            Act::Vote { who, kind } => self.vote(*who, *kind),
            Act::Revoke { who } => self.answer_as(*who, |by, reason, of| Event::Revoke {
                by: by.person,
                reason,
                attempt: of.0,
                digest: of.1,
                round: None,
            }),
            Act::Override { who } => self.answer_as(*who, |by, reason, of| Event::Override {
                by,
                reason,
                attempt: of.0,
                digest: of.1,
                round: None,
            }),
            Act::Review { who } => self.review(*who),
            Act::Denied { who } => self.answer_as(*who, |by, _, of| Event::Denied {
                by: by.person,
                tried: Tried::Approve,
                why: Denial::NotAMember,
                attempt: of.0,
                digest: of.1,
            }),
            Act::Abort => self.abort(),
            Act::RollBack => self.verb(|by, reason, _| Event::RollBack {
                by,
                reason,
                attempt: None,
            }),
            Act::Resume => {
                let pause = self.story.promotion.pause();
                let pause = pause.or(PauseId::parse("1.2")).unwrap();
                self.verb(move |by, reason, _| Event::Resume {
                    by,
                    reason,
                    pause,
                    attempt: None,
                });
            }
            Act::Reopen => self.verb(|by, reason, route| Event::Reopen {
                by,
                reason,
                route,
                attempt: None,
            }),
            Act::Replay => self.verb(|by, reason, _| Event::Replay {
                by,
                reason,
                attempt: None,
            }),
            Act::Overtaken => self.tell(Event::Overtaken { by: newer() }),
            Act::Displaced => self.tell(Event::Displaced { by: newer() }),
            Act::Superseded => {
                let attempt = self.story.promotion.attempt();
                self.tell(Event::Superseded {
                    by: newer(),
                    attempt,
                });
            }
            // Nobody takes the turn of one that has it and has not ended or gone live.
            Act::SomebodyHasTheTurn if !self.has_the_turn() => {
                self.story.world.turn = Some("somebody".to_owned());
            }
            Act::NobodyHasTheTurn => drop(self.story.world.turn.take_if(|who| who != US)),
            Act::SomebodyAtTheTarget if self.story.world.lease.is_none() => {
                self.story.world.lease = Some("somebody".to_owned());
            }
            Act::SomebodyHasTheTurn | Act::SomebodyAtTheTarget => {}
            Act::Measures(came_to) => self.story.world.measures = Some((1, *came_to)),
            Act::Meddling => {
                self.story.world.traffic = Traffic::all_to(&DeploymentName::new("green"));
                self.meddled = true;
            }
            Act::NobodyAtTheTarget => drop(self.story.world.lease.take_if(|who| who != US)),
        }
        self.check();
    }

    fn has_the_turn(&self) -> bool {
        let promotion = &self.story.promotion;
        self.story.world.turn.as_deref() == Some(US)
            && promotion.claim(promotion.attempt()) != Claim::Over
    }

    fn tell(&mut self, event: Event) {
        let asks_again = matches!(event, Event::Reopen { .. });
        let Ok(decision) = self.story.promotion.decide(event, self.story.now) else {
            return;
        };
        if asks_again {
            self.stopped = Stopped::No;
        }
        if let Stopped::ByAPerson = self.stopped {
            for effect in decision.effects() {
                self.check_goes_back(effect);
            }
        }
        if !decision.facts.is_empty() {
            self.story.append(&decision.facts);
        }
    }

    /// Looked at again in the same instant, it finds nothing any more: what was put for as long as a question was open is given
    /// up by the look after the one that ended it.
    fn due_twice(&mut self) {
        self.tell(Event::Due);
        self.tell(Event::Due);
        let promotion = &self.story.promotion;
        let now = self.story.now;
        assert_eq!(promotion.due(now).facts, []);
        let Some(due) = promotion.next_due(now).filter(|due| *due <= now) else {
            return;
        };
        let mut untried = promotion
            .ledger()
            .ready(now)
            .filter(|entry| match entry.state {
                EffectState::Planned => entry.trouble.is_none(),
                EffectState::Retrying { at } => at <= now,
                EffectState::Running { .. } => false,
            });
        assert!(untried.next().is_some(), "due since {due} for nothing");
    }

    fn perform(&mut self, pick: usize, answer: Answer) {
        let ready = self.story.promotion.ledger().ready(self.story.now);
        let ready: Vec<Entry> = ready.cloned().collect();
        let Some(entry) = ready.get(pick % ready.len().max(1)) else {
            return;
        };
        self.story.world.now = self.story.now;
        let acts = self.story.promotion.begins_an_act(entry);
        let waited = self.story.promotion.looks_again_before(entry);
        let report = Box::new(match answer {
            Answer::Frozen if acts => Report::Waiting(failure(FROZEN)),
            Answer::Unknown if acts => Report::Retry(failure(CLEARANCE_UNKNOWN)),
            Answer::Cleared if waited => Report::Cleared,
            _ => self.answer(&entry.effect, answer),
        });
        let key = entry.key.clone();
        self.tell(Event::Performed { key, report });
    }

    fn answer(&mut self, effect: &Effect, answer: Answer) -> Report {
        let world = &mut self.story.world;
        let observed = effect.class() == EffectClass::Observe;
        match answer {
            Answer::Submitted => Report::Submitted {
                operation: "https://op/1".to_owned(),
            },
            Answer::StillRunning => Report::StillRunning,
            Answer::Waiting => Report::Waiting(failure("Busy")),
            Answer::Retry => Report::Retry(failure("503")),
            Answer::RetryInAnHour => Report::Retry(Failure {
                retry_after: Some(Seconds(3600)),
                ..failure("429")
            }),
            Answer::Failed => Report::Failed(failure("Forbidden")),
            Answer::LostThenRetry => {
                world.perform(effect);
                Report::Retry(failure("ConnectionReset"))
            }
            Answer::Changed if observed => changed(effect).unwrap_or_else(|| world.perform(effect)),
            Answer::Changed if matches!(effect, Effect::TakeTurn { .. }) => {
                Report::Done(Outcome::TurnSuperseded { by: newer() })
            }
            Answer::Misfit if matches!(effect, Effect::TakeTurn { .. }) => {
                Report::Done(Outcome::TurnRefused { by: newer() })
            }
            Answer::Misfit if observed => Report::Done(Outcome::Notified),
            Answer::OneHasLeft if matches!(effect, Effect::SeeVoters { .. }) => {
                one_has_left(effect)
            }
            Answer::Done
            | Answer::Changed
            | Answer::Misfit
            | Answer::Frozen
            | Answer::Unknown
            | Answer::Cleared
            | Answer::OneHasLeft => world.perform(effect),
        }
    }

    /// An outcome of some effect of the past arrives again.
    fn late(&mut self, pick: usize) {
        let keys: Vec<EffectKey> = self
            .story
            .facts()
            .filter_map(|fact| match fact {
                Fact::Done { key, .. } | Fact::Dropped { key } | Fact::Failed { key, .. } => {
                    Some(key.clone())
                }
                _ => None,
            })
            .collect();
        if let Some(key) = keys.get(pick % keys.len().max(1)).cloned() {
            let report = Box::new(Report::Done(Outcome::DeploymentReady));
            let settled = self.story.promotion.ledger().get(&key).is_none();
            assert!(settled, "{key} was settled and is undone again");
            self.tell(Event::Performed { key, report });
        }
    }

    fn vote(&mut self, who: usize, kind: VoteKind) {
        let pinned = self.story.promotion.stage().pinned();
        let digest = pinned.map_or(Digest::of(b""), |pinned| pinned.digest.clone());
        let voter = somebody(who);
        let attempt = self.story.promotion.attempt();
        let comment = "as agreed".to_owned();
        self.tell(Event::Vote {
            voter,
            kind,
            comment,
            attempt,
            digest,
            frozen: None,
            click: None,
            round: None,
        });
    }

    fn answer_as(
        &mut self,
        who: usize,
        event: impl FnOnce(Voter, String, (Attempt, Digest)) -> Event,
    ) {
        let pinned = self.story.promotion.stage().pinned();
        let digest = pinned.map_or(Digest::of(b""), |pinned| pinned.digest.clone());
        let of = (self.story.promotion.attempt(), digest);
        self.tell(event(somebody(who), "because".to_owned(), of));
    }

    /// Of the override that has waited longest, as far as there is one.
    fn review(&mut self, who: usize) {
        let owed = self.story.promotion.unreviewed().next();
        let owed = owed.map(|one| (one.attempt, one.permit.pinned().digest.clone()));
        self.answer_as(who, |by, comment, now| {
            let (attempt, digest) = owed.unwrap_or(now);
            Event::Review {
                by,
                comment,
                attempt,
                digest,
            }
        });
    }

    fn verb(&mut self, event: impl FnOnce(Operator, String, Box<Route>) -> Event) {
        let route = Box::new(self.story.promotion.route().clone());
        self.tell(event(operator(), "because".to_owned(), route));
    }

    fn abort(&mut self) {
        let event = Event::Abort {
            by: operator(),
            reason: "stop".to_owned(),
            attempt: None,
        };
        let decided = self.story.promotion.decide(event.clone(), self.story.now);
        if decided.is_ok() {
            self.stopped = Stopped::ByAPerson;
            self.tell(event);
        }
    }

    fn check_goes_back(&self, effect: &Effect) {
        let back = match effect {
            Effect::SetTraffic { traffic, .. } => {
                let pinned = self.story.promotion.stage().pinned();
                pinned.is_some_and(|pinned| pinned.plan.way_back == *traffic)
            }
            // Who serves is asked before the target is taken back once it was let go.
            Effect::ObserveTarget { .. }
            | Effect::TakeLease { .. }
            | Effect::ReleaseLease { .. }
            | Effect::VerifyTraffic { .. }
            | Effect::DeleteDeployment { .. }
            | Effect::Notify { .. } => true,
            _ => false,
        };
        assert!(back, "after an abort: {}", effect.kind());
    }

    fn check(&self) {
        let promotion = &self.story.promotion;
        // Taken back from a failure, its turn is taken again first.
        let asks = matches!(promotion.stage(), Stage::AwaitingApproval { .. });
        if asks && promotion.has_turn() {
            assert_eq!(self.story.world.turn.as_deref(), Some(US), "out of turn");
        }
        if let Some(permit) = promotion.stage().permit() {
            check_permit(permit);
        }
        let due = promotion.next_due(self.story.now);
        assert_eq!(due.is_none(), promotion.is_closed());
        if promotion.is_closed() {
            assert!(promotion.ledger().undone().is_empty());
            let rollout = promotion.stage().rollout();
            assert!(rollout.is_none_or(|rollout| rollout.lease == Lease::Free));
        }
    }

    /// What its journal has met of all that people may say and that may hold it up.
    fn heard(&self) -> Vec<&'static str> {
        let what = |fact: &Fact| match fact {
            Fact::Voted { vote } if vote.kind == VoteKind::Approve => Some("approved"),
            Fact::Voted { .. } => Some("rejected"),
            Fact::Revoked { .. } => Some("revoked"),
            Fact::Overrode { .. } => Some("overridden"),
            Fact::Reviewed { .. } => Some("reviewed"),
            Fact::Denied { .. } => Some("denied"),
            Fact::Waiting { reason, .. } if reason.code == FROZEN => Some("froze"),
            Fact::Dropped { key } if key.as_str().ends_with("copy-files") => Some("looked again"),
            Fact::Done { outcome, .. } => match &**outcome {
                Outcome::VotersSeen { relied } => {
                    let lost = relied.iter().any(|one| one.standing.is_empty());
                    lost.then_some("lost")
                }
                _ => None,
            },
            _ => None,
        };
        self.story.facts().filter_map(what).collect()
    }

    /// From here on the world behaves: it comes to an end, in bounded time, with a clean target.
    fn comes_to_an_end(&mut self) {
        self.story.world.lease.take_if(|who| who != US);
        self.story.world.turn.take_if(|who| who != US);
        self.story.world.measures = None;
        let latest = self.story.now + SignedDuration::from_hours(24 * 30);
        for _ in 0..400 {
            self.story.deliver_unchecked();
            self.check();
            match self.story.promotion.next_due(self.story.now) {
                None => break,
                Some(due) => self.story.now = due,
            }
            assert!(self.story.now < latest, "still {}", self.story.stage());
        }
        let story = &self.story;
        story.check_journal();
        assert!(story.promotion.is_closed(), "still {}", story.stage());
        assert_ne!(story.world.lease.as_deref(), Some(US), "the lease leaks");
        let ours = story.deployment();
        let finished = matches!(story.ending(), Ending::Finished { .. });
        let there = story.world.deployments.contains_key(&ours);
        assert!(
            there == finished || there && left_alone(story),
            "{:?}",
            story.ending()
        );
        let share = story.world.traffic.of(&ours);
        assert!(finished || share == 0, "{share} %");
        assert!(!finished || share == 100 || self.meddled, "{share} %");
        let sum: u32 = story
            .world
            .traffic
            .shares()
            .map(|(_, percent)| u32::from(percent))
            .sum();
        assert!(sum == 0 || sum == 100, "{}", story.world.traffic);
    }
}

/// Whoever it rests on, there are enough of them, and nobody judges their own work.
fn check_permit(permit: &Permit) {
    let (quorum, question) = (&permit.pinned().quorum, permit.question());
    match permit.basis() {
        Basis::Approved => assert!(quorum.is_reached(permit.votes())),
        Basis::Overridden => assert!(question.is_overridden()),
        Basis::Automatic => assert!(question.automatic.is_some()),
    }
    let votes = permit.votes().iter().map(|vote| &vote.person);
    let overrides = question.overrides.iter().map(|one| &one.person);
    for person in votes.chain(overrides) {
        assert_ne!(person.name, "Tina", "she has trained it");
    }
    let votes = permit.votes().iter();
    assert!(votes.into_iter().all(|vote| vote.kind == VoteKind::Approve));
}

fn glass() -> Role {
    Role("Break.Glass".to_owned())
}

/// Who may approve, override and review; the last one has trained it.
fn somebody(who: usize) -> Voter {
    Voter {
        person: person(["Ada", "Ben", "Cleo", "Tina"][who]),
        held: held(vec![role(), glass()]),
    }
}

/// Whoever is asked after first holds nothing any more.
fn one_has_left(effect: &Effect) -> Report {
    let Effect::SeeVoters { relied } = effect else {
        unreachable!("it was asked which one it is")
    };
    let mut relied = relied.clone();
    relied[0].standing.clear();
    Report::Done(Outcome::VotersSeen { relied })
}

fn newer() -> PromotionId {
    PromotionId::new("diabetes-3.diabetes-to-prod-0123456789")
}

/// What could be found instead; `None`: nothing else.
fn changed(effect: &Effect) -> Option<Report> {
    let outcome = match effect {
        Effect::ObserveManifest { .. } => Outcome::ManifestSeen {
            manifest: Manifest::new(vec![file("MLmodel", "tampered")]),
        },
        Effect::SmokeTest { .. } => Outcome::SmokeTested(smoke_reply(false)),
        Effect::TestJob { job, .. } => Outcome::JobTested(JobReply {
            problem: Some("the job failed".to_owned()),
            ..job_reply(&job.deployment)
        }),
        Effect::LoadTest { test, .. } => Outcome::LoadTested(LoadReply {
            passed: false,
            ..LoadReply::hoped(test)
        }),
        Effect::VerifyTraffic { .. } => Outcome::TrafficSeen {
            traffic: Traffic::all_to(&DeploymentName::new("blue")),
            copied: Traffic::default(),
            last_change: None,
            changed: vec![],
        },
        _ => return None,
    };
    Some(Report::Done(outcome))
}

fn holds(served_before: bool, cases: u32) {
    let (ran, acted) = (Cell::new(0), Cell::new(0));
    let heard = std::cell::RefCell::new(std::collections::BTreeMap::<&str, u32>::new());
    let endings = std::cell::RefCell::new(std::collections::BTreeMap::<&str, u32>::new());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(
            &(acts(), 0..9u32, 0..STARTS.len()),
            |(acts, shape, start)| {
                let mut run = Run::new(served_before, shape, start);
                ran.set(ran.get() + 1);
                acted.set(acted.get() + acts.len());
                for act in &acts {
                    run.act(act);
                }
                run.comes_to_an_end();
                for what in run.heard() {
                    *heard.borrow_mut().entry(what).or_default() += 1;
                }
                *endings.borrow_mut().entry(run.story.stage()).or_default() += 1;
                Ok(())
            },
        )
        .unwrap();
    // What is never met is not shown.
    let heard = heard.into_inner();
    for what in [
        "approved",
        "rejected",
        "revoked",
        "overridden",
        "froze",
        "lost",
    ] {
        assert!(heard.contains_key(what), "{what} never came: {heard:?}");
    }
    println!(
        "{} sequences of {} acts, a champion before: {served_before}; they met {heard:?} and ended {:?}",
        ran.get(),
        acted.get(),
        endings.into_inner()
    );
}

#[test]
fn whatever_happens_beside_a_champion() {
    holds(true, 1400);
}

#[test]
fn whatever_happens_where_nothing_serves_yet() {
    holds(false, 700);
}

/// Whether the journal says that a deployment was left because Azure would not delete it.
fn left_alone(story: &Story) -> bool {
    let left = |fact: &Fact| matches!(fact, Fact::Done { outcome, .. } if matches!(&**outcome, Outcome::LeftAlone { .. }));
    story.facts().any(left)
}

#[test]
fn a_measurement_that_is_put_off_past_its_deadline_is_not_due_at_once() {
    let mut run = Run::new(true, 7, 7);
    for act in &[
        Act::Perform {
            pick: 0,
            answer: Answer::Done,
        },
        Act::Resume,
        Act::Wait(360),
        Act::Perform {
            pick: 0,
            answer: Answer::LostThenRetry,
        },
        Act::Wait(1),
        Act::Perform {
            pick: 0,
            answer: Answer::RetryInAnHour,
        },
    ] {
        run.act(act);
    }
    run.comes_to_an_end();
}
