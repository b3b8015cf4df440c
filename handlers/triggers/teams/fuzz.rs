//! What Teams might send, and what our own cards carry, read by [`Activity`]: see [`crate::triggers::fuzz`].

use axum::body::Bytes;
use jiff::Timestamp;
use promotion::{
    Aggregate as _, ClickId, Digest, Fact, Line, Notice, PersonId, Promotion, PromotionId, Stage,
};
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use super::activity::{Activity, Asked, Clicked, Envelope, Wish};
use crate::triggers::fuzz::inputs::{self, Chance};
use crate::triggers::fuzz::{Read, Tally, drive};
use crate::ui::{Links, bot_card, state_card};

/// Keys that say what a click is about.
const KEYS: &[&str] = &[
    "promotion",
    "attempt",
    "digest",
    "verb",
    "trigger",
    "data",
    "action",
    "value",
    "type",
    "name",
    "aadObjectId",
    "comment",
    "serviceUrl",
    "channelId",
    "id",
];
const ADA: &str = "00000000-0000-4000-8000-00000000000b";

/// Clicks on cards, whole activities changed anywhere.
pub(in crate::triggers) fn invoke(inputs: u32) -> Tally {
    let data = json!({"promotion": "diabetes-2.r-0123456789", "attempt": 1, "digest": "1b65".repeat(16), "comment": "fine"});
    let verbs = [
        "approval.approve",
        "approval.reject",
        "approval.refresh",
        "rollout.resume",
    ];
    let valid = verbs.map(|verb| match verb {
        "rollout.resume" => activity(
            verb,
            &json!({"promotion": "diabetes-2.r-0123456789", "pause": "1.2"}),
        ),
        _ => activity(verb, &data),
    });
    let make = |chance: &mut Chance| {
        let valid = chance.one_of(&valid).clone();
        Bytes::from(inputs::json(&valid, KEYS, chance))
    };
    drive(11, inputs, make, |body| read(body))
}

/// Clicks on the buttons of our cards, of which only the data is changed.
pub(in crate::triggers) fn card_data(inputs: u32) -> Tally {
    let buttons = buttons();
    let make = |chance: &mut Chance| {
        let (verb, data) = chance.one_of(&buttons);
        let mut data = data.clone();
        data["comment"] = json!(inputs::text(chance));
        // Into the text, for it may not be JSON any more.
        let changed = inputs::json(&data, KEYS, chance);
        let whole = activity(verb, &json!("DATA")).to_string();
        let (before, behind) = whole.split_once("\"DATA\"").unwrap();
        Bytes::from([before.as_bytes(), &changed, behind.as_bytes()].concat())
    };
    drive(12, inputs, make, |body| read(body))
}

/// Cards of promotions whose journals say something else than they said: what is drawn can be read back, and what its buttons
/// carry is exactly the question that is open.
pub(in crate::triggers) fn rendered(inputs: u32) -> Tally {
    let journals = journals();
    let make = |chance: &mut Chance| {
        let journal = chance.one_of(&journals);
        // Its beginning too: what was asked in a promotion that has ended is asked no more.
        let mut lines = journal[..=chance.below(journal.len())].to_vec();
        let changed = chance.below(lines.len());
        let fact = inputs::json(&lines[changed], KEYS, chance);
        lines[changed] = serde_json::from_slice(&fact).unwrap_or_default();
        let person = inputs::text(chance);
        (lines, *chance.one_of(NOTICES), person)
    };
    drive(13, inputs, make, |(lines, notice, person)| {
        // A journal that cannot be folded is refused, which is none of the cards' business.
        let Some(promotion) = promotion(lines) else {
            return Read::Nothing;
        };
        let cards = [
            bot_card(*notice, &promotion, &Digest::of(b"record"), &links()),
            state_card(&promotion, &PersonId::new(person.clone()), &links()),
        ];
        for card in cards {
            drawn(&card, &promotion);
        }
        Read::Something
    })
}

