//! What the question page's form might send, read as the page reads it: see [`crate::triggers::fuzz`].

use axum::body::{Body, Bytes};
use axum::extract::FromRequest as _;
use axum::http::Request;
use futures::FutureExt as _;
use promotion::{Attempt, PromotionId};

use super::{Answer, Form, Question, Says};
use crate::triggers::fuzz::inputs::{self, Chance};
use crate::triggers::fuzz::{Read, Tally, drive};

/// As many digits of the digest as the page's address has.
const DIGITS: usize = 16;

/// Addresses and bodies.
pub(in crate::triggers) fn forms(inputs: u32) -> Tally {
    let make = |chance: &mut Chance| {
        let path = "diabetes-2.diabetes-to-prod-4d6ec7970a~1~1b655f7ed5bde994";
        let path = match chance.below(3) {
            0 => String::from_utf8_lossy(&inputs::bytes(path.as_bytes(), chance)).into_owned(),
            1 if chance.once_in(4) => inputs::text(chance),
            _ => path.to_owned(),
        };
        let says = *chance.one_of(&["approve", "reject", "revoke", "override"]);
        let body = [
            ("decision", says),
            ("comment", "Better on every metric."),
            ("csrf", "1764142500.MAC-_"),
        ];
        (path, Bytes::from(inputs::form(&body, chance)))
    };
    drive(21, inputs, make, |(path, body)| read(path, body))
}

fn read(path: &str, body: &[u8]) -> Read {
    let question = Question::parse(path);
    let named = question.as_ref().map(|question| {
        assert_eq!(question.digest.len(), DIGITS);
        format!("{}~{}~{}", question.id, question.attempt, question.digest)
    });
    // Exactly what the address says, in the one way in which it can be said.
    assert_eq!(named.as_deref(), is_whole(path).then_some(path));
    let sent: Vec<_> = url::form_urlencoded::parse(body).collect();
    let of = |name: &str| {
        sent.iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_ref())
            .collect::<Vec<_>>()
    };
    let (decision, comment, csrf) = (of("decision"), of("comment"), of("csrf"));
    let once = decision.len() == 1 && comment.len() <= 1 && csrf.len() <= 1;
    let Some(answer) = form(body) else {
        assert!(!once, "a whole form is not read");
        return Read::Nothing;
    };
    assert!(once, "something is missing or stands there twice");
    assert_eq!(answer.decision, decision[0]);
    assert_eq!(answer.comment, comment.first().copied().unwrap_or_default());
    assert_eq!(answer.csrf, csrf.first().copied().unwrap_or_default());
    let pairs = [
        ("decision", &answer.decision),
        ("comment", &answer.comment),
        ("csrf", &answer.csrf),
    ];
    let again = form(inputs::written(&pairs).as_bytes());
    assert_eq!(format!("{again:?}"), format!("{:?}", Some(&answer)));
    match (question, Says::parse(&answer.decision)) {
        (Some(_), Some(Says::Vote(_))) => {
            assert!(["approve", "reject"].contains(&decision[0]));
            Read::Vote
        }
        (Some(_), Some(Says::Revoke | Says::Override | Says::Review)) => {
            assert!(["revoke", "override"].contains(&decision[0]));
            Read::Something
        }
        (None, _) | (_, None) => Read::Nothing,
    }
}

/// As the trigger takes it out of a request.
fn form(body: &[u8]) -> Option<Answer> {
    let request = Request::post("/api/approvals/x")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_vec()))
        .unwrap();
    let read = Form::<Answer>::from_request(request, &()).now_or_never();
    let Form(answer) = read.expect("all of it is here").ok()?;
    Some(answer)
}

/// Whether the address names a promotion, an attempt and the digest's first digits.
fn is_whole(path: &str) -> bool {
    let [id, attempt, digest] = path.split('~').collect::<Vec<_>>()[..] else {
        return false;
    };
    let number = attempt.parse().unwrap_or(0);
    PromotionId::parse(id).is_some()
        && number > 0
        && Attempt::new(number).to_string() == attempt
        && digest.len() == DIGITS
        && digest.bytes().all(|b| b"0123456789abcdef".contains(&b))
}
