//! Clicks: each is heard once in an attempt, whatever has become of its answer since.

use promotion::*;

use crate::sample::{held, person, role, route};
use crate::story::Story;
use crate::world::World;

fn asked() -> Story {
    let mut route = route();
    route.approval.min_approvals = 2;
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval");
    story
}

fn click(story: &mut Story, name: &str, click: &str) -> Result<usize, Refused> {
    let pinned = story.promotion.stage().pinned().unwrap();
    let digest = pinned.digest.clone();
    story.tell(Event::Vote {
        voter: Voter {
            person: person(name),
            held: held(vec![role()]),
        },
        kind: VoteKind::Approve,
        comment: String::new(),
        attempt: story.promotion.attempt(),
        digest,
        frozen: None,
        click: ClickId::parse(click),
        round: None,
    })
}

fn revoke(story: &mut Story, name: &str) {
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    let revoked = story.tell(Event::Revoke {
        by: person(name),
        reason: "looked again".to_owned(),
        attempt: story.promotion.attempt(),
        digest,
        round: None,
    });
    revoked.unwrap();
}

#[test]
fn a_click_that_was_heard_is_not_heard_again_after_its_word_was_taken_back() {
    let mut story = asked();
    click(&mut story, "Ada", "f:1").unwrap();
    assert_eq!(click(&mut story, "Ada", "f:2"), Err(Refused::AlreadyVoted));
    revoke(&mut story, "Ada");
    let question = story.promotion.stage().question().unwrap();
    assert_eq!(question.took_back(&person("Ada")), 1);
    assert_eq!(question.took_back(&person("Ben")), 0);
    insta::assert_snapshot!(click(&mut story, "Ada", "f:1").unwrap_err(), @"this very click was heard before, so it changes nothing; answer anew where the question is asked");
    // Nor with another name on it.
    assert_eq!(click(&mut story, "Ben", "f:1"), Err(Refused::Heard));
    assert!(story.promotion.stage().votes().is_empty());
    click(&mut story, "Ada", "f:3").unwrap();
    click(&mut story, "Ben", "f:4").unwrap();
    assert_eq!(story.stage(), "copying");
    // After the question it is still known; a new one is late.
    assert_eq!(click(&mut story, "Ada", "f:1"), Err(Refused::Heard));
    assert!(matches!(
        click(&mut story, "Ada", "f:5"),
        Err(Refused::Decided { .. })
    ));
    // Taken back from a complete quorum, too.
    revoke(&mut story, "Ben");
    assert_eq!(click(&mut story, "Ben", "f:4"), Err(Refused::Heard));
    story.approve("Cleo");
    assert_eq!(story.stage(), "copying");
    story.ends("finished");
    story.keep("finished-by-clicks");
}

#[test]
fn whoever_has_taken_their_word_back_for_too_often_agrees_to_nothing_more() {
    let mut story = asked();
    for number in 0..20 {
        click(&mut story, "Ada", &format!("f:{number}")).unwrap();
        revoke(&mut story, "Ada");
    }
    let records = story.bytes().len();
    insta::assert_snapshot!(click(&mut story, "Ada", "f:20").unwrap_err(), @"you have taken your word back 20 times on this approval, so you cannot agree to it any more; somebody else has to");
    assert_eq!(story.bytes().len(), records);
    // Others go on, and a no is heard, for it is the last word.
    click(&mut story, "Ben", "f:21").unwrap();
    story.vote("Ada", VoteKind::Reject).unwrap();
    story.until("rejected").reopen().unwrap();
    story.until("awaiting approval");
    click(&mut story, "Ada", "f:22").unwrap();
}

#[test]
fn whoever_has_taken_an_override_back_too_often_overrides_no_more() {
    let mut route = route();
    route.approval.overriders = vec![Party::Role(role())];
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval");
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    let go_past = |story: &mut Story| {
        story.tell(Event::Override {
            by: Voter {
                person: person("Ada"),
                held: held(vec![role()]),
            },
            reason: "callers wait".to_owned(),
            attempt: Attempt::FIRST,
            digest: digest.clone(),
            round: None,
        })
    };
    for _ in 0..20 {
        go_past(&mut story).unwrap();
        revoke(&mut story, "Ada");
    }
    assert_eq!(go_past(&mut story), Err(Refused::TakenBackTooOften));
}

#[test]
fn the_next_attempt_asks_anew() {
    let mut story = asked();
    click(&mut story, "Ada", "f:1").unwrap();
    story.abort().unwrap();
    story.until("aborted").reopen().unwrap();
    story.until("awaiting approval");
    // An id is the channel's to give: what is old is told by its digest.
    click(&mut story, "Ada", "f:1").unwrap();
    assert_eq!(story.promotion.stage().votes().len(), 1);
}

#[test]
fn a_form_shown_before_its_word_was_taken_back_counts_no_more_whatever_it_sends() {
    let mut story = asked();
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    let attempt = story.promotion.attempt();
    let holder = || Voter {
        person: person("Ada"),
        held: held(vec![role(), Role("Break.Glass".to_owned())]),
    };
    let approve = |round| Event::Vote {
        voter: holder(),
        kind: VoteKind::Approve,
        comment: String::new(),
        attempt,
        digest: digest.clone(),
        frozen: None,
        click: None,
        round,
    };
    let revoke = |round| Event::Revoke {
        by: person("Ada"),
        reason: "looked again".to_owned(),
        attempt,
        digest: digest.clone(),
        round,
    };
    let go_past = |round| Event::Override {
        by: holder(),
        reason: "callers wait".to_owned(),
        attempt,
        digest: digest.clone(),
        round,
    };
    story.tell(approve(Some(0))).unwrap();
    story.tell(revoke(Some(0))).unwrap();
    for old in [approve(Some(0)), revoke(Some(0)), go_past(Some(0))] {
        assert_eq!(story.tell(old), Err(Refused::TakenBackSince));
    }
    // One that never was.
    assert_eq!(story.tell(approve(Some(2))), Err(Refused::TakenBackSince));
    story.tell(approve(Some(1))).unwrap();
    // What does not say what it was shown, for it was no form.
    story.tell(revoke(None)).unwrap();
    assert_eq!(story.tell(approve(Some(1))), Err(Refused::TakenBackSince));
}
