//! Late answers: an approval is taken back, or overridden, once the quorum is complete, while the copy is held up, after the end.

use promotion::*;

use crate::consent::{asked, named, override_as, revoke_as};
use crate::sample::{failure, file, person};
use crate::story::Story;

/// The copy is held up by a freeze.
fn frozen(story: &mut Story) {
    let entry = story.undone("copy-files");
    let freeze = Failure::new(FROZEN, "the line is frozen by Olga: the year ends");
    story.report(&entry.key, Report::Waiting(freeze));
}

/// Goes on until its files are to be copied.
fn about_to_copy(story: &mut Story) {
    let to_copy = |story: &Story| {
        let undone = story.promotion.ledger().undone();
        undone
            .iter()
            .any(|entry| entry.effect.kind() == "copy-files")
    };
    while !to_copy(story) {
        let entry = story.promotion.ledger().ready(story.now).next().cloned();
        let entry = entry.expect("it goes on");
        let report = story.world.perform(&entry.effect);
        story.report(&entry.key, report);
    }
}

#[test]
fn what_was_agreed_to_in_time_is_overridden_however_long_a_freeze_lasts() {
    let mut story = asked(|rule| rule.overriders = vec![named("Break.Glass")]);
    story.wait(71 * 3600).approve("Ada");
    about_to_copy(&mut story);
    frozen(&mut story);
    story.wait(2 * 3600);
    override_as(&mut story, "Ben", "callers wait").unwrap();
    override_as(&mut story, "Cleo", "they do").unwrap();
    assert!(story.promotion.is_overridden());
    story.ends("finished");
    // A question that nobody has answered in time is over.
    let mut late = asked(|rule| rule.overriders = vec![named("Break.Glass")]);
    late.wait(73 * 3600);
    assert!(matches!(
        override_as(&mut late, "Ben", "callers wait"),
        Err(Refused::Expired { .. })
    ));
}

#[test]
fn a_copy_that_nobody_could_clear_has_not_begun_and_one_that_failed_has() {
    let agreed = || {
        let mut story = asked(|rule| rule.overriders = vec![named("Break.Glass")]);
        story.approve("Ada");
        about_to_copy(&mut story);
        story
    };
    let blip = |story: &mut Story| {
        let entry = story.undone("copy-files");
        let blip = Failure::new(CLEARANCE_UNKNOWN, "the storage does not answer");
        story.report(&entry.key, Report::Retry(blip));
    };
    for frozen_as_well in [false, true] {
        let mut story = agreed();
        blip(&mut story);
        if frozen_as_well {
            frozen(&mut story);
            blip(&mut story);
        }
        // Before it is copied everything is looked at again, so nobody copies behind the journal's back.
        let entry = story.undone("copy-files");
        assert!(story.promotion.looks_again_before(&entry));
        revoke_as(&mut story, "Ada", "wait").unwrap();
        assert_eq!(story.stage(), "awaiting approval");
    }
    // A try that failed may have left files behind, whatever holds it up since.
    let mut story = agreed();
    let entry = story.undone("copy-files");
    story.report(&entry.key, Report::Retry(failure("ServerBusy")));
    frozen(&mut story);
    let late = |story: &mut Story| {
        let too_late = revoke_as(story, "Ada", "wait");
        assert_eq!(too_late, Err(Refused::TooLateToRevoke));
    };
    late(&mut story);
    let held_up = story.undone("copy-files");
    story.report(&held_up.key, Report::Cleared);
    late(&mut story);
    // What is held up can be overridden all the same.
    about_to_copy(&mut story);
    frozen(&mut story);
    override_as(&mut story, "Ben", "callers wait").unwrap();
    about_to_copy(&mut story);
    let failed = Report::Failed(failure("Conflict"));
    story.world.answer_next("copy-files", failed);
    story.until("failed").replay().unwrap();
    late(&mut story);
    story.ends("finished");
}

