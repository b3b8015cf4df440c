//! Somebody keeps changing what a rollout has set: what people are asked about it, for how long, and that it ends.

use promotion::*;

use crate::pause::resume;
use crate::sample::failure;
use crate::stopped::{count, frozen, perform, until_planned, voters_leave};
use crate::story::Story;
use crate::unheard::{RESTS_AT_TEN, begun_on, measured, moved_by_hand};
use crate::world::{World, champion};

/// Somebody gives the candidate so many percent, and the rest to who served before.
fn shift(story: &mut Story, share: u8) {
    let shares = [(story.deployment(), share), (champion(), 100 - share)];
    story.world.traffic = Traffic::new(shares);
}

/// All that there is to do is done, then time passes.
fn on(story: &mut Story) {
    story.deliver();
    let due = story.promotion.next_due(story.now).unwrap_or(story.now);
    story.now = due.max(story.now + jiff::SignedDuration::from_secs(1));
}

/// Why it goes back.
fn why_back(story: &Story) -> String {
    let causes = story.facts().filter_map(|fact| match fact {
        Fact::Entered {
            phase:
                Phase::RollingBack {
                    cause: WayBackCause::StepFailed { failure },
                    ..
                },
        } => Some(failure.code.clone()),
        _ => None,
    });
    causes.last().unwrap()
}

#[test]
fn what_is_found_after_people_were_asked_is_another_question() {
    let mut story = begun_on(measured(&RESTS_AT_TEN, OnDrift::Pause, 300));
    let mut asked = Vec::new();
    for share in [60, 30, 30] {
        shift(&mut story, share);
        let look = until_planned(&mut story, "measure");
        perform(&mut story, &look);
        story.deliver();
        asked.push(story.promotion.pause().unwrap().to_string());
    }
    assert_eq!(asked, ["1.drift-1", "1.drift-2", "1.drift-2"]);
}

#[test]
fn whoever_keeps_changing_it_does_not_keep_it_from_going_back() {
    let mut route = measured(&RESTS_AT_TEN, OnDrift::Pause, 1800);
    route.deadlines.resume = Seconds(4 * 3600);
    let mut story = begun_on(route);
    let began = story.now;
    let mut share = 60;
    while matches!(story.promotion.stage(), Stage::Shifting { .. }) {
        shift(&mut story, share);
        share = 90 - share;
        on(&mut story);
        let waited = story.now.duration_since(began).as_secs();
        assert!(waited < 5 * 3600, "{waited} s");
    }
    assert_eq!(why_back(&story), "NobodyResumed");
    story.ends("rolled back");
    assert_eq!(story.world.traffic, story.before);
}

#[test]
fn whoever_puts_each_change_back_does_not_keep_it_half_way_for_ever() {
    for steps in [
        RESTS_AT_TEN.to_vec(),
        vec![Step::SetWeight(100), Step::Bake(Seconds(3600))],
    ] {
        let mut story = begun_on(measured(&steps, OnDrift::Pause, 300));
        let share = story.world.traffic.of(&story.deployment());
        let mut looks = 0;
        while matches!(story.promotion.stage(), Stage::Shifting { .. }) {
            let moved = story
                .promotion
                .stage()
                .rollout()
                .unwrap()
                .drifted()
                .is_none();
            shift(&mut story, if moved { 60 } else { share });
            on(&mut story);
            looks += 1;
            assert!(looks < 200, "{:?}", story.promotion.pause());
        }
        assert_eq!(why_back(&story), "KeepsChanging");
        story.ends("rolled back");
        assert_eq!(story.world.traffic, story.before);
    }
}

#[test]
fn what_a_step_has_found_is_a_question_no_more_once_it_is_put_back() {
    let steps = [
        Step::SetWeight(10),
        Step::SetWeight(50),
        Step::SetWeight(100),
    ];
    let mut story = begun_on(measured(&steps, OnDrift::Pause, 300));
    let next = until_planned(&mut story, "set-traffic");
    shift(&mut story, 60);
    perform(&mut story, &next);
    story.deliver();
    assert_eq!(story.promotion.pause().unwrap().to_string(), "1.drift-1");
    // Another change is another question, whoever has found the first.
    shift(&mut story, 30);
    until_planned(&mut story, "measure");
    story.deliver();
    assert_eq!(story.promotion.pause().unwrap().to_string(), "1.drift-2");
    shift(&mut story, 10);
    story.ends("finished");
    assert_eq!(
        count(&story, "set-traffic"),
        4,
        "each step, and the second twice"
    );
    let expected = story.facts().filter_map(|fact| {
        let Fact::Planned { effect, .. } = fact else {
            return None;
        };
        match &**effect {
            Effect::SetTraffic { expects, .. } => Some(expects.is_some()),
            _ => None,
        }
    });
    assert_eq!(expected.collect::<Vec<_>>(), [true; 4]);
}

