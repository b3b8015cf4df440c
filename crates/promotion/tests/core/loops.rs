//! What must never be due at once for ever, and what must come to an end. The harness fails on every such loop; these are
//! the ways into one.

use promotion::*;

use crate::sample::{failure, route};
use crate::story::Story;
use crate::world::{World, predecessor};

fn times(story: &mut Story, count: usize, kind: &'static str, report: &Report) {
    for _ in 0..count {
        story.world.answer_next(kind, report.clone());
    }
}

#[test]
fn every_kind_of_effect_may_answer_every_kind_of_delay() {
    let kinds = [
        "observe-candidate",
        "observe-target",
        "observe-manifest",
        "copy-files",
        "register-model",
        "take-turn",
        "take-lease",
        "release-lease",
        "create-endpoint",
        "create-deployment",
        "smoke-test",
        "set-traffic",
        "verify-traffic",
        "delete-deployment",
        "end-keep-previous",
        "notify",
        "see-voters",
        "prove-way-back",
    ];
    let submitted = Report::Submitted {
        operation: "https://op/1".to_owned(),
    };
    let delays = [
        Report::StillRunning,
        submitted,
        Report::Waiting(failure("Busy")),
        Report::Retry(failure("503")),
    ];
    for kind in kinds {
        for first in &delays {
            for second in &delays {
                let world = if kind == "create-endpoint" {
                    World::empty()
                } else {
                    World::new()
                };
                let mut story = Story::on(route(), world);
                if kind == "end-keep-previous" {
                    story.world.champion_mut().deployed_by = Some(predecessor());
                }
                for report in [first, second, first] {
                    times(&mut story, 2, kind, report);
                }
                story.ends_quickly("finished");
            }
        }
    }
}

#[test]
fn a_predecessor_that_cannot_be_told_is_let_be() {
    let mut story = Story::begin();
    story.world.champion_mut().deployed_by = Some(predecessor());
    story.until("awaiting approval").approve("Ada");
    times(
        &mut story,
        1000,
        "end-keep-previous",
        &Report::Failed(failure("NoSuchJournal")),
    );
    story.ends("finished");
    assert_eq!(
        story
            .planned()
            .iter()
            .filter(|kind| **kind == "end-keep-previous")
            .count(),
        1
    );
}

#[test]
fn what_was_tried_again_may_have_to_wait_for_long() {
    let mut story = Story::begin();
    story.step_to("waiting for target");
    story.world.lease = Some("somebody".to_owned());
    times(&mut story, 1, "take-lease", &Report::Retry(failure("503")));
    for _ in 0..10 {
        story.deliver();
        story.now = story.promotion.next_due(story.now).unwrap();
    }
    story.world.lease = None;
    story.ends("finished");
}

#[test]
fn a_way_back_without_time_closes_once_the_target_is_let_go() {
    let mut route = route();
    route.rollout.keep_previous = Seconds(0);
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    times(
        &mut story,
        20,
        "release-lease",
        &Report::Retry(failure("503")),
    );
    story.ends("finished");
}

#[test]
fn a_pause_may_be_over_before_the_files_have_been_looked_at() {
    let mut route = route();
    route.rollout.steps = vec![Step::Pause(Seconds(1)), Step::SetWeight(100)];
    let mut story = Story::on(route, World::new());
    story.step_to("shifting");
    times(
        &mut story,
        8,
        "observe-manifest",
        &Report::Retry(failure("503")),
    );
    story.ends("finished");
}

#[test]
fn a_channel_that_is_down_delays_the_end_by_a_day_at_most() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    times(&mut story, 1000, "notify", &Report::Retry(failure("503")));
    story.abort().unwrap();
    let began = story.now;
    story.ends("aborted");
    assert_eq!((story.now - began).get_seconds(), 86_400);
}

#[test]
fn a_service_that_asks_for_years_is_asked_again_within_the_hour() {
    let mut story = Story::begin();
    let patient = Failure {
        retry_after: Some(Seconds(u32::MAX)),
        ..failure("TooManyRequests")
    };
    story.step_to("waiting for target");
    times(&mut story, 1, "take-lease", &Report::Retry(patient));
    story.deliver();
    let due = story.promotion.next_due(story.now).unwrap();
    assert_eq!((due - story.now).get_seconds(), 3600);
}

#[test]
fn what_azure_never_ends_is_given_up() {
    for (kind, ending) in [
        ("observe-candidate", "failed"),
        ("copy-files", "failed"),
        ("register-model", "failed"),
        ("create-deployment", "rolled back"),
        ("smoke-test", "rolled back"),
    ] {
        let mut story = Story::begin();
        if kind != "observe-candidate" {
            story.until("awaiting approval").approve("Ada");
        }
        times(&mut story, 10_000, kind, &Report::StillRunning);
        while !story.promotion.is_closed() {
            story.wait(900).deliver();
        }
        story.ends(ending);
    }
}

#[test]
fn one_just_opened_is_due_at_once() {
    let story = Story::begin();
    assert_eq!(story.promotion.next_due(story.now), Some(story.now));
}

#[test]
fn time_never_runs_backwards() {
    let mut story = Story::begin();
    story.step_to("copying").see_voters().wait(-3600);
    let last = story.promotion.last_at();
    let key = story.undone("observe-manifest").key;
    story.report(&key, Report::Retry(failure("503")));
    let Some(Fact::Retrying { at, .. }) = story.facts().last() else {
        panic!()
    };
    assert_eq!((*at - last).get_seconds(), 5);
    story.ends("finished");
}

#[test]
fn an_effect_is_given_up_by_its_own_report_only() {
    let mut story = Story::begin();
    story.step_to("copying").see_voters();
    let (look, card) = (
        story.undone("observe-manifest").key,
        story.undone("notify").key,
    );
    story.wait(4000);
    story.report(&card, Report::Done(Outcome::Notified));
    assert_eq!(story.stage(), "copying");
    story.report(&look, Report::Retry(failure("503")));
    assert!(matches!(
        story.ending(),
        Ending::Failed { failure, .. } if failure.message.ends_with("last: Azure said 503")
    ));
}

#[test]
fn a_card_that_is_refused_for_good_delays_nothing() {
    let mut story = Story::begin();
    story.until("awaiting approval").abort().unwrap();
    times(&mut story, 1, "notify", &Report::Failed(failure("Gone")));
    let began = story.now;
    story.ends("aborted");
    assert_eq!(story.now, began);
}
