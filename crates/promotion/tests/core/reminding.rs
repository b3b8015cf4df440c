//! A question that the channel does not take: posted for as long as it is open, and once.

use promotion::*;

use crate::sample::route;
use crate::story::Story;
use crate::world::World;

fn asked(remind_every: Option<Seconds>) -> Story {
    let mut route = route();
    route.approval.expires_after = Seconds(14 * 24 * 3600);
    route.approval.remind_every = remind_every;
    let mut story = Story::on(route, World::new());
    story.step_to("awaiting approval");
    story
}

/// What the channel has not taken.
fn untold(story: &Story) -> Vec<Entry> {
    let undone = story.promotion.ledger().undone().iter();
    let told = undone.filter(|entry| matches!(entry.effect, Effect::Notify { .. }));
    told.cloned().collect()
}

#[test]
fn a_question_is_posted_for_as_long_as_it_is_open_and_after_an_outage_once() {
    for remind_every in [None, Some(Seconds(3600))] {
        for away in [Report::Retry, Report::Failed] {
            let mut story = asked(remind_every);
            // Ten days, which is longer than any other message is tried for.
            for _ in 0..10 * 24 {
                story.wait(3600).due();
                let [entry] = &untold(&story)[..] else {
                    panic!("not one: {:#?}", story.promotion.ledger());
                };
                story.report(&entry.key, away(Failure::new("Unavailable", "503")));
                let trouble = untold(&story)[0].obstacle().cloned();
                assert!(trouble.is_some(), "the board says why");
                let next = story.promotion.next_due(story.now);
                assert!(next > Some(story.now), "it would spin");
            }
            // After hours in vain it is tried each hour.
            story.wait(3600).deliver();
            assert!(untold(&story).is_empty());
            assert_eq!(story.world.notices.len(), 1, "{:?}", story.world.notices);
            story.approve("Ada");
            story.ends("finished");
        }
    }
}

#[test]
fn what_is_told_in_another_channel_besides_is_given_up_in_the_end() {
    let mut route = route();
    route.approval.expires_after = Seconds(14 * 24 * 3600);
    route.approval.escalation = Some(Escalation {
        after: Seconds(5400),
        approvers: vec![Party::Role(Role("Head.Of.ML".to_owned()))],
        elsewhere: true,
    });
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval");
    story.wait(5400).due();
    let keys: Vec<_> = untold(&story).into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys.len(), 2, "in its own channel, and in the other one");
    story.wait(25 * 3600).due();
    let left: Vec<_> = untold(&story).into_iter().map(|entry| entry.key).collect();
    assert_eq!(left, keys[..1]);
}