/// What has to hold of a card, whatever the names in it are.
fn drawn(card: &Value, promotion: &Promotion) {
    let written = card.to_string();
    assert!(written.len() <= 20_000, "{} bytes", written.len());
    let again: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(&again, card);
    let pinned = promotion.stage().pinned();
    for (verb, data) in executes(card) {
        let Activity::Clicked(clicked) =
            Activity::read(activity(&verb, &data).to_string().as_bytes())
        else {
            panic!("our own button is not understood: {verb} {data}");
        };
        assert_eq!(&clicked.id, promotion.id());
        match &clicked.wish {
            Wish::Approve(asked) | Wish::Reject(asked) => {
                assert_eq!(asked.attempt, promotion.attempt());
                assert_eq!(
                    Some(asked.digest.as_str()),
                    pinned.map(|pinned| pinned.digest.as_str())
                );
            }
            Wish::Resume(pause) => assert_eq!(Some(pause), promotion.pause().as_ref()),
            Wish::Refresh => panic!("no button asks for that"),
        }
    }
}

/// Reads a body twice, by the parser and by what a vote has to have.
fn read(body: &[u8]) -> Read {
    let json = serde_json::from_slice::<Value>(body).unwrap_or_default();
    // The token is held against the same words that are read afterwards, or against none.
    let envelope = Envelope::read(body);
    if json.is_object() {
        for (name, said) in [
            ("serviceUrl", &envelope.service_url),
            ("channelId", &envelope.channel_id),
        ] {
            assert!(said.is_empty() || json[name] == **said, "{name}");
        }
    }
    let action = &json["value"]["action"];
    let votes = is_whole(&json)
        && matches!(
            action["verb"].as_str(),
            Some("approval.approve" | "approval.reject")
        );
    match Activity::read(body) {
        Activity::Unreadable | Activity::Told | Activity::Unclear(_) => {
            assert!(!votes, "a whole vote is not read");
            Read::Nothing
        }
        Activity::Clicked(clicked) => {
            assert_eq!(
                clicked.comment,
                action["data"]["comment"].as_str().unwrap_or_default()
            );
            assert_eq!(clicked.id.as_str(), action["data"]["promotion"]);
            let again = Activity::read(written(&clicked).to_string().as_bytes());
            let Activity::Clicked(again) = again else {
                panic!("what was read cannot be read again: {clicked:?}");
            };
            assert_eq!(parts(&again), parts(&clicked));
            match &clicked.wish {
                Wish::Approve(asked) | Wish::Reject(asked) => {
                    assert!(votes, "it lacks something, and is a vote");
                    assert_eq!(action["data"]["attempt"], asked.attempt.number());
                    assert_eq!(action["data"]["digest"], asked.digest.as_str());
                    Read::Vote
                }
                Wish::Resume(_) | Wish::Refresh => {
                    assert!(!votes, "a whole vote is read as something else");
                    Read::Something
                }
            }
        }
    }
}

fn parts(clicked: &Clicked) -> (&PersonId, &[String; 2], [&str; 3], &Wish, &PromotionId) {
    let Clicked {
        person,
        tenants,
        conversation,
        post,
        wish,
        id,
        comment,
    } = clicked;
    (person, tenants, [conversation, post, comment], wish, id)
}

/// Whether a person clicked there and it names a promotion, an attempt and all of a digest.
fn is_whole(json: &Value) -> bool {
    let data = &json["value"]["action"]["data"];
    let text = |name: &str| data[name].as_str().unwrap_or_default();
    let (promotion, digest) = (text("promotion"), text("digest"));
    json.is_object()
        && json["type"] == "invoke"
        && json["name"] == "adaptiveCard/action"
        && json["value"]["trigger"] != "automatic"
        && json["id"].as_str().and_then(ClickId::parse).is_some()
        && (1..=200).contains(&promotion.len())
        && !promotion.starts_with('.')
        && promotion
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && data["attempt"]
            .as_u64()
            .is_some_and(|n| (1..=u64::from(u32::MAX)).contains(&n))
        && digest.len() == 64
        && digest.bytes().all(|b| b"0123456789abcdef".contains(&b))
}

