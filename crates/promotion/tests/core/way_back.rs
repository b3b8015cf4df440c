//! The way back: why a rollout goes back, and that the target is as it was then.

use promotion::*;

use crate::sample::{failure, route};
use crate::story::Story;
use crate::world::{World, champion, predecessor, serving, smoke_reply};

fn cause(story: &Story) -> &WayBackCause {
    match story.ending() {
        Ending::RolledBack { cause } => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deployment_that_does_not_come_up() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let failed = Report::Failed(failure("ImageBuildFailure"));
    story.world.answer_next("create-deployment", failed);
    story.ends("rolled back");
    assert!(matches!(
        cause(&story),
        WayBackCause::DeploymentFailed { .. }
    ));
    assert!(story.planned().contains(&"delete-deployment"));
    assert!(!story.planned().contains(&"set-traffic"));
    story.keep("rolled-back");
}

#[test]
fn a_smoke_test_that_fails() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let reply = Report::Done(Outcome::SmokeTested(smoke_reply(false)));
    story.world.answer_next("smoke-test", reply);
    story.ends("rolled back");
    assert!(matches!(
        cause(&story),
        WayBackCause::SmokeTestFailed { .. }
    ));
}

#[test]
fn a_deployment_that_takes_too_long() {
    let mut story = Story::begin();
    story.step_to("deploying");
    let operation = "https://op/7".to_owned();
    story
        .world
        .answer_next("create-deployment", Report::Submitted { operation });
    for _ in 0..300 {
        story
            .world
            .answer_next("create-deployment", Report::StillRunning);
    }
    let began = story.now;
    story.ends("rolled back");
    assert!(matches!(
        cause(&story),
        WayBackCause::DeploymentFailed { failure } if failure.code == "DeadlineExceeded"
    ));
    // The deadline, and as long as a delayed call could still make it anew.
    assert_eq!((story.now - began).get_seconds(), 2700 + 120);
}

/// A call that creates the deployment was given up, and lands when it was deleted already.
#[test]
fn what_a_delayed_call_makes_anew_goes_too() {
    let mut story = Story::begin();
    story.step_to("testing");
    let (ours, began) = (story.deployment(), story.now);
    let made = story.world.deployments[&ours].clone();
    story.abort().unwrap();
    story.deliver();
    assert!(!story.world.deployments.contains_key(&ours));
    story.world.deployments.insert(ours, made);
    story.ends("aborted");
    assert_eq!((story.now - began).get_seconds(), 120);
}

#[test]
fn an_outage_of_ours_is_not_taken_for_one_of_azures() {
    let mut story = Story::begin();
    story.step_to("deploying");
    story
        .world
        .answer_next("notify", Report::Retry(failure("502")));
    let operation = "https://op/7".to_owned();
    story
        .world
        .answer_next("create-deployment", Report::Submitted { operation });
    story.deliver();
    // The handler was away for a day; the deployment has long been ready, but the card's turn comes first.
    story.wait(20 * 3600);
    story.ends("finished");
}

#[test]
fn traffic_that_somebody_else_keeps_changing() {
    let mut route = crate::sample::route();
    route.rollout.on_drift = OnDrift::Abort;
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    for _ in 0..2 {
        let traffic = story.before.clone();
        let found = Report::Done(Outcome::TrafficSeen {
            traffic,
            copied: Traffic::default(),
            last_change: None,
            changed: vec![],
        });
        story.world.answer_next("verify-traffic", found);
    }
    let blue = DeploymentName::new("blue");
    let traffic = Traffic::all_to(&blue);
    let found = Report::Done(Outcome::TrafficSeen {
        traffic,
        copied: Traffic::default(),
        last_change: None,
        changed: vec![],
    });
    story.world.answer_next("verify-traffic", found);
    story.ends("rolled back");
    assert!(matches!(cause(&story), WayBackCause::Drifted { .. }));
    let planned = story.planned();
    let writes = planned.iter().filter(|kind| **kind == "set-traffic");
    assert_eq!(writes.count(), 5, "10 %, all, all again, back, back again");
}

#[test]
fn on_the_way_back_somebodys_will_is_done_in_the_end() {
    let mut story = Story::begin();
    story.step_to("testing");
    story.until("shifting").roll_back().unwrap();
    let other = Traffic::all_to(&DeploymentName::new("blue"));
    for _ in 0..300 {
        let traffic = other.clone();
        let found = Report::Done(Outcome::TrafficSeen {
            traffic,
            copied: Traffic::default(),
            last_change: None,
            changed: vec![],
        });
        story.world.answer_next("verify-traffic", found);
    }
    story.ends("rolled back");
    let writes = story
        .planned()
        .iter()
        .filter(|kind| **kind == "set-traffic")
        .count();
    assert_eq!(writes, 3, "10 %, back, and once more");
}

