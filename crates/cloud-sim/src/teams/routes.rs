//! `POST /teams/workflows/{id}?sig=…`, `GET /teams/` and what the page asks for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::admission::Plane;
use crate::world::World;

use super::{Message, assets, page};

pub(crate) const PLANE: Plane = Plane { operation, refusal };

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/workflows/{id}", post(workflow))
        .route("/messages", get(messages))
        .route("/assets/{name}", get(asset))
}

/// The channel's page, with the slash at the end that a nested route cannot have.
pub(crate) fn page_routes() -> Router<Arc<World>> {
    Router::new().route("/teams/", get(channel))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    Cow::Borrowed(if parts.method == Method::POST {
        "teams.post"
    } else {
        "teams.page"
    })
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (
        status,
        Json(json!({"error": {"code": code, "message": message}})),
    )
        .into_response()
}

async fn workflow(
    State(world): State<Arc<World>>,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    if query.get("sig").is_none_or(String::is_empty) {
        let message = "The authentication credentials are not valid: the signature is missing.";
        return refusal(
            StatusCode::UNAUTHORIZED,
            "DirectApiAuthorizationRequired",
            message,
        );
    }
    world.ml.channel.post(&body, world.clock.now());
    // The flow is queued; whether it can post is seen in its run history only.
    StatusCode::ACCEPTED.into_response()
}

async fn messages(State(world): State<Arc<World>>) -> Json<Vec<Value>> {
    Json(
        world
            .ml
            .channel
            .messages()
            .iter()
            .map(Message::to_json)
            .collect(),
    )
}

async fn channel(State(world): State<Arc<World>>) -> Html<String> {
    let renderer = world.ml.npm.as_deref().and_then(assets::Renderer::find);
    Html(page::channel(&world.ml.channel.messages(), renderer.as_ref()).into_string())
}

async fn asset(State(world): State<Arc<World>>, Path(name): Path<String>) -> Response {
    match world
        .ml
        .npm
        .as_deref()
        .and_then(|npm| assets::read(npm, &name))
    {
        Some((kind, bytes)) => ([(CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