/// A click as Teams sends it.
fn activity(verb: &str, data: &Value) -> Value {
    json!({
        "type": "invoke", "name": "adaptiveCard/action", "id": "f:1", "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/", "timestamp": "2026-11-23T07:15:02.000Z",
        "from": {"id": "29:1", "name": "Ada Approver", "aadObjectId": ADA},
        "conversation": {"isGroup": true, "conversationType": "channel", "tenantId": "t", "id": "19:c@thread.tacv2;messageid=1"},
        "replyToId": "1",
        "channelData": {"tenant": {"id": "t"}, "team": {"id": "19:t"}, "channel": {"id": "19:c@thread.tacv2"}},
        "value": {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"},
    })
}

/// What was read, as Teams would send it.
fn written(clicked: &Clicked) -> Value {
    let asked = |asked: &Asked| json!({"attempt": asked.attempt.number(), "digest": asked.digest});
    let (verb, mut data) = match &clicked.wish {
        Wish::Approve(question) => ("approval.approve", asked(question)),
        Wish::Reject(question) => ("approval.reject", asked(question)),
        Wish::Resume(pause) => ("rollout.resume", json!({"pause": pause.to_string()})),
        Wish::Refresh => ("approval.refresh", json!({})),
    };
    data["promotion"] = json!(clicked.id);
    data["comment"] = json!(clicked.comment);
    let mut activity = activity(verb, &data);
    activity["from"]["aadObjectId"] = json!(clicked.person);
    activity["channelData"]["tenant"]["id"] = json!(clicked.tenants[0]);
    activity["conversation"]["tenantId"] = json!(clicked.tenants[1]);
    activity["conversation"]["id"] = json!(clicked.conversation);
    activity["replyToId"] = json!(clicked.post);
    if let Wish::Approve(asked) | Wish::Reject(asked) = &clicked.wish {
        activity["id"] = json!(asked.click);
    }
    activity
}

fn links() -> Links {
    Links::new("https://liftlock.example")
}

/// The records of every kept promotion.
fn journals() -> Vec<Vec<Value>> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/promotion/tests/journals/format-4");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.retain(|file| !file.display().to_string().contains("intake-"));
    let lines = |file: &PathBuf| -> Vec<Value> {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    files.iter().map(lines).collect()
}

fn line(seq: usize, line: &Value) -> Option<Line<Fact>> {
    Some(Line {
        seq: u64::try_from(seq).ok()?,
        at: Timestamp::deserialize(&line["at"]).ok()?,
        hash: Digest::of(b"any"),
        fact: Fact::deserialize(&line["fact"]).ok()?,
    })
}

fn promotion(lines: &[Value]) -> Option<Promotion> {
    let lines = lines.iter().enumerate().map(|(seq, of)| line(seq, of));
    Promotion::replay(&lines.collect::<Option<Vec<_>>>()?).ok()
}

/// Verb and data of every button of a card.
fn executes(card: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    match card {
        Value::Object(members) => {
            if card["type"] == "Action.Execute" {
                found.push((
                    card["verb"].as_str().unwrap().to_owned(),
                    card["data"].clone(),
                ));
            }
            found.extend(members.values().flat_map(executes));
        }
        Value::Array(items) => found.extend(items.iter().flat_map(executes)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

/// The buttons that our cards have at any time of any promotion that was kept, each once.
fn buttons() -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = Vec::new();
    for lines in journals() {
        let mut promotion = promotion(&lines[..1]).expect("it was kept");
        for (seq, of) in lines.iter().enumerate().skip(1) {
            let line = line(seq, of).expect("it was kept");
            promotion.go_on(&[line]).expect("it was kept");
            let asks = matches!(promotion.stage(), Stage::AwaitingApproval { .. });
            if promotion.pause().is_none() && !asks {
                continue;
            }
            let card = state_card(&promotion, &PersonId::new("nobody"), &links());
            for button in executes(&card) {
                if !all.contains(&button) {
                    all.push(button);
                }
            }
        }
    }
    assert!(all.len() > 20, "{} buttons", all.len());
    all
}

/// Those whose cards have buttons, and some whose have none.
const NOTICES: &[Notice] = &[
    Notice::ApprovalAsked,
    Notice::Reminder,
    Notice::Escalated,
    Notice::Revoked,
    Notice::Paused,
    Notice::Inconclusive,
    Notice::Drifted,
    Notice::Blocked,
    Notice::Live,
    Notice::Stuck,
    Notice::Overridden,
];
