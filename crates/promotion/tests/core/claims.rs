//! Claims: how long a turn lasts, who goes before whom, and what a candidate does about one that came before it.

use promotion::*;

use crate::sample::{candidate, person, route};
use crate::story::Story;
use crate::turns::{RULES, superseded, waiting};

/// One just opened.
fn opened(model: &str, version: &str, cause: Cause, minute: i8) -> Promotion {
    let opening = Opening {
        candidate: Candidate {
            model: ModelName::new(model),
            version: ModelVersion::new(version),
            ..candidate()
        },
        route: route(),
        cause,
    };
    let at = format!("2026-11-23T07:{minute:02}:00Z").parse().unwrap();
    let (_, lines) = Chain::begin(opening.id().as_str()).extend(&[opening.fact()], at, "n");
    Promotion::replay(&lines).unwrap()
}

fn by_event() -> Cause {
    Cause::Event {
        key: "2026-11-23/0123".to_owned(),
        again: None,
    }
}

fn by_hand() -> Cause {
    Cause::Person {
        by: person("Olga"),
        reason: "now".to_owned(),
    }
}

#[test]
fn a_claim_lasts_until_it_is_live_or_closed() {
    let claims = [
        ("proposed", Claim::Firm),
        ("gating", Claim::Firm),
        ("awaiting approval", Claim::Open),
        ("copying", Claim::Firm),
        ("registering", Claim::Firm),
        ("waiting for target", Claim::Firm),
        ("deploying", Claim::Firm),
        ("testing", Claim::Firm),
        ("shifting", Claim::Firm),
        ("live", Claim::Over),
        ("finishing", Claim::Over),
        ("finished", Claim::Over),
    ];
    for (stage, claim) in claims {
        let mut story = Story::begin();
        story.step_to(stage);
        assert_eq!(story.promotion.claim(Attempt::FIRST), claim, "{stage}");
        let another = Attempt::FIRST.next();
        assert_eq!(story.promotion.claim(another), Claim::Over, "{stage}");
    }
    assert_eq!(waiting().promotion.claim(Attempt::FIRST), Claim::Open);
    let mut back = Story::begin();
    back.step_to("live").roll_back().unwrap();
    assert_eq!(back.promotion.claim(Attempt::FIRST), Claim::Firm);
    let mut aborted = Story::begin();
    aborted.until("awaiting approval").abort().unwrap();
    assert_eq!(aborted.stage(), "finishing");
    // Only its card is still to be posted.
    assert_eq!(aborted.promotion.claim(Attempt::FIRST), Claim::Over);
}

/// What one opened for a version does about a story's promotion, under each rule.
fn met(version: &str, other: &Promotion) -> [Meeting; 3] {
    let newcomer = opened("diabetes", version, by_event(), 30);
    RULES.map(|rule| meet(&newcomer, rule, other, Attempt::FIRST))
}

#[test]
fn the_newcomers_rule_decides() {
    use Meeting::{IsRefused, IsSuperseded, Passes, Supersedes, Waits};
    let mut asked = Story::begin();
    asked.until("awaiting approval");
    for open in [&asked.promotion, &waiting().promotion] {
        assert_eq!(met("3", open), [Supersedes, Waits, IsRefused]);
        assert_eq!(met("1", open), [IsSuperseded, Waits, IsRefused]);
    }
    for stage in ["gating", "copying", "waiting for target", "shifting"] {
        let mut story = Story::begin();
        story.step_to(stage);
        for version in ["1", "3"] {
            let met = met(version, &story.promotion);
            assert_eq!(met, [Waits, Waits, IsRefused], "{version} meets {stage}");
        }
    }
    for stage in ["live", "finished"] {
        let mut story = Story::begin();
        story.step_to(stage);
        assert_eq!(met("1", &story.promotion), [Passes; 3], "{stage}");
    }
}

#[test]
fn whom_it_has_superseded_is_in_nobodys_way() {
    let newcomer = opened("diabetes", "3", by_event(), 30);
    let mut story = Story::begin();
    story.until("awaiting approval");
    superseded(&mut story, newcomer.id().clone()).unwrap();
    assert_eq!(story.stage(), "finishing");
    assert_eq!(met("3", &story.promotion), [Meeting::Passes; 3]);
    assert_eq!(met("4", &story.promotion), [Meeting::Passes; 3]);
}

#[test]
fn of_two_candidates_one_outranks_the_other() {
    let reopened = {
        let mut story = Story::begin();
        story.until("awaiting approval").abort().unwrap();
        story.until("aborted").reopen().unwrap();
        story.promotion
    };
    let event = |version: &str, minute| opened("diabetes", version, by_event(), minute);
    let hand = |version: &str, minute| opened("diabetes", version, by_hand(), minute);
    let pairs = vec![
        (event("3", 1), event("2", 2), "the higher number"),
        (event("10", 1), event("9", 2), "a number, not a text"),
        (
            event("100000000000000000000000000000000000000001", 1),
            event("99999999999999999999999999999999999999999", 2),
            "a number of any length",
        ),
        (event("007", 2), event("7", 1), "the later of equal numbers"),
        (
            event("2b", 2),
            event("3", 1),
            "the later where one is no number",
        ),
        (
            opened("other", "1", by_event(), 2),
            event("3", 1),
            "the later of two models",
        ),
        (hand("2", 1), event("3", 2), "one that a person started"),
        (
            reopened.clone(),
            event("3", 30),
            "one that a person reopened",
        ),
        (
            hand("3", 1),
            reopened,
            "the higher of two that persons asked for",
        ),
    ];
    for (winner, loser, why) in pairs {
        assert!(winner.outranks(&loser), "{why}");
        assert!(!loser.outranks(&winner), "{why}");
        assert!(!winner.outranks(&winner));
    }
    // Opened in the same moment, one still goes first.
    let (one, other) = (event("a", 1), event("b", 1));
    assert_ne!(one.outranks(&other), other.outranks(&one));
}
