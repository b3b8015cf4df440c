//! A candidate is loaded before it has traffic, and taken back where it does not bear that.

use promotion::analysis::{Comparison, MetricRule, MetricSpec, Provider};
use promotion::*;

use crate::sample::{failure, operator, route};
use crate::story::Story;
use crate::world::{World, champion};

pub(crate) fn load() -> LoadTest {
    LoadTest {
        requests: Requests::Given(vec![serde_json::json!({"input_data": [[1.0]]})]),
        rate: 20,
        duration: Seconds(30),
        success_condition: "errorRate == 0.0".to_owned(),
    }
}

fn not_borne() -> LoadReply {
    LoadReply {
        passed: false,
        errors: 12,
        p99_ms: 9000,
        problem: Some("`errorRate == 0.0` does not hold".to_owned()),
        ..LoadReply::hoped(&load())
    }
}

/// A load, a tenth, all.
fn loaded(world: World) -> Story {
    let mut route = route();
    route.rollout.steps = vec![
        Step::LoadTest(load()),
        Step::SetWeight(10),
        Step::Pause(Seconds(60)),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, world);
    story.step_to("shifting");
    story
}

/// How often it was planned, each time before any traffic.
fn loads(story: &Story) -> usize {
    let planned = story.planned();
    let first = planned.iter().position(|kind| *kind == "set-traffic");
    let before = &planned[..first.unwrap_or(planned.len())];
    let all = planned.iter().filter(|kind| **kind == "load-test").count();
    assert_eq!(
        before.iter().filter(|kind| **kind == "load-test").count(),
        all
    );
    all
}

#[test]
fn what_bears_it_goes_on() {
    let mut story = loaded(World::new());
    story.ends("finished");
    assert_eq!(loads(&story), 1);
    story.keep("finished-after-a-load-test");
}

#[test]
fn what_does_not_never_has_traffic() {
    let mut story = loaded(World::new());
    let report = Report::Done(Outcome::LoadTested(not_borne()));
    story.world.answer_next("load-test", report);
    story.ends("rolled back");
    let cause = WayBackCause::LoadTestFailed { reply: not_borne() };
    assert_eq!(*story.ending(), Ending::RolledBack { cause });
    assert!(!story.planned().contains(&"set-traffic"));
    story.keep("rolled-back-by-a-load-test");
}

/// Where nothing serves yet it gets all traffic at once: the more reason to see what it bears.
#[test]
fn it_is_loaded_also_where_nothing_serves() {
    let mut story = loaded(World::empty());
    let plan = &story.promotion.stage().pinned().unwrap().plan;
    let ours = Traffic::all_to(&plan.deployment);
    assert_eq!(
        plan.steps,
        [PlannedStep::LoadTest(load()), PlannedStep::SetTraffic(ours)]
    );
    story.ends("finished");
    assert_eq!(loads(&story), 1);
}

/// One that cannot be done is tried again as long as calls may fail, and then it goes back.
#[test]
fn what_cannot_be_loaded_goes_back() {
    let mut story = loaded(World::new());
    story
        .world
        .answer_next("load-test", Report::Retry(failure("503")));
    story
        .world
        .answer_next("load-test", Report::Failed(failure("EndpointNotFound")));
    story.ends("rolled back");
    let Ending::RolledBack { cause } = story.ending() else {
        panic!("{:?}", story.ending());
    };
    assert!(
        matches!(cause, WayBackCause::StepFailed { .. }),
        "{cause:?}"
    );
}

/// Taken back while it is under way: what comes of it then changes nothing.
#[test]
fn an_answer_that_comes_after_the_way_back_began_is_only_recorded() {
    let mut story = loaded(World::new());
    while !story.planned().contains(&"load-test") {
        let entry = story.promotion.ledger().ready(story.now).next().cloned();
        let entry = entry.unwrap();
        let report = story.world.perform(&entry.effect);
        story.report(&entry.key, report);
    }
    let entry = story.undone("load-test");
    let event = Event::Abort {
        by: operator(),
        reason: "not today".to_owned(),
        attempt: None,
    };
    story.tell(event).unwrap();
    story.report(&entry.key, Report::Done(Outcome::LoadTested(not_borne())));
    story.ends("aborted");
}

/// Two of them are two: the second is not taken for done because the first was.
#[test]
fn each_load_is_done() {
    let mut route = route();
    route.rollout.steps = vec![
        Step::LoadTest(load()),
        Step::LoadTest(LoadTest { rate: 50, ..load() }),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.ends_quickly("finished");
    assert_eq!(loads(&story), 2);
}

fn of_callers() -> LoadTest {
    LoadTest {
        requests: Requests::Collected(Collected {
            from: CollectedFrom::Champion,
            hours: 24,
            most: 50,
        }),
        ..load()
    }
}

fn compared() -> MetricSpec {
    MetricSpec {
        name: "alike".to_owned(),
        provider: Provider::Predictions {
            requests: of_callers().requests,
            comparison: Comparison::StabilityIndex,
        },
        against: None,
        success_condition: Some("result < 0.25".to_owned()),
        failure_condition: None,
        min_samples: 1,
        rule: MetricRule::once(),
    }
}

/// Whose callers' requests are sent is said in the effect, and what they sent in no record.
#[test]
fn the_champions_callers_requests_are_sent_and_not_kept() {
    let mut route = route();
    route.rollout.steps = vec![
        Step::LoadTest(of_callers()),
        Step::Analysis(vec![compared()]),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    story.ends("finished");
    let loaded = story.facts().find_map(|fact| match fact {
        Fact::Planned { effect, .. } => match &**effect {
            Effect::LoadTest { collected_of, .. } => collected_of.clone(),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(loaded, Some(champion()));
    story.keep("finished-after-callers-requests");
}

#[test]
fn where_nobody_serves_nobody_has_called() {
    let mut route = route();
    route.rollout.steps = vec![Step::LoadTest(of_callers()), Step::SetWeight(100)];
    let mut story = Story::on(route, World::empty());
    story.step_to("shifting");
    story.ends("finished");
    assert_eq!(loads(&story), 0);
}

#[test]
fn a_list_is_written_as_it_was_before_there_were_others() {
    let written = serde_json::to_value(load()).unwrap();
    assert_eq!(
        written["requests"],
        serde_json::json!([{"input_data": [[1.0]]}])
    );
    let collected = serde_json::to_value(of_callers()).unwrap();
    let expected = serde_json::json!({"from": "champion", "hours": 24, "most": 50});
    assert_eq!(collected["requests"], expected);
    let read: LoadTest = serde_json::from_value(collected).unwrap();
    assert_eq!(read, of_callers());
}
