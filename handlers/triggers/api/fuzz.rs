//! Verbs, freezes and decisions as forms and as JSON, read as the API reads them: see [`crate::triggers::fuzz`].

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use promotion::PauseId;
use serde_json::{Value, json};

use super::decisions::fuzz::decided;
use super::write::read;
use crate::identity::Sender;
use crate::triggers::freeze::{FreezeWish, LiftWish, scope_json};
use crate::triggers::fuzz::inputs::{self, Chance};
use crate::triggers::fuzz::{Read, Tally, drive};
use crate::triggers::verb::Wish;

/// Types of content: the two that are read, and some that only look like them.
const KINDS: &[&str] = &[
    "application/json",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-8",
    "text/plain",
    "application/json, text/plain",
    "",
];

/// A body under its type.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) kind: &'static str,
    pub(super) body: Bytes,
}

impl Sent {
    /// The same as JSON or as a form, changed.
    pub(super) fn make(
        json: &Value,
        form: &[(&str, &str)],
        keys: &[&str],
        chance: &mut Chance,
    ) -> Self {
        let as_form = chance.once_in(2);
        let body = if as_form {
            inputs::form(form, chance)
        } else {
            inputs::json(json, keys, chance)
        };
        let kind = match chance.below(8) {
            0 => *chance.one_of(KINDS),
            _ => KINDS[usize::from(as_form)],
        };
        let body = Bytes::from(body);
        Self { kind, body }
    }

    pub(super) fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(self.kind))])
    }

    pub(super) fn read<T: serde::de::DeserializeOwned>(&self) -> Option<(Sender, T)> {
        let read = read::<T>(&self.headers(), &self.body, "{}").ok()?;
        let kind = match read.0 {
            Sender::Json => "application/json",
            Sender::Form => "application/x-www-form-urlencoded",
        };
        assert_eq!(self.kind.split(';').next(), Some(kind));
        Some(read)
    }

    /// The pairs, if no name stands there twice.
    fn pairs(&self, sender: Sender) -> Option<Value> {
        match sender {
            Sender::Json => serde_json::from_slice(&self.body).ok(),
            Sender::Form => {
                let mut pairs = serde_json::Map::new();
                for (name, value) in url::form_urlencoded::parse(&self.body) {
                    let before = pairs.insert(name.into_owned(), value.into_owned().into());
                    if before.is_some() {
                        return None;
                    }
                }
                Some(pairs.into())
            }
        }
    }
}

/// Bodies of verbs, of freezes, of their end.
pub(in crate::triggers) fn wishes(inputs: u32) -> Tally {
    const REASON: &str = "The pipeline is broken.";
    let make = |chance: &mut Chance| match chance.below(3) {
        0 => {
            let form = [
                ("reason", REASON),
                ("pause", "1.2"),
                ("csrf", "1764142500.MAC-_"),
            ];
            let json = json!({"reason": REASON, "pause": "1.2"});
            (
                "verb",
                Sent::make(&json, &form, &["reason", "pause", "csrf"], chance),
            )
        }
        1 => {
            let form = [
                ("scope", "stage:prod"),
                ("reason", REASON),
                ("for", "4h"),
                ("csrf", "1764142500.MAC-_"),
            ];
            let json = json!({"scope": {"stage": "prod"}, "reason": REASON, "until": "2026-11-24T07:00:00Z"});
            (
                "freeze",
                Sent::make(
                    &json,
                    &form,
                    &["scope", "stage", "model", "until", "for"],
                    chance,
                ),
            )
        }
        _ => {
            let form = [("reason", REASON), ("csrf", "1764142500.MAC-_")];
            (
                "lift",
                Sent::make(
                    &json!({"reason": REASON}),
                    &form,
                    &["reason", "csrf"],
                    chance,
                ),
            )
        }
    };
    drive(31, inputs, make, |(what, sent)| match *what {
        "verb" => verb(sent),
        "freeze" => freeze(sent),
        _ => lift(sent),
    })
}

/// What is asked to be decided.
pub(in crate::triggers) fn decisions(inputs: u32) -> Tally {
    let digest = "1b65".repeat(16);
    let make = |chance: &mut Chance| {
        let digest = &digest[..*chance.one_of(&[11, 12, 16, 63, 64])];
        let says = *chance.one_of(&["approve", "reject", "revoke", "override"]);
        let json = json!({"decision": says, "digest": digest, "attempt": 1, "comment": "fine"});
        let form = [("decision", says), ("digest", digest), ("comment", "fine")];
        let id = match chance.below(5) {
            0 => inputs::text(chance),
            _ => "diabetes-2.r-0123456789".to_owned(),
        };
        (
            id,
            Sent::make(
                &json,
                &form,
                &["decision", "digest", "attempt", "comment"],
                chance,
            ),
        )
    };
    drive(32, inputs, make, |(id, sent)| decided(id, sent))
}

/// A text of the body as it was read: what is absent is empty.
fn same(pairs: &Value, name: &str, read: &str) {
    assert_eq!(pairs[name].as_str().unwrap_or_default(), read, "{name}");
}

/// Nothing but these keys, each once.
fn only(pairs: &Value, keys: &[&str]) {
    let pairs = pairs.as_object().expect("nothing else is read");
    let strange = pairs.keys().find(|key| !keys.contains(&key.as_str()));
    assert_eq!(strange, None);
}

fn verb(sent: &Sent) -> Read {
    let Some((sender, wish)) = sent.read::<Wish>() else {
        return Read::Nothing;
    };
    let pairs = sent.pairs(sender).expect("each is there once");
    only(&pairs, &["reason", "pause", "csrf"]);
    same(&pairs, "reason", &wish.reason);
    same(&pairs, "pause", &wish.pause);
    same(&pairs, "csrf", &wish.csrf);
    if let Some(pause) = PauseId::parse(&wish.pause) {
        assert_eq!(PauseId::parse(&pause.to_string()), Some(pause));
    }
    Read::Something
}

fn freeze(sent: &Sent) -> Read {
    let Some((sender, wish)) = sent.read::<FreezeWish>() else {
        return Read::Nothing;
    };
    let pairs = sent.pairs(sender).expect("each is there once");
    only(&pairs, &["scope", "reason", "until", "for", "csrf"]);
    same(&pairs, "reason", &wish.reason);
    same(&pairs, "for", wish.lasting());
    same(&pairs, "csrf", &wish.csrf);
    // A scope that nobody named is never all of it.
    let scope = scope_json(&wish.scope.0);
    let sent = match pairs["scope"].as_str() {
        Some("everything") => json!({}),
        Some(text) => {
            let (kind, name) = text.split_once(':').expect("else it is no scope");
            json!({ kind: name })
        }
        None => pairs["scope"].clone(),
    };
    assert_eq!(scope, sent);
    Read::Something
}

fn lift(sent: &Sent) -> Read {
    let Some((sender, wish)) = sent.read::<LiftWish>() else {
        return Read::Nothing;
    };
    let pairs = sent.pairs(sender).expect("each is there once");
    only(&pairs, &["reason", "csrf"]);
    same(&pairs, "reason", &wish.reason);
    same(&pairs, "csrf", &wish.csrf);
    Read::Something
}
