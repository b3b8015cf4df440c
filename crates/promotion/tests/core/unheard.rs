//! Steps of traffic whose sender died before it could say so, and a freeze that came then: what may have been done is taken back
//! as what was, and no time passes while it is not as it was agreed to.

use promotion::*;

use crate::sample::route;
use crate::stopped::{
    by_halves, count, frozen, past_a_step, perform, told, until_planned, voters_leave,
};
use crate::story::Story;
use crate::watching::watch_beside;
use crate::world::{World, champion, serving};

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

/// 10 %, an hour, all.
pub(crate) const RESTS_AT_TEN: [Step; 3] = [
    Step::SetWeight(10),
    Step::Pause(Seconds(3600)),
    Step::SetWeight(100),
];

/// A route whose rollouts are measured every so many seconds.
pub(crate) fn measured(steps: &[Step], on_drift: OnDrift, every: u32) -> Route {
    let mut route = route();
    route.rollout.steps = steps.to_vec();
    route.rollout.on_drift = on_drift;
    watch_beside(&mut route, Seconds(every));
    route
}

/// Approved, and past its first step.
pub(crate) fn begun_on(route: Route) -> Story {
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    past_a_step(&mut story);
    story
}

fn past_the_first(steps: &[Step], on_drift: OnDrift, every: u32) -> Story {
    begun_on(measured(steps, on_drift, every))
}

/// Somebody moves production by hand.
pub(crate) fn moved_by_hand(story: &mut Story) -> DeploymentName {
    let by_hand = DeploymentName::new("by-hand");
    let serves = serving(&by_hand, "7");
    story.world.deployments.insert(by_hand.clone(), serves);
    story.world.traffic = Traffic::all_to(&by_hand);
    by_hand
}

#[test]
fn an_abort_takes_it_back_before_and_after_it_is_withdrawn() {
    for cleared in [false, true] {
        let mut story = sent_and_died();
        let step = story.undone("set-traffic");
        if cleared {
            story.report(&step.key, Report::Cleared);
        }
        story.abort().unwrap();
        story.ends("aborted");
        assert_eq!(story.world.traffic, story.before, "{cleared}");
        assert_eq!(
            count(&story, "set-traffic"),
            2,
            "the one that was sent, and back"
        );
    }
}

#[test]
fn what_was_never_sent_is_not_taken_back_from_others() {
    for cleared in [false, true] {
        let mut story = Story::begin();
        story.until("awaiting approval").approve("Ada");
        let step = until_planned(&mut story, "set-traffic");
        story.report(&step.key, frozen());
        story.wait(24 * 3600);
        let by_hand = moved_by_hand(&mut story);
        if cleared {
            story.report(&step.key, Report::Cleared);
        }
        story.abort().unwrap();
        story.until("aborted");
        assert_eq!(story.world.traffic, Traffic::all_to(&by_hand), "{cleared}");
        assert_eq!(
            count(&story, "set-traffic"),
            1,
            "none but what was never sent"
        );
        assert!(!story.world.deployments.contains_key(&story.deployment()));
    }
}

#[test]
fn what_lands_late_after_the_way_back_began_is_found_and_taken_back() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let step = until_planned(&mut story, "set-traffic");
    story.report(&step.key, frozen());
    story.abort().unwrap();
    let look = until_planned(&mut story, "verify-traffic");
    perform(&mut story, &look);
    drop(story.world.perform(&step.effect));
    story.ends("aborted");
    assert_eq!(story.world.traffic, story.before);
}

#[test]
fn a_look_that_is_told_late_is_no_late_look() {
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    let step = until_planned(&mut story, "set-traffic");
    story.report(&step.key, frozen());
    story.abort().unwrap();
    let look = until_planned(&mut story, "verify-traffic");
    story.world.now = story.now;
    let seen = story.world.perform(&look.effect);
    // Whoever has looked is held up, and the call lands meanwhile.
    story.wait(150);
    drop(story.world.perform(&step.effect));
    story.report(&look.key, seen);
    story.ends("aborted");
    assert_eq!(story.world.traffic, story.before);
}

