//! A way back that cannot be gone: what served before is deleted, or Azure does not do in time what must be done.

use promotion::*;

use crate::sample::{failure, route};
use crate::story::Story;
use crate::world::{World, champion, serving};

/// The candidate serves, and somebody has deleted what served before it.
fn champion_deleted(story: &mut Story) {
    story.world.deployments.remove(&champion());
    story.before = Traffic::all_to(&story.deployment());
}

#[test]
fn what_served_before_is_gone_so_the_candidate_stays() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story.until("live").wait(3600).roll_back().unwrap();
    champion_deleted(&mut story);
    let began = story.now;
    story.until("finished");
    assert_eq!(story.world.traffic, Traffic::all_to(&story.deployment()));
    assert!(story.world.deployments.contains_key(&story.deployment()));
    assert_eq!(story.world.lease, None);
    assert!(story.world.notices.contains(&Notice::NoWayBack));
    assert!((story.now - began).get_seconds() < 300);
    // Whoever has deleted it may have made it anew.
    assert!(!story.planned().contains(&"delete-deployment"));
    story.keep("finished-without-a-way-back");
}

#[test]
fn whatever_serves_beside_the_candidate_takes_over() {
    let mut story = Story::begin();
    story.step_to("shifting").until("shifting");
    let (ours, green) = (story.deployment(), DeploymentName::new("green"));
    let beside = serving(&green, "3");
    story.world.deployments.insert(green.clone(), beside);
    story.world.traffic = Traffic::new([(ours.clone(), 10), (green.clone(), 90)]);
    story.world.deployments.remove(&champion());
    story.roll_back().unwrap();
    story.until("rolled back");
    assert_eq!(story.world.traffic, Traffic::all_to(&green));
    assert!(!story.world.deployments.contains_key(&ours));
}

/// Traffic can still name what is gone.
#[test]
fn traffic_never_goes_to_what_is_gone() {
    let green = DeploymentName::new("green");
    for (share, beside) in [(10, vec![]), (0, vec![]), (10, vec![green.clone()])] {
        let mut story = Story::begin();
        story.step_to("shifting").until("shifting");
        let ours = story.deployment();
        let rest = beside.first().cloned().unwrap_or_else(champion);
        story.world.traffic = Traffic::new([(ours.clone(), share), (rest, 100 - share)]);
        story.world.deployments.remove(&champion());
        story.roll_back().unwrap();
        story.until("finished");
        assert_eq!(
            story.world.traffic,
            Traffic::all_to(&ours),
            "{share} % {beside:?}"
        );
        let writes = story
            .planned()
            .iter()
            .filter(|kind| **kind == "set-traffic")
            .count();
        assert!(writes <= 4, "{writes} writes");
    }
}

/// What moved traffic forwards and finds its own deployment missing says nothing about the way back.
#[test]
fn the_candidate_that_is_missing_is_no_missing_way_back() {
    let mut story = Story::begin();
    story.step_to("testing");
    let operation = "https://op/3".to_owned();
    let ours = story.deployment();
    let running = Report::Submitted { operation };
    let missing = Report::Done(Outcome::DeploymentMissing {
        deployment: ours.clone(),
        traffic: story.before.clone(),
    });
    for answer in [running, Report::StillRunning, missing] {
        story.world.answer_next("set-traffic", answer);
    }
    story.until("shifting").roll_back().unwrap();
    story.world.deployments.remove(&ours);
    story.ends("rolled back");
    assert_eq!(story.world.traffic, Traffic::all_to(&champion()));
}

#[test]
fn whoever_moved_all_traffic_elsewhere_is_left_alone() {
    let mut story = Story::begin();
    story.step_to("shifting").until("shifting");
    let (ours, green) = (story.deployment(), DeploymentName::new("green"));
    let beside = serving(&green, "3");
    story.world.deployments.insert(green.clone(), beside);
    story.world.traffic = Traffic::all_to(&green);
    story.world.deployments.remove(&champion());
    story.abort().unwrap();
    story.until("aborted");
    assert_eq!(story.world.traffic, Traffic::all_to(&green));
    assert!(!story.world.deployments.contains_key(&ours));
}

