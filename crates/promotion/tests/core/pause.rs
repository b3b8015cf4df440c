//! Pauses: those that end by themselves, and those that a person ends.

use promotion::*;

use crate::sample::{operator, route};
use crate::story::Story;
use crate::world::World;

fn until_resumed() -> Story {
    let mut route = route();
    route.rollout.steps = vec![
        Step::SetWeight(10),
        Step::PauseUntilResumed,
        Step::SetWeight(50),
        Step::PauseUntilResumed,
        Step::SetWeight(100),
    ];
    let mut story = Story::on(route, World::new());
    story.step_to("shifting").until("shifting").deliver();
    story
}

pub(crate) fn resume(story: &mut Story) -> Result<usize, Refused> {
    let shown = story.promotion.pause().map(|pause| pause.to_string());
    resume_this(story, shown.as_deref().unwrap_or("1.2"))
}

fn resume_this(story: &mut Story, pause: &str) -> Result<usize, Refused> {
    story.tell(Event::Resume {
        by: operator(),
        reason: "it looks well".to_owned(),
        pause: PauseId::parse(pause).unwrap(),
        attempt: None,
    })
}

fn asked(story: &Story) -> usize {
    let paused = |notice: &&Notice| **notice == Notice::Paused;
    story.world.notices.iter().filter(paused).count()
}

#[test]
fn a_person_ends_each_pause_and_is_asked_once_for_each() {
    let mut story = until_resumed();
    for (weight, times) in [(10, 1), (50, 2)] {
        story.wait(24 * 3600).deliver();
        assert_eq!(story.world.traffic.of(&story.deployment()), weight);
        assert_eq!(asked(&story), times);
        resume(&mut story).unwrap();
        story.deliver();
    }
    story.ends("finished");
    assert_eq!(asked(&story), 2);
    story.keep("finished-after-pauses");
}

/// A second click, or an answer that was lost, never ends the next pause.
#[test]
fn only_the_pause_that_was_shown_is_ended() {
    let mut story = until_resumed();
    resume_this(&mut story, "1.2").unwrap();
    story.deliver();
    assert_eq!(story.world.traffic.of(&story.deployment()), 50);
    for other in ["1.2", "2.4", "1.5"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(resume_this(&mut story, other).unwrap_err(), @"`resume` is not possible while the promotion is shifting, and this pause is over; look at the page again");
        }
    }
    resume_this(&mut story, "1.4").unwrap();
    story.ends("finished");
    assert!(
        ["", "1", "1.0", "x.2", "1.-2"]
            .iter()
            .all(|text| PauseId::parse(text).is_none())
    );
}

#[test]
fn nobody_is_waited_for_for_ever() {
    let mut story = until_resumed();
    let began = story.now;
    story.ends("rolled back");
    let days = (story.now - began).get_seconds() / (24 * 3600);
    assert_eq!(days, 7);
    let Ending::RolledBack { cause } = story.ending() else {
        panic!("{:?}", story.ending());
    };
    assert!(
        matches!(cause, WayBackCause::StepFailed { failure } if failure.code == "NobodyResumed")
    );
}

#[test]
fn a_pause_with_a_duration_can_be_ended_earlier() {
    let mut story = Story::begin();
    story.step_to("shifting").until("shifting").deliver();
    let began = story.now;
    resume(&mut story).unwrap();
    story.until("live");
    assert!((story.now - began).get_seconds() < 600);
}

#[test]
fn only_a_pause_can_be_ended() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    insta::assert_snapshot!(resume(&mut story).unwrap_err(), @"`resume` is not possible while the promotion is awaiting approval, only in a pause");
    let mut story = until_resumed();
    resume(&mut story).unwrap();
    insta::assert_snapshot!(resume(&mut story).unwrap_err(), @"`resume` is not possible while the promotion is shifting, only in a pause");
    story.abort().unwrap();
    story.ends("aborted");
}

#[test]
fn it_needs_a_role_and_a_reason() {
    let mut story = until_resumed();
    let by = Operator {
        held: Held::default(),
        ..operator()
    };
    let pause = story.promotion.pause().unwrap();
    let nobody = Event::Resume {
        by,
        reason: "because".to_owned(),
        pause,
        attempt: None,
    };
    assert!(matches!(
        story.tell(nobody),
        Err(Refused::RoleMissing { .. })
    ));
    let silent = Event::Resume {
        by: operator(),
        reason: " ".to_owned(),
        pause,
        attempt: None,
    };
    assert!(matches!(
        story.tell(silent),
        Err(Refused::ReasonMissing { .. })
    ));
}