#[test]
fn what_only_waits_makes_way_for_a_rollback_of_what_serves() {
    for cleared in [false, true] {
        let mut story = Story::begin();
        story.until("awaiting approval").approve("Ada");
        let step = until_planned(&mut story, "set-traffic");
        assert!(story.promotion.may_serve(), "it may be under way");
        story.report(&step.key, frozen());
        if cleared {
            story.report(&step.key, Report::Cleared);
        }
        assert!(!story.promotion.may_serve(), "{cleared}");
        let by = PromotionId::new("other");
        story.tell(Event::Displaced { by }).unwrap();
        story.ends("voided");
    }
    let mut story = Story::begin();
    story.until("awaiting approval").approve("Ada");
    past_a_step(&mut story);
    assert!(story.promotion.may_serve());
    let next = until_planned(&mut story, "set-traffic");
    story.report(&next.key, frozen());
    assert!(story.promotion.may_serve(), "it serves, whatever waits");
    let by = PromotionId::new("other");
    assert!(story.tell(Event::Displaced { by }).is_err());
}

#[test]
fn whoever_lost_the_role_meanwhile_takes_it_back() {
    // The endpoint shows it at the next look; or only after a look that did not, when it is to be planned anew.
    for found in [Report::Done(Outcome::TrafficSet), Report::Cleared] {
        let mut story = sent_and_died();
        let step = story.undone("set-traffic");
        story.report(&step.key, found);
        voters_leave(&mut story);
        story.ends("voided");
        assert_eq!(story.world.traffic, story.before);
    }
}

#[test]
fn what_got_all_the_traffic_while_its_step_waited_is_not_live_unless_those_who_agreed_still_may() {
    let mut story = Story::on(
        measured(&[Step::SetWeight(100)], OnDrift::Pause, 300),
        World::new(),
    );
    story.until("awaiting approval").approve("Ada");
    let step = until_planned(&mut story, "set-traffic");
    story.report(&step.key, frozen());
    drop(story.world.perform(&step.effect));
    let files = count(&story, "observe-manifest");
    story.report(&step.key, Report::Done(Outcome::TrafficSet));
    voters_leave(&mut story);
    assert_eq!(count(&story, "observe-manifest"), files + 1);
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
    assert!(due > story.now, "due for nothing, and again at once");
    story.now = due;
}

#[test]
fn what_is_given_back_behind_the_last_step_waits_for_a_freeze_without_being_looked_at_all_the_time()
{
    let mut route = measured(&[Step::SetWeight(100)], OnDrift::Pause, 300);
    route.deadlines.resume = Seconds(3600);
    let mut story = begun_on(route);
    let ours = story.world.traffic.clone();
    story.world.traffic = Traffic::all_to(&champion());
    let began = story.now;
    while story.now.duration_since(began).as_hours() < 3 {
        in_a_freeze(&mut story);
    }
    assert_eq!(story.world.traffic.of(&story.deployment()), 0);
    story.until("live");
    assert_eq!(story.world.traffic, ours);
    story.ends("finished");
}

