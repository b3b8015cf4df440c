//! Steps of traffic whose sender died before it could say so, and a freeze that came then: what may have been done is taken back
//! as what was, and no time passes while it is not as it was agreed to.

use promotion::*;

use crate::sample::route;
use crate::stopped::{by_halves, frozen, past_a_step, perform, until_planned};
use crate::story::Story;
use crate::watching::watch_beside;
use crate::world::{World, champion};

/// The first ten percent are sent and land; whoever sent them dies before they write that down, and a freeze is found.
fn sent_and_died() -> Story {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let step = until_planned(&mut story, "set-traffic");
    story.wait(600);
    drop(story.world.perform(&step.effect));
    assert_eq!(story.world.traffic.of(&story.deployment()), 10);
    story.report(&step.key, frozen());
    story
}

#[test]
fn an_abort_takes_it_back() {
    let mut story = sent_and_died();
    story.abort().unwrap();
    story.ends("aborted");
    assert_eq!(story.world.traffic, story.before);
}

#[test]
fn whoever_lost_the_role_meanwhile_takes_it_back() {
    let mut story = sent_and_died();
    let step = story.undone("set-traffic");
    story.report(&step.key, Report::Cleared);
    let asked = until_planned(&mut story, "see-voters");
    let Effect::SeeVoters { relied } = &asked.effect else {
        panic!()
    };
    let relied = relied.iter().map(|one| Relied {
        person: one.person.clone(),
        standing: vec![],
    });
    let relied = relied.collect();
    story.report(&asked.key, Report::Done(Outcome::VotersSeen { relied }));
    story.ends("voided");
    assert_eq!(story.world.traffic, story.before);
}

#[test]
fn one_that_was_withdrawn_twice_still_knows_what_the_endpoint_shows() {
    let mut story = by_halves();
    past_a_step(&mut story);
    let expects = |entry: &Entry| match &entry.effect {
        Effect::SetTraffic { expects, .. } => expects.clone(),
        other => panic!("{other:?}"),
    };
    let first = until_planned(&mut story, "set-traffic");
    assert!(expects(&first).is_some_and(|shown| shown.mirror.is_some()));
    for _ in 0..2 {
        let step = until_planned(&mut story, "set-traffic");
        story.report(&step.key, frozen());
        story.report(&step.key, Report::Cleared);
        let again = until_planned(&mut story, "set-traffic");
        assert_eq!(expects(&again), expects(&first));
    }
    story.ends("finished");
}

/// All that is ready is performed, but what needs clearance.
fn in_a_freeze(story: &mut Story) {
    let mut learned = 1;
    while learned > 0 {
        learned = story.due();
        let ready: Vec<Entry> = story.promotion.ledger().ready(story.now).cloned().collect();
        for entry in ready {
            if story.promotion.begins_an_act(&entry) {
                learned += story.report(&entry.key, frozen());
            } else {
                story.world.now = story.now;
                let report = story.world.perform(&entry.effect);
                learned += story.report(&entry.key, report);
            }
        }
    }
    let due = story.promotion.next_due(story.now).unwrap();
    story.now = due.max(story.now + jiff::SignedDuration::from_secs(1));
}

#[test]
fn no_pause_and_no_bake_passes_while_what_others_took_is_not_given_back() {
    for steps in [
        vec![
            Step::SetWeight(10),
            Step::Pause(Seconds(3600)),
            Step::SetWeight(100),
        ],
        vec![Step::SetWeight(100), Step::Bake(Seconds(3600))],
    ] {
        let mut route = route();
        route.rollout.steps = steps;
        route.rollout.on_drift = OnDrift::Restore;
        watch_beside(&mut route, Seconds(300));
        let mut story = Story::on(route, World::new());
        story.until("awaiting approval").approve("Ada");
        past_a_step(&mut story);
        let share = story.world.traffic.of(&story.deployment());
        story.world.traffic = Traffic::all_to(&champion());
        let began = story.now;
        while story.now.duration_since(began).as_secs() < 8 * 3600 {
            in_a_freeze(&mut story);
        }
        let Stage::Shifting { step: 1, .. } = story.promotion.stage() else {
            panic!("{:?}", story.promotion.stage());
        };
        assert_eq!(story.world.traffic.of(&story.deployment()), 0);
        // Given back, it has all of its time from then on.
        past_a_step(&mut story);
        assert_eq!(story.world.traffic.of(&story.deployment()), share);
        let given_back = story.now;
        while matches!(story.promotion.stage(), Stage::Shifting { step: 1, .. }) {
            story.deliver();
            if let Some(due) = story.promotion.next_due(story.now) {
                story.now = due;
            }
        }
        assert!(story.now.duration_since(given_back).as_secs() >= 3600);
        story.ends("finished");
    }
}

#[test]
fn copied_requests_that_others_have_ended_are_not_given_back_past_a_freeze() {
    let mut route = route();
    route.rollout.steps = vec![
        Step::Mirror(20),
        Step::Pause(Seconds(3600)),
        Step::SetWeight(100),
    ];
    route.rollout.on_drift = OnDrift::Restore;
    watch_beside(&mut route, Seconds(300));
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    past_a_step(&mut story);
    story.world.mirror = None;
    let restores = until_planned(&mut story, "set-traffic");
    assert!(story.promotion.begins_an_act(&restores));
    perform(&mut story, &restores);
    story.ends("finished");
}
