//! Messages of the channel, and what makes the flow fail.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

/// Teams takes no larger messages.
const LARGEST: usize = 28 * 1024;

const CARD: &str = "application/vnd.microsoft.card.adaptive";

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: usize,
    pub(crate) at: Timestamp,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// The cards of the message.
    Cards(Vec<Value>),
    /// The flow took the request and failed.
    FlowFailed(String),
}

impl Message {
    pub(crate) fn to_json(&self) -> Value {
        let (cards, failure) = match &self.content {
            Content::Cards(cards) => (cards.as_slice(), None),
            Content::FlowFailed(why) => (&[][..], Some(why)),
        };
        json!({"id": self.id, "at": format!("{:.3}", self.at), "card": cards.first(), "cards": cards, "flowFailed": failure})
    }
}

/// What the flow's template reads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Template {
    /// A message with attachments.
    Wrapped,
    /// The card itself.
    Bare,
}

#[derive(Debug, Default)]
pub(crate) struct Channel {
    messages: Mutex<Vec<Message>>,
}

impl Channel {
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.lock().clone()
    }

    /// Keeps what was posted, readable or not.
    pub(crate) fn post(&self, body: &[u8], template: Template, at: Timestamp) {
        let content = read(body, template).map_or_else(Content::FlowFailed, Content::Cards);
        let mut messages = self.lock();
        let id = messages.len() + 1;
        messages.push(Message { id, at, content });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(body: &[u8], template: Template) -> Result<Vec<Value>, String> {
    if body.len() > LARGEST {
        return Err(format!(
            "Request Entity too large: {} bytes, {LARGEST} at most.",
            body.len()
        ));
    }
    let message: Value =
        serde_json::from_slice(body).map_err(|e| format!("The message is not JSON: {e}."))?;
    if let Template::Bare = template {
        return match message["type"].as_str() {
            Some("AdaptiveCard") => Ok(vec![message]),
            Some(_) | None => Err("The body is not an AdaptiveCard.".into()),
        };
    }
    let Some(attachments) = message["attachments"].as_array() else {
        return Err("The 'foreach' expression '@triggerOutputs()?['body']?['attachments']' is not an array.".into());
    };
    let cards: Vec<Value> = attachments
        .iter()
        .filter(|a| a["contentType"] == CARD)
        .map(|a| a["content"].clone())
        .collect();
    match cards.iter().find(|card| card["type"] != "AdaptiveCard") {
        Some(_) => Err("An attachment's content is not an AdaptiveCard.".into()),
        None if cards.is_empty() => Err("No attachment is an Adaptive Card.".into()),
        None => Ok(cards),
    }
}