#[test]
fn no_pause_and_no_bake_passes_while_what_others_took_is_not_given_back() {
    for steps in [
        RESTS_AT_TEN.to_vec(),
        vec![Step::SetWeight(100), Step::Bake(Seconds(3600))],
    ] {
        let mut story = past_the_first(&steps, OnDrift::Restore, 300);
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

/// Requests are copied, then comes `next`; somebody ends the copies, and what gives them back is planned.
fn copies_ended(next: &[Step]) -> (Story, Entry) {
    let steps = [&[Step::Mirror(20)], next].concat();
    let mut story = past_the_first(&steps, OnDrift::Restore, 300);
    story.world.mirror = None;
    let mut found = until_planned(&mut story, "set-traffic");
    if told(&story, &found.effect) != "set-traffic 0 %, 20 % copied" {
        perform(&mut story, &found);
        found = until_planned(&mut story, "set-traffic");
    }
    assert_eq!(told(&story, &found.effect), "set-traffic 0 %, 20 % copied");
    (story, found)
}

#[test]
fn copied_requests_that_others_have_ended_are_not_given_back_past_a_freeze() {
    let pause = [Step::Pause(Seconds(3600)), Step::SetWeight(100)];
    let step = [Step::SetWeight(10), Step::SetWeight(100)];
    for next in [&pause[..], &step] {
        let (mut story, restores) = copies_ended(next);
        assert!(story.promotion.begins_an_act(&restores));
        let planned = story.planned();
        let last = |until: usize, kind| planned[..until].iter().rposition(|one| *one == kind);
        let restores_at = last(planned.len(), "set-traffic").unwrap();
        let written_at = last(restores_at, "set-traffic");
        let asked_at = last(restores_at, "see-voters");
        assert!(asked_at > written_at, "{planned:?}");
        story.report(&restores.key, frozen());
        // It is tried as it was planned, so that nothing of what was found is forgotten.
        assert_eq!(story.report(&restores.key, Report::Cleared), 0);
        let restores = story.undone("set-traffic");
        perform(&mut story, &restores);
        let next = until_planned(&mut story, "set-traffic");
        let Effect::SetTraffic { expects, .. } = &next.effect else {
            panic!()
        };
        assert!(expects.is_some(), "whoever changes it next is heard");
        story.ends("finished");
    }
}

#[test]
fn what_others_do_while_a_restore_waits_is_not_overwritten_unasked() {
    let (mut story, restores) = copies_ended(&[Step::Pause(Seconds(3600)), Step::SetWeight(100)]);
    story.report(&restores.key, frozen());
    story.wait(3600);
    let by_hand = moved_by_hand(&mut story);
    story.report(&restores.key, Report::Cleared);
    let restores = story.undone("set-traffic");
    perform(&mut story, &restores);
    assert_eq!(story.world.traffic, Traffic::all_to(&by_hand));
    let drifted = story.promotion.stage().rollout().unwrap().drifted();
    let drift = &drifted.expect("it is found").drift;
    assert_eq!(drift.traffic, Traffic::all_to(&by_hand));
    assert_eq!(drift.expected.traffic, story.before);
    let copied = drift.expected.mirror.as_ref().map(|mirror| mirror.percent);
    assert_eq!(
        copied,
        Some(20),
        "what is wanted, not what was found before"
    );
    // The route says that it is set right.
    story.ends("finished");
}

#[test]
fn copies_that_others_have_changed_while_a_restore_waits_are_a_drift_of_their_own() {
    let (mut story, restores) = copies_ended(&[Step::Pause(Seconds(3600)), Step::SetWeight(100)]);
    story.report(&restores.key, frozen());
    let drifts = |story: &Story| {
        let rollout = story.promotion.stage().rollout().unwrap();
        rollout.drifted().map(|drifted| drifted.number)
    };
    story.world.mirror = Some(Mirror {
        deployment: story.deployment(),
        percent: 5,
    });
    story.report(&restores.key, Report::Cleared);
    let restores = story.undone("set-traffic");
    perform(&mut story, &restores);
    assert_eq!(drifts(&story), Some(2));
    story.ends("finished");
}

#[test]
fn what_measures_that_others_gave_the_candidate_traffic_takes_it_back_at_once() {
    let mut story = past_the_first(
        &[
            Step::Mirror(20),
            Step::Pause(Seconds(3600)),
            Step::SetWeight(100),
        ],
        OnDrift::Abort,
        300,
    );
    let shares = [(story.deployment(), 50), (champion(), 50)];
    story.world.traffic = Traffic::new(shares);
    let look = until_planned(&mut story, "measure");
    perform(&mut story, &look);
    story.due();
    assert_eq!(story.stage(), "rolling back", "no file is read before");
    story.ends("rolled back");
}

#[test]
fn voters_are_asked_after_before_each_time_that_copies_are_given_back() {
    let (mut story, restores) =
        copies_ended(&[Step::Pause(Seconds(36 * 3600)), Step::SetWeight(100)]);
    perform(&mut story, &restores);
    let before = count(&story, "see-voters");
    story.world.mirror = None;
    until_planned(&mut story, "set-traffic");
    assert_eq!(count(&story, "see-voters"), before + 1);
}

#[test]
fn copies_that_somebody_has_put_back_keep_no_pause_waiting() {
    let (mut story, restores) = copies_ended(&[Step::Pause(Seconds(3600)), Step::SetWeight(100)]);
    story.report(&restores.key, frozen());
    story.world.mirror = Some(Mirror {
        deployment: story.deployment(),
        percent: 20,
    });
    story.ends("finished");
}

#[test]
fn a_late_call_of_a_withdrawn_step_is_nobodys_will() {
    let mut story = past_the_first(
        &[Step::Mirror(20), Step::SetWeight(10), Step::SetWeight(100)],
        OnDrift::Abort,
        60,
    );
    let step = until_planned(&mut story, "set-traffic");
    story.report(&step.key, frozen());
    story.wait(900).report(&step.key, Report::Cleared);
    drop(story.world.perform(&step.effect));
    let look = until_planned(&mut story, "measure");
    perform(&mut story, &look);
    story.ends("finished");
}
