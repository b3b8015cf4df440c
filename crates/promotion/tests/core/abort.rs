//! A person stops it: in every stage, and while effects are under way.

use promotion::*;

use crate::sample::{operator, route};
use crate::story::Story;

const FORWARD: [&str; 6] = [
    "copy-files",
    "register-model",
    "create-endpoint",
    "create-deployment",
    "smoke-test",
    "recall-evidence",
];

#[test]
fn in_each_stage_with_nothing_planned_forwards_afterwards() {
    for stage in [
        "proposed",
        "gating",
        "awaiting approval",
        "copying",
        "registering",
        "waiting for target",
        "deploying",
        "testing",
        "shifting",
    ] {
        let mut story = Story::begin();
        story.step_to(stage).abort().unwrap();
        let planned = story.planned().len();
        story.ends("aborted");
        let after = story.planned().split_off(planned);
        assert!(
            !after.iter().any(|kind| FORWARD.contains(kind)),
            "{stage}: {after:?}"
        );
        if stage == "registering" {
            story.keep("aborted");
        }
    }
}

#[test]
fn is_refused_from_live_on() {
    for stage in ["live", "finishing", "finished"] {
        let mut story = Story::begin();
        story.step_to(stage);
        let refused = story.abort().unwrap_err();
        assert!(matches!(refused, Refused::NotNow { .. }));
    }
    let mut story = Story::begin();
    story.step_to("live");
    insta::assert_snapshot!(story.abort().unwrap_err(), @"`abort` is not possible while the promotion is live; use `roll back`");
}

#[test]
fn needs_a_role_and_a_reason() {
    let mut story = Story::begin();
    let mut by = crate::sample::operator();
    let reason = " \n".to_owned();
    let silent = story.tell(Event::Abort {
        by: by.clone(),
        reason,
        attempt: None,
    });
    insta::assert_snapshot!(silent.unwrap_err(), @"`abort` needs a reason: it is kept for whoever asks later");
    by.held.roles = vec![Role("Reader".to_owned())];
    let reason = "because".to_owned();
    let stranger = story.tell(Event::Abort {
        by,
        reason,
        attempt: None,
    });
    insta::assert_snapshot!(stranger.unwrap_err(), @"this needs one of the roles `Model.Approver`, and you hold `Reader`");
}

#[test]
fn every_effect_under_way_may_still_answer_anything() {
    let stages = [
        "gating",
        "copying",
        "registering",
        "waiting for target",
        "deploying",
        "testing",
        "shifting",
    ];
    for stage in stages {
        for steps in 0..4 {
            abort_races(stage, steps);
        }
    }
}

/// The abort is recorded while an effect is performed; its outcome arrives afterwards, however often.
fn abort_races(stage: &str, steps: usize) {
    let mut story = Story::begin();
    story.step_to(stage);
    for _ in 0..steps {
        story.due();
        let ready = story.promotion.ledger().ready(story.now).next().cloned();
        let Some(entry) = ready else { break };
        let report = story.world.perform(&entry.effect);
        story.report(&entry.key, report);
    }
    story.due();
    let under_way = story.promotion.ledger().undone().to_vec();
    if story.abort().is_err() {
        return;
    }
    for entry in &under_way {
        let report = story.world.perform(&entry.effect);
        story.report(&entry.key, report.clone());
        story.report(&entry.key, report);
    }
    story.ends("aborted");
    for entry in under_way {
        assert_eq!(
            story.report(&entry.key, Report::Done(Outcome::LeaseTaken)),
            0
        );
    }
}

#[test]
fn a_registration_under_way_is_recorded() {
    let mut story = Story::begin();
    let entry = story.step_to("registering").undone("register-model");
    story.abort().unwrap();
    story.report(&entry.key, Report::Done(Outcome::Registered));
    let recorded = |fact: &Fact| matches!(fact, Fact::Done { key, .. } if *key == entry.key);
    assert_eq!(story.facts().filter(|fact| recorded(fact)).count(), 1);
    assert_eq!(
        story.report(&entry.key, Report::Done(Outcome::Registered)),
        0
    );
    story.ends("aborted");
}

#[test]
fn a_copy_under_way_does_not_go_on() {
    let mut story = Story::begin();
    story.step_to("copying");
    story
        .world
        .answer_next("copy-files", Report::Retry(crate::sample::failure("503")));
    story.deliver();
    story.undone("copy-files");
    story.abort().unwrap();
    story.ends("aborted");
    assert_eq!(story.world.landed, None);
}

/// What was not known to be under way when somebody stopped it is not sent any more.
#[test]
fn nothing_is_tried_again_after_an_abort() {
    for (stage, kind) in [
        ("registering", "register-model"),
        ("deploying", "create-deployment"),
        ("shifting", "set-traffic"),
    ] {
        let mut story = Story::begin();
        story.step_to(stage);
        for _ in 0..20 {
            let refused = Report::Retry(crate::sample::failure("503"));
            story.world.answer_next(kind, refused);
        }
        for _ in 0..5 {
            if story
                .promotion
                .ledger()
                .undone()
                .iter()
                .any(|entry| entry.failures > 0)
            {
                break;
            }
            story.deliver();
        }
        let forward = story.undone(kind).key;
        story.abort().unwrap();
        assert_eq!(story.promotion.ledger().get(&forward), None, "{kind}");
        story.world.behave();
        story.ends("aborted");
    }
}

#[test]
fn what_was_said_of_one_attempt_never_meets_another() {
    let said = |shown: u32| {
        let (by, reason) = (operator(), "it smells".to_owned());
        let (pause, attempt) = (PauseId::parse("1.2").unwrap(), Some(Attempt::new(shown)));
        let (to, from) = ((by.clone(), reason.clone()), (by.clone(), reason.clone()));
        let (again, on) = (to.clone(), from.clone());
        [
            Event::Abort {
                by,
                reason,
                attempt,
            },
            Event::RollBack {
                by: to.0,
                reason: to.1,
                attempt,
            },
            Event::Resume {
                by: from.0,
                reason: from.1,
                pause,
                attempt,
            },
            Event::Reopen {
                by: again.0,
                reason: again.1,
                route: Box::new(route()),
                attempt,
            },
            Event::Replay {
                by: on.0,
                reason: on.1,
                attempt,
            },
        ]
    };
    let mut story = Story::begin();
    story.step_to("awaiting approval").abort().unwrap();
    story.ends("aborted");
    story.reopen().unwrap();
    story.step_to("awaiting approval");
    for event in said(1) {
        let refused = story.tell(event).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"this was said of attempt 1, and attempt 2 is on: it has been asked again since; look at it again, then say it anew");
        }
    }
    let [abort, ..] = said(3);
    insta::assert_snapshot!(story.tell(abort).unwrap_err(), @"this was said of attempt 3, and attempt 2 is on; look at it again, then say it anew");
    let [abort, ..] = said(2);
    story.tell(abort).unwrap();
    story.ends("aborted");
}
