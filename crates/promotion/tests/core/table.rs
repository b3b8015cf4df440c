//! The table: what every stage answers to every event.

use promotion::*;
use std::fmt::Write as _;

use crate::sample::{held, operator, person, role};
use crate::story::Story;

const STAGES: [&str; 13] = [
    "proposed",
    "gating",
    "awaiting approval",
    "copying",
    "registering",
    "waiting for target",
    "deploying",
    "testing",
    "shifting",
    "live",
    "rolling back",
    "finishing",
    "finished",
];

fn story_in(stage: &str) -> Story {
    let mut story = Story::begin();
    if stage == "rolling back" {
        story
            .step_to("shifting")
            .until("shifting")
            .roll_back()
            .unwrap();
    } else {
        story.step_to(stage);
    }
    story
}

fn events(story: &Story) -> Vec<Event> {
    let by = operator();
    let other = PromotionId::new("diabetes-3.other-0");
    let pinned = story.promotion.stage().pinned();
    let reason = || "because".to_owned();
    let key = story.promotion.ledger().undone().first().map_or_else(
        || serde_json::from_str("\"1.99.nothing\"").unwrap(),
        |entry| entry.key.clone(),
    );
    vec![
        Event::Due,
        Event::Performed {
            key,
            report: Box::new(Report::StillRunning),
        },
        Event::Vote {
            voter: Voter {
                person: person("Ben"),
                held: held(vec![role()]),
            },
            kind: VoteKind::Approve,
            comment: String::new(),
            attempt: Attempt::FIRST,
            digest: pinned.map_or(Digest::of(b""), |pinned| pinned.digest.clone()),
            frozen: None,
            click: None,
            round: None,
        },
        Event::Abort {
            by: by.clone(),
            reason: reason(),
            attempt: None,
        },
        Event::RollBack {
            by: by.clone(),
            reason: reason(),
            attempt: None,
        },
        Event::Resume {
            by: by.clone(),
            reason: reason(),
            pause: PauseId::parse("1.2").unwrap(),
            attempt: None,
        },
        Event::Reopen {
            by: by.clone(),
            reason: reason(),
            route: Box::new(story.promotion.route().clone()),
            attempt: None,
        },
        Event::Replay {
            by,
            reason: reason(),
            attempt: None,
        },
        Event::Overtaken { by: other.clone() },
        Event::Displaced { by: other.clone() },
        Event::Superseded {
            by: other,
            attempt: Attempt::FIRST,
        },
    ]
}

#[test]
fn what_every_stage_answers_to_every_event() {
    let mut table = String::new();
    for stage in STAGES {
        let story = story_in(stage);
        assert_eq!(story.stage(), stage);
        for event in events(&story) {
            let name = event.name();
            let answer = match story.promotion.decide(event, story.now) {
                Ok(_) => "legal".to_owned(),
                Err(refused) => format!("refused: {refused}"),
            };
            writeln!(table, "{stage:18} {name:10} {answer}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