#[test]
fn nobody_is_woken_for_a_question_that_is_answered() {
    let steps = [
        Step::Mirror(20),
        Step::Pause(Seconds(3600)),
        Step::SetWeight(100),
    ];
    let mut route = measured(&steps, OnDrift::Pause, 300);
    route.deadlines.resume = Seconds(900);
    let mut story = begun_on(route);
    moved_by_hand(&mut story);
    story.world.mirror = None;
    until_planned(&mut story, "measure");
    story.deliver();
    story.wait(300);
    resume(&mut story).unwrap();
    let asked = until_planned(&mut story, "see-voters");
    let away = || Report::Retry(failure("Graph is away"));
    story.report(&asked.key, away());
    story.wait(900);
    for _ in 0..20 {
        for entry in story
            .promotion
            .ledger()
            .ready(story.now)
            .cloned()
            .collect::<Vec<_>>()
        {
            if entry.effect.kind() == "see-voters" {
                story.report(&entry.key, away());
            } else {
                perform(&mut story, &entry);
            }
        }
        story.due();
        let due = story.promotion.next_due(story.now).unwrap();
        let ready = story.promotion.ledger().ready(story.now).count();
        assert!(ready > 0 || due > story.now, "due for nothing");
        story.now = due.max(story.now);
    }
}

#[test]
fn no_bake_passes_while_others_have_the_traffic_until_they_put_it_back() {
    let mut story = begun_on(measured(
        &[Step::SetWeight(100), Step::Bake(Seconds(3600))],
        OnDrift::Pause,
        300,
    ));
    let ours = story.world.traffic.clone();
    story.world.traffic = Traffic::all_to(&champion());
    let on_until = |story: &mut Story, until: jiff::Timestamp| {
        while story.now < until
            && matches!(story.promotion.stage(), Stage::Shifting { step: 1, .. })
        {
            story.deliver();
            let due = story.promotion.next_due(story.now).unwrap();
            story.now = due.max(story.now + jiff::SignedDuration::from_secs(1));
        }
    };
    let began = story.now;
    on_until(&mut story, began + jiff::SignedDuration::from_secs(3000));
    assert!(story.promotion.pause().is_some(), "people are asked");
    story.world.traffic = ours;
    let back = story.now;
    on_until(&mut story, back + jiff::SignedDuration::from_hours(9));
    assert!(story.now.duration_since(back).as_secs() >= 3600);
    story.ends("finished");
}

#[test]
fn what_others_took_from_a_step_that_was_found_done_is_not_given_back_before_voters_are_asked_after()
 {
    for steps in [RESTS_AT_TEN.to_vec(), vec![Step::SetWeight(100)]] {
        let mut story = Story::on(measured(&steps, OnDrift::Restore, 300), World::new());
        story.until("awaiting approval").approve("Ada");
        let step = until_planned(&mut story, "set-traffic");
        story.report(&step.key, frozen());
        drop(story.world.perform(&step.effect));
        story.report(&step.key, Report::Done(Outcome::TrafficSet));
        shift(&mut story, 0);
        until_planned(&mut story, "see-voters");
        assert_eq!(count(&story, "set-traffic"), 1, "{steps:?}");
        voters_leave(&mut story);
        story.ends("voided");
        assert_eq!(story.world.traffic, story.before);
    }
}

#[test]
fn callers_are_taken_off_a_candidate_that_nobody_gave_any_without_waiting_for_voters_or_a_freeze() {
    let steps = [
        Step::Mirror(20),
        Step::Pause(Seconds(3600)),
        Step::SetWeight(100),
    ];
    let mut story = begun_on(measured(&steps, OnDrift::Restore, 300));
    let asked = count(&story, "see-voters");
    // The portal drops the copies.
    shift(&mut story, 50);
    story.world.mirror = None;
    let restores = until_planned(&mut story, "set-traffic");
    assert!(!story.promotion.begins_an_act(&restores));
    assert_eq!(count(&story, "see-voters"), asked);
    perform(&mut story, &restores);
    assert_eq!(story.world.traffic, story.before);
    let next = until_planned(&mut story, "set-traffic");
    assert!(story.promotion.begins_an_act(&next));
    assert_eq!(count(&story, "see-voters"), asked + 1);
    story.ends("finished");
}
