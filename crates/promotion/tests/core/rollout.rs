//! The way forward: every stage to the end, with and without a champion.

use promotion::*;

use crate::sample::route;
use crate::story::Story;
use crate::world::{World, champion, predecessor, serving};

fn weights(story: &Story) -> Vec<String> {
    story
        .facts()
        .filter_map(|fact| match fact {
            Fact::Planned { effect, .. } => match effect.as_ref() {
                Effect::SetTraffic { traffic, .. } => Some(traffic.to_string()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

#[test]
fn a_better_model_goes_all_the_way() {
    let mut story = Story::begin();
    let began = story.now;
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    assert_eq!(story.world.traffic, Traffic::all_to(&story.deployment()));
    assert!(story.world.deployments.contains_key(&champion()));
    story.ends("finished");
    assert!(!story.world.deployments.contains_key(&champion()));
    assert_eq!(
        story.world.notices,
        [Notice::ApprovalAsked, Notice::Approved, Notice::Live]
    );
    let (effects, weights, took) = (
        story.planned().join(" "),
        weights(&story),
        story.now - began,
    );
    insta::assert_snapshot!(effects, @"observe-candidate observe-target take-turn notify notify see-voters observe-manifest copy-files observe-manifest register-model take-lease observe-target observe-manifest create-deployment smoke-test observe-manifest prove-way-back see-voters set-traffic set-traffic verify-traffic notify release-lease take-lease delete-deployment release-lease");
    insta::assert_snapshot!(weights.join(" | "), @"90 % champion-v1, 10 % ll-diabetes-2-e90db403-1 | 100 % ll-diabetes-2-e90db403-1");
    insta::assert_snapshot!(took, @"PT87120S");
    story.keep("finished");
}

#[test]
fn the_stages_follow_one_another() {
    let mut story = Story::begin();
    for stage in [
        "gating",
        "awaiting approval",
        "copying",
        "registering",
        "waiting for target",
        "deploying",
        "testing",
        "shifting",
        "live",
        "finishing",
        "finished",
    ] {
        story.step_to(stage);
    }
    story.check_target();
}

#[test]
fn without_a_champion_all_traffic_goes_over_at_once() {
    let mut story = Story::on(route(), World::empty());
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    assert_eq!(weights(&story), [format!("100 % {}", story.deployment())]);
    assert!(story.planned().contains(&"create-endpoint"));
    assert!(!story.planned().contains(&"delete-deployment"));
}

#[test]
fn going_live_tells_the_promotion_before() {
    let mut story = Story::begin();
    // Whoever registered the version need not have deployed it.
    story.world.champion_mut().promotion = Some(PromotionId::new("diabetes-0.other-0"));
    story.world.champion_mut().deployed_by = Some(predecessor());
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    assert_eq!(story.world.told, [predecessor()]);
}

#[test]
fn whoever_registered_what_others_deployed_is_told_nothing() {
    let mut story = Story::begin();
    story.world.champion_mut().promotion = Some(predecessor());
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    assert!(story.world.told.is_empty());
}

#[test]
fn a_newer_promotion_ends_the_way_back_before_its_time() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    let by = PromotionId::new("diabetes-3.diabetes-to-prod-0123456789");
    story.tell(Event::Overtaken { by: by.clone() }).unwrap();
    assert!(matches!(story.roll_back(), Err(Refused::Overtaken { newer }) if newer == by));
    let told_twice = story.tell(Event::Overtaken { by: by.clone() });
    assert!(matches!(told_twice, Ok(0)));
    story.ends("finished");
    assert!(!story.world.deployments.contains_key(&champion()));
    assert_eq!(*story.ending(), Ending::Finished { by: Some(by) });
}

#[test]
fn a_previous_deployment_of_somebody_else_is_left_alone() {
    let mut story = Story::begin();
    story.world.foreign.push(champion());
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    assert!(story.world.deployments.contains_key(&champion()));
}

#[test]
fn traffic_that_reads_wrong_once_is_set_right() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story.world.answer_next("verify-traffic", champion_again());
    story.ends("finished");
    assert_eq!(weights(&story).len(), 3);
}

/// As if a delayed call of ours had landed.
fn champion_again() -> Report {
    Report::Done(Outcome::TrafficSeen {
        traffic: Traffic::all_to(&champion()),
        copied: Traffic::default(),
        last_change: None,
        changed: vec![],
    })
}

#[test]
fn a_correction_that_azure_works_on_for_long_is_not_taken_for_a_dispute() {
    let mut story = Story::begin();
    story.step_to("shifting");
    while !story.planned().contains(&"verify-traffic") {
        story.deliver();
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    story.world.traffic = Traffic::all_to(&champion());
    let operation = "https://op/1".to_owned();
    let submitted = Report::Submitted { operation };
    story.world.answer_next("set-traffic", submitted);
    for _ in 0..40 {
        story.world.answer_next("set-traffic", Report::StillRunning);
    }
    story.ends("finished");
}

#[test]
fn a_champion_that_changed_meanwhile_voids_the_promotion() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let other = DeploymentName::new("blue");
    let model = serving(&other, "7");
    story.world.deployments.insert(other.clone(), model);
    story.world.traffic = Traffic::all_to(&other);
    story.before = story.world.traffic.clone();
    story.ends("voided");
    assert!(!story.planned().contains(&"create-deployment"));
    story.keep("voided");
}

#[test]
fn a_source_that_changed_after_the_gates_voids_the_promotion() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    story.world.manifest = Manifest::new(vec![
        crate::sample::file("MLmodel", "e1"),
        crate::sample::file("model.json", "tampered"),
    ]);
    story.approve("Ada");
    story.ends("voided");
    let Ending::Voided { detail } = story.ending() else {
        panic!()
    };
    insta::assert_snapshot!(detail, @"`model.json` of the candidate changed after the gates had judged it");
    assert!(story.world.landed.is_none());
}

#[test]
fn copied_files_that_change_before_traffic_moves_void_the_promotion() {
    for stage in ["deploying", "shifting"] {
        let mut story = Story::begin();
        story.step_to(stage);
        story.world.landed = Some(Manifest::new(vec![crate::sample::file("MLmodel", "other")]));
        story.ends("voided");
    }
}

#[test]
fn another_at_work_on_the_target_is_waited_for() {
    let mut story = Story::begin();
    story.world.lease = Some("somebody".to_owned());
    story.until("awaiting approval").approve("Ada");
    story.deliver();
    assert_eq!(story.stage(), "waiting for target");
    assert_eq!(
        story.undone("take-lease").trouble.unwrap().code,
        "TargetLeased"
    );
    let records = story.facts().count();
    story.wait(3600).deliver();
    assert_eq!(
        story.facts().count(),
        records,
        "a poll that learns nothing appends nothing"
    );
    story.world.lease = None;
    story.ends("finished");
}
