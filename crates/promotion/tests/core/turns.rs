//! Turns: who asks about a target, who waits, who gives way. Whose turn it is stands outside; the world says it.

use promotion::*;

use crate::sample::{operator, person, rmse_below, route};
use crate::story::Story;
use crate::world::{US, World, champion, serving};

pub(crate) const RULES: [Concurrency; 3] = [
    Concurrency::Supersede,
    Concurrency::Queue,
    Concurrency::Reject,
];

pub(crate) fn newer() -> PromotionId {
    PromotionId::new("diabetes-3.diabetes-to-prod-0123456789")
}

fn somebody() -> World {
    let mut world = World::new();
    world.turn = Some("diabetes-3.other-0".to_owned());
    world
}

/// A story that has asked for its turn and waits for it.
pub(crate) fn waiting() -> Story {
    let mut story = Story::on(route(), somebody());
    story.deliver();
    assert_eq!(story.undone("take-turn").failures, 0);
    story
}

pub(crate) fn superseded(story: &mut Story, by: PromotionId) -> Result<usize, Refused> {
    let attempt = story.promotion.attempt();
    story.tell(Event::Superseded { by, attempt })
}

#[test]
fn one_that_gets_it_at_once_is_asked_about_as_it_was_judged() {
    let mut story = Story::begin();
    story.deliver();
    assert_eq!(story.stage(), "awaiting approval");
    let planned = ["observe-candidate", "observe-target", "take-turn", "notify"];
    assert_eq!(story.planned(), planned);
    story.approve("Ada");
    story.ends("finished");
    let turns = story.planned().into_iter();
    assert_eq!(turns.filter(|kind| *kind == "take-turn").count(), 1);
}

#[test]
fn the_rule_is_the_routes() {
    for concurrency in RULES {
        let route = Route {
            concurrency,
            ..route()
        };
        let mut story = Story::on(route, somebody());
        story.deliver();
        let Effect::TakeTurn {
            concurrency: rule, ..
        } = story.undone("take-turn").effect
        else {
            panic!()
        };
        assert_eq!(rule, concurrency);
    }
}

/// While somebody's rollout moves traffic nobody can tell who serves: it waits, takes nobody's place, and is judged then.
#[test]
fn one_that_cannot_be_judged_while_traffic_moves_waits_for_its_turn() {
    let mut world = somebody();
    let before = world.traffic.clone();
    let other = DeploymentName::new("ll-other-1");
    world.traffic = Traffic::new([(champion(), 90), (other, 10)]);
    let mut story = Story::on(route(), world);
    story.deliver();
    let Effect::TakeTurn { concurrency, .. } = story.undone("take-turn").effect else {
        panic!()
    };
    assert_eq!(concurrency, Concurrency::Queue);
    story.world.turn = None;
    story.world.traffic = before;
    story.until("awaiting approval");
}

/// Where it has the turn and still nobody can tell, somebody else shares the traffic.
#[test]
fn one_that_cannot_be_judged_with_the_turn_in_hand_is_blocked() {
    let mut world = World::new();
    let other = DeploymentName::new("green");
    world.traffic = Traffic::new([(champion(), 90), (other, 10)]);
    let mut story = Story::on(route(), world);
    story.ends("blocked");
}

#[test]
fn what_is_blocked_never_asks_for_it() {
    let gates = vec![rmse_below(1.0)];
    let mut story = Story::on(Route { gates, ..route() }, somebody());
    story.ends("blocked");
    assert!(!story.planned().contains(&"take-turn"));
}

#[test]
fn it_is_waited_for_until_its_deadline_with_one_record() {
    let mut story = waiting();
    let records = story.facts().count();
    for _ in 0..2000 {
        let due = story.promotion.next_due(story.now).unwrap();
        assert_eq!((due - story.now).get_seconds(), 30);
        story.now = due;
        story.deliver_unchecked();
    }
    assert_eq!((story.stage(), story.facts().count()), ("gating", records));
    story.wait(14 * 24 * 3600);
    story.ends("failed");
    assert!(matches!(
        story.ending(),
        Ending::Failed { failure, .. } if failure.message.contains("`take-turn` was not done within its deadline; last:")
    ));
}

#[test]
fn one_that_had_to_wait_is_judged_by_who_serves_then() {
    let mut story = waiting();
    // The other one goes live, and serves better than this candidate.
    let other = DeploymentName::new("other");
    let mut model = serving(&other, "3");
    model.run_metrics.insert("rmse".to_owned(), 50.0);
    story.world.deployments.insert(other.clone(), model);
    story.world.traffic = Traffic::all_to(&other);
    story.before = story.world.traffic.clone();
    story.world.turn = None;
    story.ends("blocked");
    assert!(story.world.notices == [Notice::Blocked]);
}

#[test]
fn one_that_had_to_wait_keeps_the_turn_while_it_is_judged_again() {
    let mut story = waiting();
    story.world.turn = None;
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    let planned = story.planned();
    let asked = [
        "observe-candidate",
        "observe-target",
        "take-turn",
        "observe-candidate",
        "observe-target",
        "notify",
    ];
    assert_eq!(planned[..asked.len()], asked);
}