#[test]
fn what_has_ended_without_a_copy_does_not_say_that_one_has_started() {
    let two = || {
        let mut story = asked(|rule| rule.min_approvals = 2);
        story.approve("Ada");
        story
    };
    let mut rejected = two();
    rejected.vote("Ben", VoteKind::Reject).unwrap();
    // While people are told of it, and after that.
    for stage in ["finishing", "rejected"] {
        assert_eq!(
            revoke_as(&mut rejected, "Ada", "no"),
            Err(Refused::Decided { stage })
        );
        rejected.ends("rejected");
    }
    let mut expired = two();
    expired.ends("expired");
    assert!(matches!(
        revoke_as(&mut expired, "Ada", "no"),
        Err(Refused::Expired { .. })
    ));
    let mut finished = asked(|_| {});
    finished.approve("Ada");
    finished.ends("finished");
    assert_eq!(
        revoke_as(&mut finished, "Ada", "no"),
        Err(Refused::Decided { stage: "finished" })
    );
}

#[test]
fn a_word_is_taken_back_after_a_failure_before_the_copy_and_whoever_has_it_go_on_asks_again() {
    let mut story = Story::begin();
    story
        .world
        .answer_next("see-voters", Report::Failed(failure("Gone")));
    story.step_to("failed");
    let back = |story: &mut Story, name: &str| {
        let digest = story.promotion.stage().pinned().unwrap().digest.clone();
        story.tell(Event::Revoke {
            by: person(name),
            reason: "on second thoughts".to_owned(),
            attempt: Attempt::FIRST,
            digest,
            round: None,
        })
    };
    assert_eq!(back(&mut story, "Ben"), Err(Refused::NothingToRevoke));
    back(&mut story, "Ada").unwrap();
    assert_eq!(story.stage(), "failed");
    assert!(matches!(story.facts().last(), Some(Fact::Closed { .. })));
    assert_eq!(back(&mut story, "Ada"), Err(Refused::NothingToRevoke));
    // Another one may have been asked about meanwhile: nothing begins, and nobody is reminded, before the turn is taken again.
    story.replay().unwrap();
    assert_eq!(story.stage(), "awaiting approval");
    story.world.turn = Some("somebody".to_owned());
    story.deliver();
    assert!(story.promotion.waits_for_turn());
    story.wait(25 * 3600).deliver();
    assert!(story.promotion.waits_for_turn());
    story.approve("Ben");
    story.deliver();
    assert_eq!(story.stage(), "awaiting approval");
    story.world.turn = None;
    story.wait(60);
    assert!(story.world.notices.contains(&Notice::Revoked));
    story.ends("finished");
    story.keep("finished-after-a-word-taken-back-from-a-failure");
}

#[test]
fn a_source_that_changes_while_it_is_copied_is_another_one_and_what_lands_beside_it_too() {
    let changed = Failure::new(SOURCE_CHANGED, "`MLmodel` changed while it was copied");
    let mut story = Story::begin();
    story
        .world
        .answer_next("copy-files", Report::Failed(changed));
    story.ends_quickly("voided");
    let strange = Outcome::ManifestSeen {
        manifest: Manifest::new(vec![file("MLmodel", "e1"), file("not-judged.py", "e2")]),
    };
    let mut story = Story::begin();
    story.step_to("copying");
    let landed = loop {
        story.due();
        let ready = story
            .promotion
            .ledger()
            .ready(story.now)
            .next()
            .cloned()
            .unwrap();
        let copied = story.planned().contains(&"copy-files");
        if copied && ready.effect.kind() == "observe-manifest" {
            break ready;
        }
        let report = story.world.perform(&ready.effect);
        story.report(&ready.key, report);
    };
    story.report(&landed.key, Report::Done(strange));
    story.ends("voided");
    let told = format!("{:?}", story.ending());
    assert!(told.contains("not-judged.py"), "{told}");
}
