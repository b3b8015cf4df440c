//! What a decision by a program has to have: see [`crate::triggers::fuzz`].

use promotion::{Attempt, PromotionId};
use serde_json::{Value, json};

use super::super::fuzz::Sent;
use super::{Answered, SHORTEST_DIGEST, Says, WHOLE_DIGEST, attempt, digest};
use crate::identity::Sender;
use crate::triggers::fuzz::Read;

/// Reads it as the trigger does, and once more by what a vote has to have.
pub(in crate::triggers::api) fn decided(id: &str, sent: &Sent) -> Read {
    let Some((Sender::Json, answered)) = sent.read::<Answered>() else {
        return Read::Nothing;
    };
    let json: Value = serde_json::from_slice(&sent.body).expect("it was read");
    let written = json!({
        "decision": answered.decision, "digest": answered.digest, "attempt": answered.attempt, "comment": answered.comment,
    });
    for (name, value) in json.as_object().expect("nothing else is read") {
        assert_eq!(&written[name], value, "{name}");
    }
    let again: Answered = serde_json::from_value(written).unwrap();
    assert_eq!(format!("{again:?}"), format!("{answered:?}"));
    let asked = (
        PromotionId::parse(id),
        digest(&answered.digest).ok(),
        answered.attempt.map(attempt).transpose().ok(),
        Says::parse(&answered.decision),
    );
    let (Some(id), Some(digest), Some(attempt), Some(says)) = asked else {
        return Read::Nothing;
    };
    assert!(!id.as_str().is_empty());
    assert!((SHORTEST_DIGEST..=WHOLE_DIGEST).contains(&digest.len()));
    assert!(digest.bytes().all(|b| b"0123456789abcdef".contains(&b)));
    assert!(
        json["digest"]
            .as_str()
            .is_some_and(|sent| sent.trim() == digest)
    );
    // Absent means the one that is on, of which the digest has to be.
    assert_eq!(
        attempt,
        json["attempt"]
            .as_u64()
            .map(|n| Attempt::new(u32::try_from(n).unwrap()))
    );
    assert_ne!(attempt, Some(Attempt::new(0)));
    match says {
        Says::Vote(_) => {
            assert!(["approve", "reject"].contains(&json["decision"].as_str().unwrap()));
            Read::Vote
        }
        Says::Revoke | Says::Override | Says::Review => Read::Something,
    }
}
