//! Holds: which ends keep the next candidate from the target, and that they say so with the lease.

use promotion::analysis::{Measured, MetricRule};
use promotion::*;

use crate::sample::{failure, route};
use crate::story::Story;
use crate::watching::errors;
use crate::world::{World, smoke_reply};

/// Why the target is held, by the effects that release its lease; each of them says the same.
fn held(story: &Story) -> Option<WayBackCause> {
    let holds = story.facts().filter_map(|fact| match fact {
        Fact::Planned { effect, .. } => match &**effect {
            Effect::ReleaseLease { hold, .. } => Some(hold.as_deref().cloned()),
            _ => None,
        },
        _ => None,
    });
    let mut holds: Vec<Option<WayBackCause>> = holds.collect();
    let last = holds.pop().flatten();
    assert_eq!(
        last.as_ref(),
        story.promotion.holds_target(),
        "what is told is what is done"
    );
    assert!(holds.iter().all(Option::is_none), "it held before");
    last
}

fn asked() -> Story {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    story
}

/// The next effect of this kind comes to that.
fn where_it(kind: &'static str, report: Report) -> Story {
    let mut story = asked();
    story.world.answer_next(kind, report);
    story
}

fn taken_back(stage: &str) -> Story {
    let mut story = Story::begin();
    story.step_to(stage).roll_back().unwrap();
    story
}

#[test]
fn what_may_have_answered_callers_and_was_taken_back_holds_its_target() {
    let refused = Report::Failed(failure("Forbidden"));
    let stories = [
        ("by hand once live", taken_back("live")),
        ("by hand while traffic moves", in_traffic()),
        ("a step failed", where_it("set-traffic", refused)),
        ("disputed", disputed()),
        ("worse by what it serves", worse()),
        ("its endpoint is gone since", without_endpoint()),
    ];
    for (name, mut story) in stories {
        story.ends("rolled back");
        let cause = held(&story).unwrap_or_else(|| panic!("{name}: nothing is held"));
        let Ending::RolledBack { cause: ended } = story.ending() else {
            panic!("{name}");
        };
        assert_eq!(cause, *ended, "{name}");
        if name == "by hand once live" {
            story.keep("rolled-back-and-held");
        }
    }
}

/// Somebody else sets the traffic, again and again.
fn disputed() -> Story {
    let mut story = asked();
    for _ in 0..3 {
        let traffic = Traffic::all_to(&DeploymentName::new("blue"));
        let found = Report::Done(Outcome::TrafficSeen {
            traffic,
            copied: Traffic::default(),
            last_change: None,
            changed: vec![],
        });
        story.world.answer_next("verify-traffic", found);
    }
    story
}

fn worse() -> Story {
    let mut route = route();
    let analysis = Step::Analysis(vec![errors(&MetricRule::once())]);
    route.rollout.steps.insert(1, analysis);
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    story.world.measures = Some((1, Measured::Failed));
    story
}

fn without_endpoint() -> Story {
    let mut story = in_traffic();
    let gone = Report::Failed(failure("EndpointNotFound"));
    story.world.answer_next("set-traffic", gone);
    story.world.deployments.clear();
    story.world.traffic = story.before.clone();
    story
}

/// With a tenth of the traffic, and taken back.
fn in_traffic() -> Story {
    let mut story = asked();
    story.until("shifting").roll_back().unwrap();
    story
}

#[test]
fn what_never_had_traffic_holds_nothing() {
    let failed = Report::Failed(failure("ImageBuildFailure"));
    let tested = Report::Done(Outcome::SmokeTested(smoke_reply(false)));
    for (name, mut story) in [
        ("it did not come up", where_it("create-deployment", failed)),
        ("its smoke test failed", where_it("smoke-test", tested)),
        ("by hand while it was made", taken_back("deploying")),
        ("by hand while it was tested", taken_back("testing")),
    ] {
        story.ends("rolled back");
        assert_eq!(held(&story), None, "{name}");
    }
}

#[test]
fn what_a_person_stops_and_what_goes_well_holds_nothing() {
    let mut stopped = asked();
    stopped.until("shifting").abort().unwrap();
    assert_eq!(held(stopped.ends("aborted")), None);
    let mut displaced = Story::begin();
    let by = PromotionId::new("diabetes-1.other-0");
    displaced.step_to("deploying");
    displaced.tell(Event::Displaced { by }).unwrap();
    assert_eq!(held(displaced.ends("voided")), None);
    let mut served = asked();
    assert_eq!(held(served.ends("finished")), None);
}

/// A release that failed for good, and is asked for again, sets the same hold.
#[test]
fn a_release_that_is_asked_for_again_holds_for_the_same_reason() {
    let mut story = taken_back("live");
    story.step_to("finishing");
    let planned = story.undone("release-lease");
    let late = Report::Retry(failure("503"));
    story.wait(2 * 3600).report(&planned.key, late);
    let again = story.undone("release-lease");
    assert_ne!(planned.key, again.key);
    assert_eq!(planned.effect, again.effect);
}

#[test]
fn a_hold_keeps_only_those_who_have_changed_nothing() {
    for (stage, waits) in [
        ("awaiting approval", false),
        ("waiting for target", true),
        ("deploying", false),
        ("shifting", false),
        ("live", false),
    ] {
        let mut story = Story::begin();
        story.step_to(stage);
        assert_eq!(story.promotion.waits_while_held(), waits, "{stage}");
    }
    let mut back = Story::begin();
    back.step_to("deploying").abort().unwrap();
    assert!(!back.promotion.waits_while_held());
}

#[test]
fn where_the_route_does_not_wait_a_held_target_refuses() {
    let mut story = Story::begin();
    let reason = "endpoint diabetes is held".to_owned();
    let held = Report::Done(Outcome::TurnHeld { reason });
    story.world.answer_next("take-turn", held);
    story.until("refused");
    assert!(matches!(story.ending(), Ending::Held { reason } if reason.contains("is held")));
    assert_eq!(story.promotion.holds_target(), None);
    story.keep("refused-by-a-hold");
}

/// What releases wrote before there were holds reads as it was meant: nothing was held.
#[test]
fn an_older_release_holds_nothing() {
    let effect: Effect =
        serde_json::from_str(r#"{"type":"releaseLease","target":"0123"}"#).unwrap();
    let written = serde_json::to_string(&effect).unwrap();
    assert_eq!(written, r#"{"type":"releaseLease","target":"0123"}"#);
}
