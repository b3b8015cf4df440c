//! Receiving from a queue without sessions, in JSON: messages one by one, each under a lock of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::backlog::{LockLost, Settlement};
use super::receive::{Settle, gone, received};
use super::routes::unusable;
use crate::clock::wall_now;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Receive {
    receiver: String,
    wait_ms: u32,
    lock_seconds: u32,
}

pub(super) async fn receive(
    State(world): State<Arc<World>>,
    Path(queue): Path<String>,
    Json(wish): Json<Receive>,
) -> Response {
    let (wait, lasts) = (
        Duration::from_millis(wish.wait_ms.into()),
        Duration::from_secs(wish.lock_seconds.into()),
    );
    match world
        .queues
        .receive(&queue, &wish.receiver, wait, lasts)
        .await
    {
        Ok(Some(delivery)) => Json(received(delivery)).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => unusable(why),
    }
}

pub(super) async fn complete(
    state: State<Arc<World>>,
    queue: Path<String>,
    wish: Json<Settle>,
) -> Response {
    settle(&state, &queue, &wish, Settlement::Complete)
}

pub(super) async fn abandon(
    state: State<Arc<World>>,
    queue: Path<String>,
    wish: Json<Settle>,
) -> Response {
    settle(&state, &queue, &wish, Settlement::Abandon)
}

pub(super) async fn renew(
    State(world): State<Arc<World>>,
    Path(queue): Path<String>,
    Json(wish): Json<Settle>,
) -> Response {
    match world.queues.renew(&queue, &wish.receiver, &wish.lock_token) {
        Ok(Ok(lasts)) => Json(json!({"lockedUntil": wall_now() + lasts})).into_response(),
        Ok(Err(LockLost)) => gone(),
        Err(why) => unusable(why),
    }
}

fn settle(world: &World, queue: &str, wish: &Settle, settlement: Settlement) -> Response {
    match world
        .queues
        .settle(queue, &wish.receiver, &wish.lock_token, settlement)
    {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(LockLost)) => gone(),
        Err(why) => unusable(why),
    }
}
