//! Asking again: `reopen` from every ending starts the next attempt; `replay` goes on after a failure.

use promotion::*;

use crate::sample::{failure, file, person, route};
use crate::story::Story;
use crate::world::World;

/// A promotion at each of its ends.
fn ended(ending: &str) -> Story {
    let mut story = Story::begin();
    match ending {
        "blocked" => {
            let gates = vec![crate::sample::rmse_below(1.0)];
            story = Story::on(Route { gates, ..route() }, World::new());
        }
        "failed" => story
            .world
            .answer_next("observe-target", Report::Failed(failure("Gone"))),
        "expired" => {}
        "rejected" => {
            story.until("awaiting approval");
            story.vote("Ada", VoteKind::Reject).unwrap();
        }
        "voided" => {
            story.until("awaiting approval");
            let place = Manifest::new(vec![file("MLmodel", "e9")]);
            let manifest = std::mem::replace(&mut story.world.manifest, place);
            story.approve("Ada");
            story.ends(ending);
            story.world.manifest = manifest;
        }
        "superseded" | "refused" => {
            let by = PromotionId::new("diabetes-3.other-0");
            let outcome = match ending {
                "refused" => Outcome::TurnRefused { by },
                _ => Outcome::TurnSuperseded { by },
            };
            story.world.answer_next("take-turn", Report::Done(outcome));
        }
        "aborted" => drop(story.step_to("deploying").abort()),
        "rolled back" => drop(story.step_to("live").roll_back()),
        "finished" => drop(story.step_to("live")),
        other => unreachable!("{other}"),
    }
    story.ends(ending);
    story
}

#[test]
fn starts_the_next_attempt_from_every_ending() {
    for ending in [
        "blocked",
        "rejected",
        "expired",
        "superseded",
        "refused",
        "voided",
        "aborted",
        "failed",
        "rolled back",
        "finished",
    ] {
        let mut story = ended(ending);
        let deployment = story.deployment();
        let digest = story
            .promotion
            .stage()
            .pinned()
            .map(|pinned| pinned.digest.clone());
        let mut route = Box::new(story.promotion.route().clone());
        route.gates = vec![];
        let reopened = Event::Reopen {
            by: crate::sample::operator(),
            reason: "again".to_owned(),
            route,
            attempt: None,
        };
        story.tell(reopened).unwrap();
        assert_eq!(story.promotion.attempt(), Attempt::new(2), "{ending}");
        assert_ne!(story.deployment(), deployment);
        story.before = story.world.traffic.clone();
        story.until("awaiting approval").approve("Ada");
        assert_ne!(
            story
                .promotion
                .stage()
                .pinned()
                .map(|pinned| pinned.digest.clone()),
            digest
        );
        story.ends("finished");
        check_keys(&story);
    }
}