#[test]
fn a_deployment_that_got_traffic_again_is_deleted_once_it_is_away() {
    let mut story = Story::begin();
    story
        .step_to("shifting")
        .until("shifting")
        .roll_back()
        .unwrap();
    let detail = "it has traffic".to_owned();
    story.world.answer_next(
        "delete-deployment",
        Report::Done(Outcome::LeftAlone { detail }),
    );
    let traffic = Traffic::all_to(&story.deployment());
    story.world.answer_next(
        "verify-traffic",
        Report::Done(Outcome::TrafficSeen {
            traffic,
            copied: Traffic::default(),
            last_change: None,
            changed: vec![],
        }),
    );
    story.ends("rolled back");
}

#[test]
fn by_hand_from_each_stage_that_has_a_way_back() {
    for stage in ["deploying", "testing", "shifting", "live"] {
        let mut story = Story::begin();
        story.step_to(stage).roll_back().unwrap();
        assert!(story.roll_back().is_err(), "{stage}: twice");
        story.ends("rolled back");
        assert!(matches!(cause(&story), WayBackCause::ByHand { .. }));
        assert!(story.roll_back().is_err());
    }
}

#[test]
fn by_hand_once_the_target_has_been_let_go() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story.until("live").wait(3600).roll_back().unwrap();
    assert!(matches!(
        story.undone("take-lease").effect,
        Effect::TakeLease { urgent: true, .. }
    ));
    story.ends("rolled back");
    assert_eq!(story.world.traffic, Traffic::all_to(&champion()));
}

#[test]
fn without_a_champion_the_way_back_is_no_traffic() {
    let mut story = Story::on(route(), World::empty());
    story.until("awaiting approval").approve("Ada");
    story.until("live").roll_back().unwrap();
    story.ends("rolled back");
    assert!(story.world.traffic.is_empty());
}

#[test]
fn by_hand_while_a_newer_model_came_to_serve() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    story.world.lease = Some("newer".to_owned());
    story.roll_back().unwrap();
    story.deliver();
    assert_eq!(story.stage(), "rolling back");
    let green = DeploymentName::new("green");
    let mut newer = serving(&green, "3");
    newer.promotion = Some(predecessor());
    story.world.deployments.insert(green.clone(), newer);
    story.world.traffic = Traffic::all_to(&green);
    story.world.lease = None;
    story.until("finished");
    assert_eq!(
        *story.ending(),
        Ending::Finished {
            by: Some(predecessor())
        }
    );
    assert_eq!(story.world.traffic, Traffic::all_to(&green));
    assert!(
        story.world.deployments.contains_key(&story.deployment()),
        "it is the newer one's way back"
    );
    assert!(!story.world.deployments.contains_key(&champion()));
    assert_eq!(story.world.lease, None);
    story.keep("finished-by-a-newer-one");
}

#[test]
fn another_rollback_goes_first_until_traffic_has_moved() {
    let by = PromotionId::new("other");
    for stage in ["waiting for target", "deploying", "testing"] {
        let mut story = Story::begin();
        story.step_to(stage);
        story.tell(Event::Displaced { by: by.clone() }).unwrap();
        story.ends("voided");
    }
    let mut story = Story::begin();
    story.step_to("shifting").until("shifting");
    let refused = story.tell(Event::Displaced { by }).unwrap_err();
    insta::assert_snapshot!(refused, @"`displaced` is not possible while the promotion is shifting, when traffic has moved");
    story.ends("finished");
}

#[test]
fn what_refuses_for_good_on_the_way_back_is_tried_for_ever() {
    let mut story = Story::begin();
    story
        .step_to("shifting")
        .until("shifting")
        .roll_back()
        .unwrap();
    for kind in ["set-traffic", "verify-traffic", "release-lease"] {
        for _ in 0..30 {
            story
                .world
                .answer_next(kind, Report::Failed(failure("Forbidden")));
        }
    }
    story.ends("rolled back");
}

/// A lock on the resource group, a right that is missing: the target must not be kept from others for it.
#[test]
fn a_deployment_that_azure_will_not_delete_is_left_and_the_target_let_go() {
    let mut story = Story::begin();
    story
        .step_to("shifting")
        .until("shifting")
        .roll_back()
        .unwrap();
    for _ in 0..100 {
        let locked = Report::Retry(failure("ScopeLocked"));
        story.world.answer_next("delete-deployment", locked);
    }
    story.until("rolled back");
    assert_eq!(story.world.lease, None);
    assert_eq!(story.world.traffic, story.before);
    let left = |fact: &Fact| matches!(fact, Fact::Done { outcome, .. } if matches!(&**outcome, Outcome::LeftAlone { .. }));
    assert_eq!(story.facts().filter(|fact| left(fact)).count(), 1);
}

