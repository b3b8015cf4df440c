//! Sending to a Service Bus queue over its REST data plane, with an Entra token.
//!
//! A scheduled message cannot be taken back this way, and an answer that gets lost may have sent the message: what is
//! sent must be harmless when it is late or comes twice.

use std::time::Duration;

use azure_core::http::Method;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call},
    error::Result,
    origin,
    tokens::SERVICE_BUS_SCOPE,
};

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    azure: Azure,
    namespace: Url,
    name: String,
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// Messages of one session are handled one after the other.
    pub session_id: &'a str,
    /// Unique per send: with duplicate detection on, the same id would be swallowed.
    pub message_id: &'a str,
    /// What it says.
    pub body: Bytes,
    /// Not to be delivered before; at once otherwise. Whole seconds are kept.
    pub scheduled_at: Option<Timestamp>,
}

impl Queue {
    pub(crate) fn new(azure: Azure, namespace: Url, name: &str) -> Queue {
        Queue {
            azure,
            namespace,
            name: name.to_owned(),
        }
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Queue {
        Queue {
            azure: self.azure.within(deadline),
            ..self.clone()
        }
    }

    /// Sends one message; `Ok` means that the queue has it.
    pub async fn send(&self, message: &Message<'_>) -> Result<()> {
        let operation = "servicebus.send";
        let url = origin::under(operation, &self.namespace, &[&self.name, "messages"], &[])?;
        let auth = Auth::Scope(SERVICE_BUS_SCOPE);
        let mut call = Call::write(operation, Method::Post, url, auth, message.body.clone());
        call.headers
            .push(("brokerproperties", broker_properties(message)));
        self.azure.call(call).await.map(|_| ())
    }
}

fn broker_properties(message: &Message<'_>) -> String {
    let mut properties = Map::new();
    properties.insert("MessageId".into(), message.message_id.into());
    properties.insert("SessionId".into(), message.session_id.into());
    if let Some(at) = message.scheduled_at {
        // RFC 1123 with the literal GMT. Rounded up: never before the time asked for.
        let whole = if at.subsec_nanosecond() > 0 {
            at.as_second() + 1
        } else {
            at.as_second()
        };
        let at = Timestamp::from_second(whole).unwrap_or(at);
        properties.insert(
            "ScheduledEnqueueTimeUtc".into(),
            at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().into(),
        );
    }
    ascii(&Value::Object(properties).to_string())
}

/// JSON in a header: what is not ASCII is written as escapes.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            escaped.push(c);
            continue;
        }
        escaped.extend(
            c.encode_utf16(&mut units)
                .iter()
                .map(|unit| format!("\\u{unit:04x}")),
        );
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_ascii_can_stand_in_a_header() {
        assert_eq!(
            ascii(r#"{"SessionId":"modèle-😀"}"#),
            r#"{"SessionId":"mod\u00e8le-\ud83d\ude00"}"#
        );
    }

    #[test]
    fn a_time_is_written_as_the_service_reads_it_and_never_early() {
        let message = Message {
            session_id: "s",
            message_id: "m",
            body: Bytes::new(),
            scheduled_at: Some("2027-01-15T07:59:59.001Z".parse().unwrap()),
        };
        let expected = r#"{"MessageId":"m","ScheduledEnqueueTimeUtc":"Fri, 15 Jan 2027 08:00:00 GMT","SessionId":"s"}"#;
        assert_eq!(broker_properties(&message), expected);
    }
}
