//! Sending, as Service Bus does over REST: `POST /{queue}/messages` with `BrokerProperties`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;

use super::backlog::Outgoing;
use super::routes::{error, unusable};
use crate::world::World;

const AUDIENCE: &str = "https://servicebus.azure.net";
/// The standard tier's limit of a message.
const LARGEST_MESSAGE: usize = 256 << 10;
const LONGEST_ID: usize = 128;
const NO_SESSION: &str = "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have \
    session support enabled can only receive messages that have the SessionId set to a valid value.";

/// The properties that this cloud understands; the service ignores names that it does not know.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct BrokerProperties {
    message_id: Option<String>,
    session_id: Option<String>,
    correlation_id: Option<String>,
    label: Option<String>,
    scheduled_enqueue_time_utc: Option<String>,
}

pub(super) async fn send(
    State(world): State<Arc<World>>,
    Path(queue): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = world.identity.check(&headers, &[AUDIENCE]) {
        let challenge = [(WWW_AUTHENTICATE, "Bearer")];
        return (
            challenge,
            error(StatusCode::UNAUTHORIZED, &refusal.to_string()),
        )
            .into_response();
    }
    let requires_sessions = match world.queues.requires_sessions(&queue) {
        Ok(requires) => requires,
        Err(why) => return unusable(why),
    };
    if body.len() > LARGEST_MESSAGE {
        return error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The message is larger than the queue allows.",
        );
    }
    match outgoing(&headers, body) {
        Ok(message) if requires_sessions && message.session_id.is_none() => {
            error(StatusCode::BAD_REQUEST, NO_SESSION)
        }
        Ok(message) => accept(&world, &queue, &message),
        Err(detail) => error(StatusCode::BAD_REQUEST, detail),
    }
}

/// An error in the shape of the data plane.
pub(super) fn refusal(status: StatusCode, code: &str, detail: &str) -> Response {
    let document = format!("<Error><Code>{code}</Code><Detail>{detail}</Detail></Error>");
    (
        status,
        [(CONTENT_TYPE, "application/xml; charset=utf-8")],
        document,
    )
        .into_response()
}

fn accept(world: &World, queue: &str, message: &Outgoing) -> Response {
    match world.queues.send(queue, message) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(why) => unusable(why),
    }
}

fn outgoing(headers: &HeaderMap, body: Bytes) -> Result<Outgoing, &'static str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let properties = match text("brokerproperties") {
        Some(json) => serde_json::from_str(json)
            .map_err(|_| "BrokerProperties is not the JSON it has to be.")?,
        None => BrokerProperties::default(),
    };
    let session_id = properties.session_id.filter(|id| !id.is_empty());
    let message_id = properties.message_id.unwrap_or_default();
    let ids = [Some(&message_id), session_id.as_ref()];
    if ids.into_iter().flatten().any(|id| id.len() > LONGEST_ID) {
        return Err("MessageId and SessionId have at most 128 characters.");
    }
    let scheduled = properties
        .scheduled_enqueue_time_utc
        .as_deref()
        .map(moment)
        .transpose()?;
    Ok(Outgoing {
        message_id,
        session_id,
        correlation_id: properties.correlation_id,
        subject: properties.label,
        content_type: text(CONTENT_TYPE.as_str()).map(str::to_owned),
        scheduled,
        body,
    })
}

/// RFC 1123, the only form that the service documents.
fn moment(text: &str) -> Result<Timestamp, &'static str> {
    let parsed = jiff::fmt::rfc2822::parse(text)
        .map_err(|_| "ScheduledEnqueueTimeUtc is not a time of RFC 1123.")?;
    Ok(parsed.timestamp())
}