/// Somebody deletes the endpoint while traffic moves: there is nothing to take back any more.
#[test]
fn an_endpoint_that_is_gone_ends_the_way_back() {
    let mut story = Story::begin();
    story
        .step_to("shifting")
        .until("shifting")
        .roll_back()
        .unwrap();
    let gone = Report::Failed(failure("EndpointNotFound"));
    story.world.answer_next("set-traffic", gone);
    story.world.deployments.clear();
    story.world.traffic = story.before.clone();
    story.ends("rolled back");
}

/// A delayed call of ours gives the candidate traffic between the way back's write and its deletion.
#[test]
fn traffic_that_comes_back_before_the_deletion_is_taken_back_again() {
    let mut story = Story::begin();
    story
        .step_to("shifting")
        .until("shifting")
        .roll_back()
        .unwrap();
    let ours = story.deployment();
    let has_traffic = Outcome::LeftAlone {
        detail: "100 %".to_owned(),
    };
    story
        .world
        .answer_next("delete-deployment", Report::Done(has_traffic));
    let found = Outcome::TrafficSeen {
        traffic: Traffic::all_to(&ours),
        copied: Traffic::default(),
        last_change: None,
        changed: vec![],
    };
    story
        .world
        .answer_next("verify-traffic", Report::Done(found));
    story.ends("rolled back");
    let writes = story
        .planned()
        .iter()
        .filter(|kind| kind.contains("set-traffic"))
        .count();
    assert!(writes >= 3, "{writes} writes: forth, back, and back again");
}

/// The target is not kept from others for ever for what Azure has begun to delete and never ends.
#[test]
fn a_deletion_that_never_ends_is_left_after_a_day() {
    let mut story = Story::begin();
    story.step_to("testing").abort().unwrap();
    let operation = "https://op/9".to_owned();
    let submitted = Report::Submitted { operation };
    story.world.answer_next("delete-deployment", submitted);
    for _ in 0..200 {
        story
            .world
            .answer_next("delete-deployment", Report::StillRunning);
    }
    let began = story.now;
    while !story.promotion.is_closed() {
        story.wait(900).deliver();
    }
    assert_eq!(story.stage(), "aborted");
    let hours = (story.now - began).get_seconds() / 3600;
    assert_eq!(hours, 24);
    assert_eq!(story.world.lease, None);
}

/// A poll that fails does not make Azure's work a refusal.
#[test]
fn a_deletion_that_is_under_way_outlives_a_failed_poll() {
    let mut story = Story::begin();
    story.step_to("testing").abort().unwrap();
    let operation = "https://op/9".to_owned();
    let mut answers = vec![Report::Submitted { operation }];
    answers.extend(vec![Report::StillRunning; 30]);
    answers.extend(vec![Report::Retry(failure("503")); 3]);
    for answer in answers {
        story.world.answer_next("delete-deployment", answer);
    }
    while !story.promotion.is_closed() {
        story.wait(150).deliver();
    }
    let left_alone = |fact: &Fact| matches!(fact, Fact::Done { outcome, .. } if matches!(&**outcome, Outcome::LeftAlone { .. }));
    assert!(!story.facts().any(left_alone));
    story.ends("aborted");
}

#[test]
fn by_hand_where_nobody_can_tell_who_serves() {
    let mut story = Story::begin();
    story.step_to("live").roll_back().unwrap();
    let unreadable = Report::Failed(failure("Forbidden"));
    story.world.answer_next("observe-target", unreadable);
    let began = story.now;
    story.ends("rolled back");
    assert!((story.now - began).get_seconds() < 300);
}

#[test]
fn what_azure_never_ends_on_the_way_back_is_begun_again() {
    for kind in [
        "set-traffic",
        "delete-deployment",
        "verify-traffic",
        "take-lease",
    ] {
        let mut story = Story::begin();
        story.until("awaiting approval").approve("Ada");
        story.until("live").roll_back().unwrap();
        for _ in 0..2000 {
            story.world.answer_next(kind, Report::StillRunning);
        }
        for _ in 0..20 {
            story.wait(1800).deliver();
        }
        assert_eq!(story.stage(), "rolling back");
        story.world.behave();
        story.ends("rolled back");
    }
}

#[test]
fn by_hand_while_the_target_is_being_let_go() {
    let mut story = Story::begin();
    story.step_to("live").roll_back().unwrap();
    story
        .world
        .answer_next("release-lease", Report::Retry(failure("503")));
    story.ends("rolled back");
}
