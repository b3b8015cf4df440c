//! What if: the gates' own judgement, asked again, and what differs from what was agreed to.

use promotion::*;

use crate::sample::{candidate, file, rmse_below, route};
use crate::story::Story;
use crate::world::{World, champion, serving};

fn asked() -> Story {
    let mut story = Story::begin();
    story.until("awaiting approval");
    story
}

/// What is seen of the world as it is.
fn seen(story: &mut Story, route: &Route) -> Seen {
    let [candidate, target] = story.promotion.looks(route).map(|effect| {
        let Report::Done(outcome) = story.world.perform(&effect) else {
            panic!("{effect:?}");
        };
        outcome
    });
    let Outcome::TargetSeen { landing, champion } = target else {
        panic!("{target:?}");
    };
    let mut seen = Seen::new(candidate, landing, champion).unwrap();
    if seen.to_recall().is_some() {
        seen.recall(story.world.recalled.clone());
    }
    seen
}

fn today(story: &mut Story, route: &Route) -> WhatIf {
    let seen = seen(story, route);
    what_if(&story.promotion, Some(route), seen, story.now)
}

#[test]
fn what_was_pinned_is_what_is_judged_again() {
    let mut story = asked();
    let what_if = today(&mut story, &route());
    let Judgement::Asked { pinned } = &what_if.judgement else {
        panic!("{what_if:?}");
    };
    let then = story.promotion.stage().pinned().unwrap();
    assert_eq!(
        (&pinned.verdicts, &pinned.plan),
        (&then.verdicts, &then.plan)
    );
    assert_eq!(what_if.differences, []);
}

#[test]
fn a_changed_bound_shows_with_both_answers() {
    let mut story = asked();
    let mut stricter = route();
    stricter.gates[0] = rmse_below(50.0);
    let what_if = today(&mut story, &stricter);
    assert!(matches!(what_if.judgement, Judgement::Blocked { .. }));
    let [
        Difference::Gate {
            then: Some(then),
            today: Some(today),
        },
    ] = what_if.differences.as_slice()
    else {
        panic!("{:?}", what_if.differences);
    };
    assert_eq!((then.threshold, today.threshold), (Some(60.0), Some(50.0)));
    assert_eq!(today.result, VerdictResult::Failed);
}

#[test]
fn gates_that_came_and_went_show() {
    let mut story = asked();
    let mut other = route();
    other.gates.remove(1);
    other.gates.push(GateSpec::Metric {
        metric: "mae".to_owned(),
        min: None,
        max: Some(1.0),
        source: Source::Run,
    });
    let what_if = today(&mut story, &other);
    let shown = what_if
        .differences
        .iter()
        .map(|difference| match difference {
            Difference::Gate { then, today } => (then.is_some(), today.is_some()),
            other => panic!("{other:?}"),
        });
    assert_eq!(shown.collect::<Vec<_>>(), [(true, false), (false, true)]);
}

#[test]
fn another_champion_changes_plan_and_gate() {
    let mut story = asked();
    let green = DeploymentName::new("green");
    story
        .world
        .deployments
        .insert(green.clone(), serving(&green, "9"));
    story.world.traffic = Traffic::all_to(&green);
    let what_if = today(&mut story, &route());
    let [
        Difference::Champion { then, today },
        Difference::Steps { .. },
        Difference::Gate { .. },
    ] = what_if.differences.as_slice()
    else {
        panic!("{:?}", what_if.differences);
    };
    assert_eq!(then.deployment(), Some(&champion()));
    assert_eq!(today.deployment(), Some(&green));
}

#[test]
fn other_files_make_every_gate_inconclusive() {
    let mut story = asked();
    story.world.manifest = Manifest::new(vec![file("MLmodel", "e1"), file("model.json", "e3")]);
    let what_if = today(&mut story, &route());
    assert!(matches!(what_if.judgement, Judgement::Blocked { .. }));
    assert_eq!(
        what_if.differences[0],
        Difference::Files {
            first: "model.json".to_owned()
        }
    );
}

