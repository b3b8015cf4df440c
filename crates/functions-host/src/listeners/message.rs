//! A message as its envelope: the body as base64, the broker's properties as metadata.

use jiff::Timestamp;
use serde_json::json;

use super::receiver::Message;
use crate::invocation::{Envelope, Metadata, date_time, date_time_offset};

/// .NET's `DateTime.MaxValue`: the expiry of a message that never expires.
const FOREVER: &str = "9999-12-31T23:59:59";

/// Who received the message, as its metadata tells.
#[derive(Debug)]
pub(super) struct Client<'a> {
    pub(super) namespace: &'a str,
    pub(super) id: &'a str,
}

/// With `dataType: binary` the data is one plain base64 string, and no property of the body touches the metadata.
pub(super) fn envelope(
    message: &Message,
    client: &Client<'_>,
    binding: &str,
    function: &str,
    now: Timestamp,
) -> Envelope {
    Envelope::new(
        binding,
        &message.body_base64,
        metadata(message, client),
        function,
        now,
    )
}

fn metadata(message: &Message, client: &Client<'_>) -> Metadata {
    let (expires_utc, expires) = expiry(message.expires_at.as_deref());
    let nothing = json!({});
    [
        "MessageReceiver",
        "MessageSession",
        "MessageActions",
        "SessionActions",
        "ReceiveActions",
    ]
    .iter()
    .fold(Metadata::default(), |metadata, key| {
        metadata.object(key, &nothing)
    })
    .object("Client", &client_json(client))
    .value("DeliveryCount", Some(message.delivery_count))
    .value("LockToken", Some(&message.lock_token))
    .date("ExpiresAtUtc", &expires_utc)
    .date("ExpiresAt", &expires)
    .date("EnqueuedTimeUtc", &date_time(message.enqueued_time))
    .date("EnqueuedTime", &date_time_offset(message.enqueued_time))
    .value("MessageId", message.id.as_ref())
    .value("ContentType", message.content_type.as_ref())
    .value("SequenceNumber", Some(message.sequence_number))
    .value("Subject", message.subject.as_ref())
    .value("Label", message.subject.as_ref())
    .value("CorrelationId", message.correlation_id.as_ref())
    .object("ApplicationProperties", &message.application_properties)
    .object("UserProperties", &message.application_properties)
    .value("SessionId", message.session_id.as_ref())
    .value("PartitionKey", message.session_id.as_ref())
}

fn client_json(client: &Client<'_>) -> serde_json::Value {
    json!({
        "FullyQualifiedNamespace": client.namespace,
        "IsClosed": false,
        "TransportType": 0,
        "Identifier": format!("{}-{}", client.namespace, client.id),
    })
}

fn expiry(expires_at: Option<&str>) -> (String, String) {
    match expires_at.and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(at) => (date_time(at), date_time_offset(at)),
        None => (FOREVER.to_owned(), format!("{FOREVER}+00:00")),
    }
}
