//! The activity that Teams sends to a bot when somebody clicks in its card, field by field as it was recorded.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::members::Member;
use super::threads::Post;
use crate::identity::Identity;

/// Whose doing an invoke is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// Somebody has clicked.
    Manual,
    /// The card has come into view, and asks to be made anew.
    Automatic,
}

/// What is done in a card.
pub(super) struct Deed<'a> {
    pub(super) title: &'a str,
    pub(super) verb: &'a str,
    /// What the action carries, the inputs merged into it.
    pub(super) data: Value,
    pub(super) trigger: Trigger,
}

pub(super) fn activity(
    service_url: &str,
    member: &Member,
    post: &Post,
    deed: &Deed<'_>,
    id: &str,
    at: Timestamp,
) -> Value {
    let tenant = &member.tenant_id;
    let trigger = match deed.trigger {
        Trigger::Manual => "manual",
        Trigger::Automatic => "automatic",
    };
    json!({
        "type": "invoke",
        "name": "adaptiveCard/action",
        "id": id,
        "channelId": "msteams",
        "serviceUrl": service_url,
        "timestamp": format!("{at:.3}"),
        "from": {"id": member.teams_id(), "name": member.name, "aadObjectId": member.object_id},
        "conversation": {
            "isGroup": true, "conversationType": "channel", "tenantId": tenant,
            // In a channel an answer's button names the thread as well.
            "id": post.thread,
        },
        "recipient": {"id": format!("28:{}", Identity::BOT_APP_ID), "name": "Liftlock"},
        "replyToId": post.id,
        "channelData": {
            "tenant": {"id": tenant},
            "team": {"id": "19:team@thread.tacv2"},
            "channel": {"id": post.channel},
            "source": {"name": "message"},
        },
        "value": {
            "action": {"type": "Action.Execute", "title": deed.title, "verb": deed.verb, "data": deed.data},
            "trigger": trigger,
        },
    })
}

/// The action's own data with what was typed beside it.
pub(super) fn merged(data: &Value, inputs: &Value) -> Value {
    let mut merged = data.clone();
    if merged.is_null() {
        merged = json!({});
    }
    if let (Some(into), Some(from)) = (merged.as_object_mut(), inputs.as_object()) {
        into.extend(from.clone());
    }
    merged
}

/// The first `Action.Execute` for which this holds, wherever in the card it is.
pub(super) fn find<'a>(card: &'a Value, holds: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
    match card {
        Value::Object(members) => {
            if card["type"] == "Action.Execute" && holds(card) {
                return Some(card);
            }
            members.values().find_map(|member| find(member, holds))
        }
        Value::Array(items) => items.iter().find_map(|item| find(item, holds)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