#[test]
fn forwards_a_deployment_that_is_gone_ends_the_rollout() {
    let mut story = Story::begin();
    story.step_to("testing").until("shifting");
    let missing = Outcome::DeploymentMissing {
        deployment: story.deployment(),
        traffic: story.before.clone(),
    };
    story
        .world
        .answer_next("set-traffic", Report::Done(missing));
    story.ends("rolled back");
    let Ending::RolledBack { cause } = story.ending() else {
        panic!("{:?}", story.ending());
    };
    assert!(matches!(
        cause,
        WayBackCause::StepFailed { failure } if failure.code == "DeploymentNotFound"
    ));
}

/// What must not be given up has a deadline all the same: people are told, once.
#[test]
fn what_is_not_done_in_time_on_the_way_back_is_told_and_tried_again() {
    for kind in ["set-traffic", "verify-traffic", "release-lease"] {
        let mut story = Story::begin();
        story.step_to("shifting").until("shifting");
        story.roll_back().unwrap();
        for _ in 0..60 {
            let refused = Report::Retry(failure("Forbidden"));
            story.world.answer_next(kind, refused);
        }
        let told = |story: &Story| {
            let stuck = |notice: &&Notice| **notice == Notice::Stuck;
            story.world.notices.iter().filter(stuck).count()
        };
        let began = story.now;
        while told(&story) == 0 {
            assert!(
                (story.now - began).get_seconds() < 4000,
                "{kind}: in silence"
            );
            story.wait(60).deliver();
        }
        assert!(story.promotion.stuck().is_some(), "{kind}");
        story.ends("rolled back");
        assert_eq!(told(&story), 1, "{kind}");
        assert_eq!(story.promotion.stuck(), None, "{kind}: it is done");
    }
}

/// What fails beside the way back and can be done without is not what people are told of, nor does it hide what is.
#[test]
fn what_can_be_done_without_does_not_hide_what_is_late() {
    let mut story = Story::begin();
    story.step_to("deploying");
    let operation = "https://op/7".to_owned();
    let running = Report::Submitted { operation };
    story.world.answer_next("create-deployment", running);
    story.deliver();
    story.abort().unwrap();
    let refused = Report::Failed(failure("ImageBuildFailure"));
    story.world.answer_next("create-deployment", refused);
    for _ in 0..60 {
        let refused = Report::Retry(failure("Forbidden"));
        story.world.answer_next("release-lease", refused);
    }
    story.wait(60).deliver();
    assert_eq!(story.promotion.stuck(), None);
    story.ends("aborted");
    let stuck = |notice: &&Notice| **notice == Notice::Stuck;
    assert_eq!(story.world.notices.iter().filter(stuck).count(), 1);
}

#[test]
fn the_traffic_that_cannot_be_read_once_more_takes_the_candidate_back() {
    let mut route = route();
    route.deadlines.traffic = Seconds(600);
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    for _ in 0..10 {
        let refused = Report::Retry(failure("Forbidden"));
        story.world.answer_next("verify-traffic", refused);
    }
    story.ends("rolled back");
}

/// Azure ends a change of traffic otherwise than wanted, after somebody has asked for the way back.
#[test]
fn traffic_that_was_wanted_before_the_way_back_is_never_asked_for_again() {
    for ended in [
        Report::Retry(failure("TrafficNotAsWanted")),
        Report::Failed(failure("Conflict")),
    ] {
        let mut story = Story::begin();
        story.step_to("testing");
        let operation = "https://op/3".to_owned();
        let running = Report::Submitted { operation };
        for answer in [running, Report::StillRunning] {
            story.world.answer_next("set-traffic", answer);
        }
        story.until("shifting").roll_back().unwrap();
        let undone = story.undone("set-traffic");
        assert!(
            matches!(undone.state, EffectState::Running { .. }),
            "what Azure works on runs to its end: {undone:?}"
        );
        story.world.answer_next("set-traffic", ended);
        story.wait(60).deliver();
        assert_eq!(story.world.traffic, Traffic::all_to(&champion()));
        story.ends("rolled back");
        let writes = story.planned();
        let writes = writes.iter().filter(|kind| **kind == "set-traffic").count();
        assert_eq!(writes, 2, "forth, and back");
    }
}