#[test]
fn a_question_gives_way_to_one_that_outranks_it() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    superseded(&mut story, newer()).unwrap();
    story.ends("superseded");
    assert_eq!(*story.ending(), Ending::Superseded { by: newer() });
    let told = [Notice::ApprovalAsked, Notice::Superseded];
    assert_eq!(story.world.notices, told);
    let late = story.ballot(person("Ada"), VoteKind::Approve, Attempt::FIRST, digest);
    insta::assert_snapshot!(late.unwrap_err(), @"this approval is closed: diabetes-3.diabetes-to-prod-0123456789 has taken this candidate's place; decide about that one");
    story.keep("superseded");
}

#[test]
fn one_that_waits_gives_way_and_is_not_asked_about() {
    let mut story = waiting();
    superseded(&mut story, newer()).unwrap();
    story.ends("superseded");
    assert_eq!(story.world.notices, [Notice::Superseded]);
}

#[test]
fn nobody_gives_way_before_it_asks_or_once_people_have_agreed() {
    let stages = ["proposed", "gating", "copying", "registering"];
    let later = ["waiting for target", "deploying", "testing", "shifting"];
    for stage in stages.into_iter().chain(later).chain(["live"]) {
        let mut story = Story::begin();
        story.step_to(stage);
        let refused = superseded(&mut story, newer()).unwrap_err();
        assert!(matches!(refused, Refused::NotNow { .. }), "{stage}");
    }
    let refused = superseded(&mut Story::begin(), newer()).unwrap_err();
    insta::assert_snapshot!(refused, @"`superseded` is not possible while the promotion is proposed, only while people are asked or it waits for its turn");
}

#[test]
fn telling_it_twice_is_harmless_and_another_one_comes_too_late() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    superseded(&mut story, newer()).unwrap();
    for _ in 0..2 {
        assert_eq!(superseded(&mut story, newer()), Ok(0));
        let other = PromotionId::new("diabetes-4.r-0");
        assert!(superseded(&mut story, other).is_err());
        story.ends("superseded");
    }
}

#[test]
fn an_attempt_gives_way_to_whom_it_was_compared_with_only() {
    let mut story = Story::begin();
    story.until("awaiting approval").abort().unwrap();
    story.until("aborted").reopen().unwrap();
    story.until("awaiting approval");
    let attempt = Attempt::FIRST;
    let late = story.tell(Event::Superseded {
        by: newer(),
        attempt,
    });
    assert!(late.is_err());
    superseded(&mut story, newer()).unwrap();
}

#[test]
fn what_it_is_answered_ends_it() {
    let older = Outcome::TurnSuperseded { by: newer() };
    for mut story in [Story::begin(), waiting()] {
        let answer = Report::Done(older.clone());
        story.world.answer_next("take-turn", answer);
        story.ends("superseded");
        assert_eq!(story.world.notices, [Notice::Superseded]);
        assert!(story.promotion.stage().pinned().is_none());
    }
    let concurrency = Concurrency::Reject;
    let rejecting = Route {
        concurrency,
        ..route()
    };
    let mut story = Story::on(rejecting, World::new());
    let answer = Report::Done(Outcome::TurnRefused { by: newer() });
    story.world.answer_next("take-turn", answer);
    story.ends("refused");
    assert_eq!(story.world.notices, [Notice::Refused]);
    story.keep("refused");
}

#[test]
fn what_goes_on_after_a_failure_takes_it_again_and_waits() {
    for kind in ["copy-files", "register-model"] {
        let mut story = Story::begin();
        let failed = Report::Failed(crate::sample::failure("Conflict"));
        story.world.answer_next(kind, failed);
        story.step_to("failed");
        story.world.turn = Some("diabetes-3.other-0".to_owned());
        story.replay().unwrap();
        story.until("waiting for target").deliver();
        let Effect::TakeTurn { concurrency, .. } = story.undone("take-turn").effect else {
            panic!()
        };
        // What people have agreed to is neither refused nor replaced.
        assert_eq!(concurrency, Concurrency::Queue);
        assert!(story.world.lease.is_none());
        assert!(superseded(&mut story, newer()).is_err());
        story.world.turn = None;
        story.ends("finished");
    }
}

#[test]
fn one_that_was_superseded_is_asked_about_again() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    superseded(&mut story, newer()).unwrap();
    story.ends("superseded").world.turn = Some("diabetes-3.other-0".to_owned());
    let by = operator();
    let reopened = Event::Reopen {
        by,
        reason: "this one after all".to_owned(),
        route: Box::new(route()),
        attempt: None,
    };
    story.tell(reopened).unwrap();
    story.deliver();
    assert!(story.promotion.waits_for_turn());
    story.world.turn = Some(US.to_owned());
    story.until("awaiting approval").approve("Ada");
    story.before = Traffic::all_to(&champion());
    story.ends("finished");
}

/// Looked at beforehand, it meets others as it will once it is reopened.
#[test]
fn what_would_be_reopened_meets_others_as_what_is() {
    let mut other = Story::begin();
    other.until("awaiting approval");
    let met = |newcomer: &Promotion| {
        let attempt = other.promotion.attempt();
        meet(newcomer, Concurrency::Supersede, &other.promotion, attempt)
    };
    let mut story = Story::begin();
    story.until("awaiting approval").abort().unwrap();
    story.until("aborted");
    let foreseen = story.promotion.if_reopened();
    assert_eq!(met(&story.promotion), Meeting::IsSuperseded);
    assert_eq!(met(&foreseen), Meeting::Supersedes);
    story.reopen().unwrap();
    assert_eq!(met(&story.promotion), met(&foreseen));
    assert_eq!(story.promotion.attempt(), foreseen.attempt());
}
