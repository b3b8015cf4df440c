//! Freezes and windows as the core sees them: which effects need clearance, and that no time runs while one waits for it.

use promotion::*;

use crate::sample::{failure, route};
use crate::story::Story;
use crate::world::{World, champion};

pub(crate) fn by_halves() -> Story {
    let mut route = route();
    route.rollout.steps = vec![
        Step::Mirror(20),
        Step::SetWeight(10),
        Step::Pause(Seconds(600)),
        Step::SetWeight(50),
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    story
}

/// As far as the copy being planned.
fn until_the_copy(story: &mut Story) {
    while !story.planned().contains(&"copy-files") {
        let ready: Vec<Entry> = story.promotion.ledger().ready(story.now).cloned().collect();
        for entry in ready {
            let report = story.world.perform(&entry.effect);
            story.report(&entry.key, report);
        }
        story.due();
    }
}

/// Performs one effect after another until one of this kind is to be.
pub(crate) fn until_planned(story: &mut Story, kind: &str) -> Entry {
    for _ in 0..200 {
        story.due();
        let ready: Vec<Entry> = story.promotion.ledger().ready(story.now).cloned().collect();
        if let Some(found) = ready.iter().find(|entry| entry.effect.kind() == kind) {
            return found.clone();
        }
        match ready.first() {
            Some(entry) => perform(story, entry),
            None => story.now = story.promotion.next_due(story.now).unwrap(),
        }
    }
    panic!("never {kind}: {:?}", story.planned());
}

/// It is performed.
pub(crate) fn perform(story: &mut Story, entry: &Entry) {
    story.world.now = story.now;
    let report = story.world.perform(&entry.effect);
    story.report(&entry.key, report);
}

/// Goes on past the next change of traffic.
pub(crate) fn past_a_step(story: &mut Story) {
    let step = until_planned(story, "set-traffic");
    perform(story, &step);
}

/// Nobody who agreed to it holds any more what that needs, and that is found.
pub(crate) fn voters_leave(story: &mut Story) {
    let asked = until_planned(story, "see-voters");
    let Effect::SeeVoters { relied } = &asked.effect else {
        panic!()
    };
    let relied = relied.iter().map(|one| Relied {
        person: one.person.clone(),
        standing: vec![],
    });
    let relied = relied.collect();
    story.report(&asked.key, Report::Done(Outcome::VotersSeen { relied }));
}

/// How often this was planned.
pub(crate) fn count(story: &Story, kind: &str) -> usize {
    story.planned().iter().filter(|one| **one == kind).count()
}

/// How often each of these was looked at.
fn looks(story: &Story) -> [usize; 2] {
    ["see-voters", "observe-manifest"].map(|kind| count(story, kind))
}

pub(crate) fn frozen() -> Report {
    Report::Waiting(Failure::new(FROZEN, "stage prod is frozen"))
}

/// Goes on until it has ended or nobody may tell it more, and what needed clearance on the way.
fn acts(story: &mut Story) -> Vec<String> {
    let mut acts = Vec::new();
    while !story.promotion.is_closed() {
        let mut learned = 0;
        let ready: Vec<Entry> = story.promotion.ledger().ready(story.now).cloned().collect();
        for entry in ready {
            if story.promotion.begins_an_act(&entry) {
                acts.push(told(story, &entry.effect));
            }
            story.world.now = story.now;
            let report = story.world.perform(&entry.effect);
            learned += story.report(&entry.key, report);
        }
        learned += story.due();
        if learned == 0
            && let Some(due) = story.promotion.next_due(story.now)
        {
            story.now = due;
        }
    }
    acts
}

pub(crate) fn told(story: &Story, effect: &Effect) -> String {
    match effect {
        Effect::SetTraffic {
            traffic, mirror, ..
        } => {
            let copied = mirror.as_ref().map_or(0, |mirror| mirror.percent);
            let share = traffic.of(&story.deployment());
            format!("{} {share} %, {copied} % copied", effect.kind())
        }
        _ => effect.kind().to_owned(),
    }
}

#[test]
fn the_copy_and_each_step_that_gives_more_need_clearance_and_nothing_else() {
    assert_eq!(
        acts(&mut by_halves()),
        [
            "copy-files",
            "set-traffic 0 %, 20 % copied",
            "set-traffic 10 %, 0 % copied",
            "set-traffic 50 %, 0 % copied",
            "set-traffic 100 %, 0 % copied"
        ]
    );
}

#[test]
fn no_way_back_needs_clearance() {
    for stage in ["deploying", "testing", "shifting", "live"] {
        let mut story = Story::begin();
        story.step_to(stage).roll_back().unwrap();
        assert_eq!(acts(&mut story), [""; 0], "{stage}");
    }
    let mut story = Story::begin();
    story.step_to("shifting").until("shifting").deliver();
    story.abort().unwrap();
    assert_eq!(acts(&mut story), [""; 0]);
}

#[test]
fn no_deadline_runs_while_it_waits_and_it_begins_anew_with_the_act() {
    let mut story = by_halves();
    until_the_copy(&mut story);
    let mut records = 0;
    for day in 0..40 {
        let copy = story.undone("copy-files");
        records += story.report(&copy.key, frozen());
        story.due();
        assert_eq!(story.stage(), "copying", "day {day}");
        let due = story.promotion.next_due(story.now).unwrap();
        assert_eq!(due.duration_since(story.now).as_secs(), 30);
        story.wait(24 * 3600);
    }
    assert_eq!(records, 1, "why it waits is written down once");
    // Cleared, it may fail for as long as ever, from now on.
    let copy = story.undone("copy-files");
    story.report(&copy.key, Report::Retry(failure("ServerBusy")));
    story.wait(7100);
    story.report(&copy.key, Report::Retry(failure("ServerBusy")));
    assert_eq!(story.stage(), "copying");
    story.wait(200);
    story.report(&copy.key, Report::Retry(failure("ServerBusy")));
    story.deliver();
    assert_eq!(story.stage(), "failed");
}

#[test]
fn what_has_begun_goes_on() {
    let mut story = by_halves();
    until_the_copy(&mut story);
    let copy = story.undone("copy-files");
    assert!(story.promotion.begins_an_act(&copy));
    story.report(&copy.key, Report::StillRunning);
    assert!(!story.promotion.begins_an_act(&story.undone("copy-files")));
}

#[test]
fn a_copy_that_has_waited_is_looked_at_again_before_it_begins() {
    let mut story = by_halves();
    until_the_copy(&mut story);
    let copy = story.undone("copy-files");
    assert!(!story.promotion.looks_again_before(&copy));
    assert_eq!(
        story.report(&copy.key, Report::Cleared),
        0,
        "it never waited"
    );
    story.report(&copy.key, frozen());
    let copy = story.undone("copy-files");
    assert!(story.promotion.looks_again_before(&copy));
    let looked = |story: &Story| {
        let planned = story.planned();
        ["see-voters", "observe-manifest", "copy-files"]
            .map(|kind| planned.iter().filter(|one| **one == kind).count())
    };
    let before = looked(&story);
    story.wait(5 * 3600).report(&copy.key, Report::Cleared);
    assert!(
        !story
            .promotion
            .ledger()
            .undone()
            .iter()
            .any(|entry| entry.key == copy.key)
    );
    until_the_copy_is_planned_again(&mut story);
    assert_eq!(looked(&story), before.map(|count| count + 1));
    // Frozen again meanwhile, it waits again, and once it may begin it has been looked at once more.
    let copy = story.undone("copy-files");
    story.report(&copy.key, frozen());
    story.report(&copy.key, Report::Cleared);
    until_the_copy_is_planned_again(&mut story);
    assert_eq!(looked(&story), before.map(|count| count + 2));
    story.ends("finished");
}

#[test]
fn a_step_that_found_the_endpoint_busy_has_not_begun() {
    let mut story = by_halves();
    for _ in 0..2 {
        let step = until_planned(&mut story, "set-traffic");
        let busy = Report::Waiting(Failure::new(ENDPOINT_BUSY, "somebody changes it"));
        story.report(&step.key, busy);
        // When it is free, it may be frozen.
        let step = story.undone("set-traffic");
        assert!(story.promotion.begins_an_act(&step));
        story.report(&step.key, frozen());
        let step = story.undone("set-traffic");
        assert!(story.promotion.begins_an_act(&step));
        perform(&mut story, &step);
    }
    // Accepted by Azure, it has.
    let step = until_planned(&mut story, "set-traffic");
    story.report(&step.key, Report::StillRunning);
    assert!(!story.promotion.begins_an_act(&story.undone("set-traffic")));
}

#[test]
fn voters_and_files_are_looked_at_before_each_step_until_the_candidate_serves() {
    let mut story = by_halves();
    until_planned(&mut story, "set-traffic");
    let at_the_mirror = looks(&story);
    past_a_step(&mut story);
    until_planned(&mut story, "set-traffic");
    let at_ten = looks(&story);
    assert_eq!(at_ten, at_the_mirror.map(|count| count + 1));
    past_a_step(&mut story);
    until_planned(&mut story, "set-traffic");
    assert_eq!(looks(&story), at_ten, "the candidate serves");
    story.ends("finished");
}

#[test]
fn whoever_lost_the_role_while_requests_were_copied_counts_no_more_before_the_first_percent() {
    let mut story = by_halves();
    past_a_step(&mut story);
    voters_leave(&mut story);
    story.ends("voided");
    assert_eq!(story.world.traffic, story.before);
}

#[test]
fn a_first_step_that_has_waited_is_looked_at_again_before_it_is_made() {
    let mut story = by_halves();
    let step = until_planned(&mut story, "set-traffic");
    assert_eq!(
        story.report(&step.key, Report::Cleared),
        0,
        "it never waited"
    );
    story.report(&step.key, frozen());
    assert!(
        story
            .promotion
            .looks_again_before(&story.undone("set-traffic"))
    );
    let before = looks(&story);
    story
        .wait(20 * 24 * 3600)
        .report(&step.key, Report::Cleared);
    let again = until_planned(&mut story, "set-traffic");
    assert_ne!(again.key, step.key);
    // It still knows what the endpoint shows unless somebody else has changed it, and that the way back can serve.
    let expects = |entry: &Entry| match &entry.effect {
        Effect::SetTraffic { expects, .. } => expects.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(expects(&again), expects(&step));
    assert!(expects(&again).is_some());
    assert_eq!(looks(&story), before.map(|count| count + 1));
    // Once it serves, nothing is looked at again.
    past_a_step(&mut story);
    past_a_step(&mut story);
    let later = until_planned(&mut story, "set-traffic");
    story.report(&later.key, frozen());
    assert!(
        !story
            .promotion
            .looks_again_before(&story.undone("set-traffic"))
    );
    story.ends("finished");
}

#[test]
fn what_others_have_taken_from_the_candidate_is_not_given_back_past_a_freeze() {
    for (ours, is_an_act) in [(0, true), (30, false)] {
        let mut route = route();
        route.rollout.on_drift = OnDrift::Restore;
        let mut story = Story::on(route, World::new());
        story.until("awaiting approval").approve("Ada");
        past_a_step(&mut story);
        assert_eq!(story.world.traffic.of(&story.deployment()), 10);
        let shares = [(story.deployment(), ours), (champion(), 100 - ours)];
        let shares = shares.into_iter().filter(|(_, share)| *share > 0);
        story.world.traffic = Traffic::new(shares);
        let step = until_planned(&mut story, "set-traffic");
        perform(&mut story, &step);
        let restores = until_planned(&mut story, "set-traffic");
        assert_eq!(
            told(&story, &restores.effect),
            "set-traffic 10 %, 0 % copied"
        );
        assert_eq!(
            story.promotion.begins_an_act(&restores),
            is_an_act,
            "{ours}"
        );
        story.ends("finished");
    }
}

#[test]
fn setting_right_in_a_step_that_copies_requests_waits_for_nothing() {
    let mut route = route();
    route.rollout.steps = vec![Step::Mirror(20), Step::SetWeight(100)];
    route.rollout.on_drift = OnDrift::Restore;
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    let mirror = until_planned(&mut story, "set-traffic");
    assert!(story.promotion.begins_an_act(&mirror));
    let other = DeploymentName::new("by-hand");
    story.world.traffic = Traffic::new([(other, 40), (champion(), 60)]);
    perform(&mut story, &mirror);
    let restores = until_planned(&mut story, "set-traffic");
    assert_eq!(
        told(&story, &restores.effect),
        "set-traffic 0 %, 0 % copied"
    );
    assert!(!story.promotion.begins_an_act(&restores));
    story.ends("finished");
}

fn until_the_copy_is_planned_again(story: &mut Story) {
    let waits = |story: &Story| {
        let mut undone = story.promotion.ledger().undone().iter();
        undone.any(|entry| matches!(entry.effect, Effect::CopyFiles { .. }))
    };
    while !waits(story) {
        let ready: Vec<Entry> = story.promotion.ledger().ready(story.now).cloned().collect();
        for entry in ready {
            let report = story.world.perform(&entry.effect);
            story.report(&entry.key, report);
        }
        story.due();
    }
}

#[test]
fn a_first_step_that_may_have_been_sent_is_looked_at_again_as_well() {
    for said in ["ConnectionReset", CLEARANCE_UNKNOWN] {
        let mut story = by_halves();
        let step = until_planned(&mut story, "set-traffic");
        story.report(&step.key, Report::Retry(failure(said)));
        story.wait(600).report(&step.key, frozen());
        let waits = story.undone("set-traffic");
        assert!(story.promotion.looks_again_before(&waits), "{said}");
    }
}

#[test]
fn a_busy_endpoint_keeps_what_goes_back_waiting_and_is_told_as_it_is() {
    let mut story = by_halves();
    past_a_step(&mut story);
    story.abort().unwrap();
    let back = until_planned(&mut story, "set-traffic");
    assert!(!story.promotion.begins_an_act(&back));
    let busy = Failure::new(ENDPOINT_BUSY, "another change of it is under way");
    story.report(&back.key, Report::Waiting(busy.clone()));
    let waits = story.undone("set-traffic");
    assert_eq!(waits.trouble.unwrap().message, busy.message);
    story
        .wait(24 * 3600)
        .report(&back.key, Report::Waiting(busy));
    let stuck = story.promotion.stuck().unwrap();
    assert!(stuck.message.contains("another change"), "{stuck:?}");
    story.ends("aborted");
    assert_eq!(story.world.traffic, story.before);
}