/// No effect's key is used twice, in whatever attempt.
fn check_keys(story: &Story) {
    let mut keys: Vec<&str> = story
        .facts()
        .filter_map(|fact| match fact {
            Fact::Planned { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let planned = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), planned);
}

#[test]
fn bytes_that_changed_since_the_first_attempt_are_inconclusive() {
    let mut story = ended("rejected");
    story.world.manifest = Manifest::new(vec![file("MLmodel", "e1"), file("model.json", "e3")]);
    story.reopen().unwrap();
    story.ends("blocked");
    let Ending::Blocked { verdicts } = story.ending() else {
        panic!()
    };
    let changed = VerdictResult::Inconclusive(Why::BytesChanged {
        since: "2026-11-23T07:00:00Z".parse().unwrap(),
    });
    assert!(verdicts.iter().all(|verdict| verdict.result == changed));
}

#[test]
fn bytes_that_changed_are_not_asked_about_even_without_gates() {
    let mut story = Story::on(
        Route {
            gates: vec![],
            ..route()
        },
        World::new(),
    );
    story.until("awaiting approval");
    story.vote("Ada", VoteKind::Reject).unwrap();
    story.ends("rejected");
    story.world.manifest = Manifest::new(vec![file("MLmodel", "other")]);
    story.reopen().unwrap();
    story.ends("voided");
}

#[test]
fn replay_goes_on_after_a_failed_copy_or_registration() {
    for kind in [
        "copy-files",
        "register-model",
        "create-endpoint",
        "observe-candidate",
    ] {
        let world = if kind == "create-endpoint" {
            World::empty()
        } else {
            World::new()
        };
        let mut story = Story::on(route(), world);
        story
            .world
            .answer_next(kind, Report::Failed(failure("Conflict")));
        story.step_to("failed");
        story.check_target();
        story.replay().unwrap();
        assert_eq!(story.promotion.attempt(), Attempt::FIRST);
        if kind == "observe-candidate" {
            story.until("awaiting approval").approve("Ada");
        }
        story.ends("finished");
        check_keys(&story);
        if kind == "copy-files" {
            story.keep("finished-after-replay");
        }
    }
}

#[test]
fn replay_copies_what_an_incomplete_copy_left_out() {
    let mut story = Story::begin();
    story
        .world
        .answer_next("copy-files", Report::Done(Outcome::Copied));
    story.step_to("failed");
    story.keep("failed");
    story.replay().unwrap();
    // Something was copied: it is too late to take an approval back.
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    let back = story.tell(Event::Revoke {
        by: person("Ada"),
        reason: "on second thoughts".to_owned(),
        attempt: Attempt::FIRST,
        digest,
        round: None,
    });
    assert_eq!(back, Err(Refused::TooLateToRevoke));
    story.ends("finished");
}

#[test]
fn three_attempts_stand_in_one_journal() {
    let mut story = Story::begin();
    story.until("awaiting approval");
    story.vote("Ada", VoteKind::Reject).unwrap();
    story.ends("rejected").reopen().unwrap();
    story.until("awaiting approval").approve("Ada");
    story.until("shifting").roll_back().unwrap();
    story.ends("rolled back").reopen().unwrap();
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    assert_eq!(story.promotion.attempt(), Attempt::new(3));
    story.keep("finished-in-attempt-3");
}

#[test]
fn replay_is_refused_once_the_votes_have_expired() {
    let mut story = Story::begin();
    story
        .world
        .answer_next("copy-files", Report::Failed(failure("Conflict")));
    story.step_to("failed").wait(73 * 3600);
    insta::assert_snapshot!(story.replay().unwrap_err(), @"the approval of this attempt expired at 2026-11-26T07:00:00Z, so it cannot go on; `reopen` asks again");
}

#[test]
fn replay_is_refused_from_every_other_ending() {
    for ending in [
        "blocked",
        "rejected",
        "expired",
        "superseded",
        "refused",
        "voided",
        "aborted",
        "rolled back",
        "finished",
    ] {
        let refused = ended(ending).replay().unwrap_err();
        assert!(
            matches!(refused, Refused::NotNow { .. }),
            "{ending}: {refused}"
        );
    }
    insta::assert_snapshot!(ended("rejected").replay().unwrap_err(), @"`replay` is not possible while the promotion is rejected; only a failed promotion goes on where it stopped, any other is asked for again with `reopen`");
}

#[test]
fn a_promotion_that_replaces_its_own_earlier_attempt_tells_nobody() {
    let mut story = ended("finished");
    let first = story.deployment();
    let id = story.promotion.id().clone();
    story.world.deployments.get_mut(&first).unwrap().promotion = Some(id);
    let route = Box::new(Route {
        gates: vec![],
        ..route()
    });
    let reopened = Event::Reopen {
        by: crate::sample::operator(),
        reason: "again".to_owned(),
        route,
        attempt: None,
    };
    story.tell(reopened).unwrap();
    story.step_to("live").ends("finished");
    assert!(story.world.told.is_empty());
    assert!(!story.world.deployments.contains_key(&first));
}