#[test]
fn rollout_and_quorum_are_held_against_what_was_agreed_to() {
    let mut story = asked();
    let mut other = route();
    other.approval.min_approvals = 3;
    other.rollout.steps = vec![Step::SetWeight(100)];
    other.rollout.smoke_test = None;
    other.rollout.deployment.instance_count = 4;
    other.rollout.keep_previous = Seconds(0);
    let what_if = today(&mut story, &other);
    let parts = |wanted| {
        let mut all = what_if.differences.iter();
        all.any(|d| *d == Difference::Plan { part: wanted })
    };
    assert!(
        parts(PlanPart::SmokeTest) && parts(PlanPart::Deployment) && parts(PlanPart::KeepPrevious)
    );
    assert!(!parts(PlanPart::Endpoint) && !parts(PlanPart::Destination));
    let mut all = what_if.differences.iter();
    assert!(all.any(|d| matches!(d, Difference::Quorum { today, .. } if today.approvals == 3)));
    assert!(matches!(what_if.differences[1], Difference::Steps { .. }));
}

#[test]
fn an_expired_question_and_a_route_that_is_gone_show() {
    let mut story = asked();
    let seen = seen(&mut story, &route());
    let at = story.promotion.stage().pinned().unwrap().expires_at;
    let what_if = what_if(&story.promotion, None, seen, at);
    assert_eq!(
        what_if.differences,
        [Difference::RouteRemoved, Difference::Expired { at }]
    );
}

#[test]
fn what_was_blocked_is_compared_by_its_gates() {
    let mut story = Story::on(
        Route {
            gates: vec![rmse_below(50.0)],
            ..route()
        },
        World::new(),
    );
    story.ends("blocked");
    let lenient = Route {
        gates: vec![rmse_below(70.0)],
        ..route()
    };
    let what_if = today(&mut story, &lenient);
    assert!(matches!(what_if.judgement, Judgement::Asked { .. }));
    assert!(matches!(
        what_if.differences.as_slice(),
        [Difference::Gate { .. }]
    ));
}

#[test]
fn before_the_gates_have_judged_nothing_differs() {
    let mut story = Story::begin();
    let what_if = today(&mut story, &route());
    assert!(matches!(what_if.judgement, Judgement::Asked { .. }));
    assert_eq!(what_if.differences, []);
}

/// The source is observed again before the copy, and never after it.
#[test]
fn other_files_void_what_goes_on_with_the_copy_only() {
    for (kind, at, voids) in [
        ("copy-files", FailedAt::Copying, 1),
        ("register-model", FailedAt::Registering, 0),
    ] {
        let mut story = Story::begin();
        let failure = Failure::new("Conflict", "somebody else did it");
        story.world.answer_next(kind, Report::Failed(failure));
        story.step_to("failed");
        story.world.manifest = Manifest::new(vec![file("MLmodel", "e9")]);
        let what_if = today(&mut story, &route());
        let goes_on = what_if.goes_on.unwrap();
        assert_eq!((goes_on.at, goes_on.voided_by.len()), (at, voids), "{kind}");
    }
    assert_eq!(today(&mut asked(), &route()).goes_on, None);
}

#[test]
fn a_version_that_no_event_told_of_is_remembered_so() {
    let opening = Opening {
        candidate: candidate(),
        route: route(),
        cause: Cause::Reconciled {
            registered_at: "2026-11-23T07:00:00Z".parse().unwrap(),
        },
    };
    let id = opening.id();
    let mut chain = Chain::begin(id.as_str());
    let (bytes, _) = chain.extend(&[opening.fact()], jiff::Timestamp::UNIX_EPOCH, "n");
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.contains(r#"{"from":"reconciled","registeredAt":"2026-11-23T07:00:00Z"}"#),
        "{text}"
    );
    let (lines, _) = Chain::read(id.as_str(), text.as_bytes()).unwrap();
    let promotion = Promotion::replay(&lines).unwrap();
    assert!(matches!(promotion.cause(), Cause::Reconciled { .. }));
}
