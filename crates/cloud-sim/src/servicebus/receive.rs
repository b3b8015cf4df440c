//! Receiving from a queue with sessions, in JSON: what AMQP gives a receiver of sessions, for the local host.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::backlog::{Delivery, LockLost, Settlement};
use super::entity::Unusable;
use super::queues::{QueueView, expiry};
use super::routes::{error, unusable};
use crate::clock::wall_now;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Accept {
    receiver: String,
    wait_ms: u32,
    lock_seconds: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Receive {
    receiver: String,
    wait_ms: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Settle {
    pub(super) receiver: String,
    pub(super) lock_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Holder {
    receiver: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Received {
    lock_token: String,
    message_id: String,
    session_id: Option<String>,
    sequence_number: u64,
    delivery_count: u32,
    enqueued_time: Timestamp,
    expires_at: Timestamp,
    content_type: Option<String>,
    correlation_id: Option<String>,
    subject: Option<String>,
    body_base64: String,
    application_properties: serde_json::Map<String, serde_json::Value>,
}

type Session = Path<(String, String)>;

pub(super) async fn view(State(world): State<Arc<World>>, Path(queue): Path<String>) -> Response {
    match world.queues.view(&queue) {
        Some(view) => Json(shown(&view)).into_response(),
        None => unusable(Unusable::NoSuchQueue),
    }
}

pub(super) async fn accept(
    State(world): State<Arc<World>>,
    Path(queue): Path<String>,
    Json(wish): Json<Accept>,
) -> Response {
    let (wait, lasts) = (
        Duration::from_millis(wish.wait_ms.into()),
        Duration::from_secs(wish.lock_seconds.into()),
    );
    match world
        .queues
        .accept(&queue, &wish.receiver, wait, lasts)
        .await
    {
        Ok(Some(session)) => {
            Json(json!({"sessionId": session, "lockedUntil": wall_now() + lasts})).into_response()
        }
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => unusable(why),
    }
}

pub(super) async fn receive(
    State(world): State<Arc<World>>,
    Path((queue, session)): Session,
    Json(wish): Json<Receive>,
) -> Response {
    let wait = Duration::from_millis(wish.wait_ms.into());
    match world
        .queues
        .receive_in_session(&queue, &session, &wish.receiver, wait)
        .await
    {
        Ok(Some(Ok(delivery))) => Json(received(delivery)).into_response(),
        Ok(Some(Err(LockLost))) => gone(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => unusable(why),
    }
}

pub(super) async fn complete(
    state: State<Arc<World>>,
    session: Session,
    wish: Json<Settle>,
) -> Response {
    settle(&state, &session, &wish, Settlement::Complete)
}

pub(super) async fn abandon(
    state: State<Arc<World>>,
    session: Session,
    wish: Json<Settle>,
) -> Response {
    settle(&state, &session, &wish, Settlement::Abandon)
}

pub(super) async fn renew(
    State(world): State<Arc<World>>,
    Path((queue, session)): Session,
    Json(holder): Json<Holder>,
) -> Response {
    match world
        .queues
        .renew_session(&queue, &session, &holder.receiver)
    {
        Ok(Ok(lasts)) => Json(json!({"lockedUntil": wall_now() + lasts})).into_response(),
        Ok(Err(LockLost)) => gone(),
        Err(why) => unusable(why),
    }
}

pub(super) async fn release(
    State(world): State<Arc<World>>,
    Path((queue, session)): Session,
    Json(holder): Json<Holder>,
) -> Response {
    match world.queues.release(&queue, &session, &holder.receiver) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => unusable(why),
    }
}

fn settle(
    world: &World,
    Path((queue, session)): &Session,
    wish: &Settle,
    settlement: Settlement,
) -> Response {
    match world.queues.settle_in_session(
        queue,
        session,
        &wish.receiver,
        &wish.lock_token,
        settlement,
    ) {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(LockLost)) => gone(),
        Err(why) => unusable(why),
    }
}

pub(super) fn received(
    Delivery {
        lock_token,
        message,
    }: Delivery,
) -> Received {
    let content = message.content;
    Received {
        lock_token,
        message_id: content.message_id,
        session_id: content.session_id,
        sequence_number: message.sequence_number,
        delivery_count: message.deliveries,
        enqueued_time: message.enqueued,
        expires_at: expiry(message.enqueued),
        content_type: content.content_type,
        correlation_id: content.correlation_id,
        subject: content.subject,
        body_base64: BASE64.encode(&content.body),
        application_properties: serde_json::Map::new(),
    }
}

fn shown(view: &QueueView) -> serde_json::Value {
    let dead = view.dead_letters.iter().map(|letter| {
        json!({
            "messageId": letter.message_id,
            "sessionId": letter.session_id,
            "deliveryCount": letter.delivery_count,
        })
    });
    json!({
        "active": view.active,
        "scheduled": view.scheduled,
        "locked": view.locked,
        "deadLettered": view.dead_letters.len(),
        "deadLetters": dead.collect::<Vec<_>>(),
    })
}

pub(super) fn gone() -> Response {
    error(
        StatusCode::GONE,
        "The lock supplied is invalid. Either the lock expired, or the receiver never had it.",
    )
}
