//! What Teams sends, read into our own types. Whatever is missing is missing, and nothing here fails louder than that.

use promotion::{Attempt, ClickId, PauseId, PersonId, PromotionId};
use serde::Deserialize;
use serde_json::Value;

/// All of a SHA-256.
const WHOLE_DIGEST: usize = 64;

/// What the token is held against, read before anything else is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Envelope {
    pub(super) service_url: String,
    pub(super) channel_id: String,
}

impl Envelope {
    /// What cannot be read names nothing, so no token fits it.
    pub(super) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }
}

/// A message of Teams.
#[derive(Debug)]
pub(super) enum Activity {
    /// No activity at all.
    Unreadable,
    /// Something that asks for nothing.
    Told,
    /// A click, or a card that asks to be made anew.
    Clicked(Box<Clicked>),
    /// A click that no card of ours makes.
    Unclear(&'static str),
}

/// A click on a card.
#[derive(Debug)]
pub(super) struct Clicked {
    /// Whom Teams names as who clicked.
    pub(super) person: PersonId,
    /// The tenants that it names, of the channel and of the conversation.
    pub(super) tenants: [String; 2],
    /// The thread.
    pub(super) conversation: String,
    /// The post whose card was clicked.
    pub(super) post: String,
    /// What is wanted.
    pub(super) wish: Wish,
    /// About which promotion.
    pub(super) id: PromotionId,
    /// What was typed.
    pub(super) comment: String,
}

/// What a button asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Yes to this question.
    Approve(Asked),
    /// No to it.
    Reject(Asked),
    /// On with the rollout, out of this pause.
    Resume(PauseId),
    /// The card as things are now.
    Refresh,
}

/// Which question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) attempt: Attempt,
    pub(super) digest: String,
    /// This click and no other.
    pub(super) click: ClickId,
}

impl Wish {
    /// The word for logs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Approve(_) => "approve",
            Self::Reject(_) => "reject",
            Self::Resume(_) => "resume",
            Self::Refresh => "refresh",
        }
    }
}

impl Activity {
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(json @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
            return Self::Unreadable;
        };
        if json["type"] != "invoke" || json["name"] != "adaptiveCard/action" {
            return Self::Told;
        }
        match clicked(&json) {
            Ok(clicked) => Self::Clicked(Box::new(clicked)),
            Err(why) => Self::Unclear(why),
        }
    }
}

fn clicked(json: &Value) -> Result<Clicked, &'static str> {
    let action = &json["value"]["action"];
    let data = &action["data"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let id = PromotionId::parse(&text(&data["promotion"])).ok_or("it names no promotion")?;
    // Nobody has clicked there: the card came into view.
    let wish = if json["value"]["trigger"] == "automatic" {
        Wish::Refresh
    } else {
        match text(&action["verb"]).as_str() {
            "approval.approve" => Wish::Approve(asked(json)?),
            "approval.reject" => Wish::Reject(asked(json)?),
            "rollout.resume" => {
                let pause = PauseId::parse(&text(&data["pause"])).ok_or("it names no pause")?;
                Wish::Resume(pause)
            }
            "approval.refresh" => Wish::Refresh,
            _ => return Err("its verb is not known"),
        }
    };
    Ok(Clicked {
        person: PersonId::new(text(&json["from"]["aadObjectId"]).to_ascii_lowercase()),
        tenants: [
            text(&json["channelData"]["tenant"]["id"]),
            text(&json["conversation"]["tenantId"]),
        ],
        conversation: text(&json["conversation"]["id"]),
        post: text(&json["replyToId"]),
        wish,
        id,
        comment: text(&data["comment"]),
    })
}

fn asked(json: &Value) -> Result<Asked, &'static str> {
    let data = &json["value"]["action"]["data"];
    let click = json["id"].as_str().and_then(ClickId::parse);
    let attempt = data["attempt"].as_u64().and_then(|n| u32::try_from(n).ok());
    let attempt = attempt
        .filter(|&number| number > 0)
        .ok_or("it names no attempt")?;
    let digest = data["digest"].as_str().unwrap_or_default();
    let hex = digest
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !hex || digest.len() != WHOLE_DIGEST {
        return Err("it names no whole digest");
    }
    Ok(Asked {
        attempt: Attempt::new(attempt),
        digest: digest.to_owned(),
        click: click.ok_or("it has no id of its own")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(verb: &str, trigger: &str, data: &Value) -> Activity {
        let activity = json!({
            "type": "invoke", "name": "adaptiveCard/action", "id": "f:1",
            "from": {"aadObjectId": "00000000-0000-4000-8000-00000000000B"},
            "value": {"trigger": trigger, "action": {"verb": verb, "data": data}},
        });
        Activity::read(activity.to_string().as_bytes())
    }

    #[test]
    fn only_a_whole_question_is_answered_and_only_by_a_person() {
        let digest = "a".repeat(64);
        let whole = json!({"promotion": "diabetes-2.r-0123456789", "attempt": 1, "digest": digest});
        let Activity::Clicked(clicked) = sent("approval.approve", "manual", &whole) else {
            panic!("it is whole");
        };
        assert_eq!(clicked.wish.name(), "approve");
        assert!(clicked.person.as_str().ends_with("00b"));
        let Activity::Clicked(clicked) = sent("approval.approve", "automatic", &whole) else {
            panic!("it is whole");
        };
        assert_eq!(clicked.wish, Wish::Refresh);
        for (key, value) in [
            ("promotion", json!(7)),
            ("attempt", json!(0)),
            ("attempt", json!(-1)),
            ("attempt", json!(1e30)),
            ("digest", json!("aaaa")),
            ("digest", json!("A".repeat(64))),
            ("digest", json!(null)),
        ] {
            let mut data = whole.clone();
            data[key] = value;
            let read = sent("approval.reject", "manual", &data);
            assert!(matches!(read, Activity::Unclear(_)), "{data}");
        }
        let read = sent("rollout.abort", "manual", &whole);
        assert!(matches!(read, Activity::Unclear(_)));
    }

    #[test]
    fn what_is_no_click_asks_for_nothing() {
        for (body, told) in [
            ("{\"type\":\"installationUpdate\"}", true),
            ("{\"type\":\"message\",\"text\":\"approve\"}", true),
            ("{\"type\":\"invoke\",\"name\":\"task/fetch\"}", true),
            ("[]", false),
            ("", false),
            ("\u{0}", false),
        ] {
            match Activity::read(body.as_bytes()) {
                Activity::Told => assert!(told, "{body}"),
                Activity::Unreadable => assert!(!told, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
        let deep = "[".repeat(100_000);
        assert!(matches!(
            Activity::read(deep.as_bytes()),
            Activity::Unreadable
        ));
        assert_eq!(Envelope::read(b"{\"serviceUrl\":7}").service_url, "");
    }
}
