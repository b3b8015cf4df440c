//! `POST /teams/workflows/{id}?sig=…` or with a token (an id that ends in `-bare` wants the bare card), `GET /teams/` and what the page asks for.

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
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admission::Plane;
use crate::world::World;

use super::channel::Template;
use super::view::View;
use super::{Message, assets, bot, page};

/// Whom a token is for that opens a workflow, to the letter.
const FLOW: &str = "https://service.flow.microsoft.com/";

pub(crate) const PLANE: Plane = Plane { operation, refusal };

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/workflows/{id}", post(workflow))
        .route("/messages", get(messages))
        .route("/assets/{name}", get(asset))
        .route("/clicks", post(click))
        .route("/looks", post(look))
        .route("/gateway", post(gateway))
        .merge(bot::routes())
}

/// The channel's page, with the slash at the end that a nested route cannot have.
pub(crate) fn page_routes() -> Router<Arc<World>> {
    Router::new().route("/teams/", get(channel))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    if let Some(name) = bot::operation(parts) {
        return name;
    }
    Cow::Borrowed(if parts.method == Method::POST {
        "teams.post"
    } else {
        "teams.page"
    })
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    bot::refusal(status, code, message)
}

async fn workflow(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = query.get("sig").is_some_and(|sig| !sig.is_empty());
    if !signed && world.identity.check_exactly(&headers, FLOW).is_err() {
        let message = "The authentication credentials are not valid: the signature and the token are missing.";
        return refusal(
            StatusCode::UNAUTHORIZED,
            "DirectApiAuthorizationRequired",
            message,
        );
    }
    let template = if id.ends_with("-bare") {
        Template::Bare
    } else {
        Template::Wrapped
    };
    world.ml.channel.post(&body, template, world.clock.now());
    // The flow is queued; whether it can post is seen in its run history only.
    StatusCode::ACCEPTED.into_response()
}

/// What the page sends when a card that asks for it comes into somebody's view.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Looked {
    person: String,
    post: String,
}

async fn look(State(world): State<Arc<World>>, Json(looked): Json<Looked>) -> Response {
    match bot::look(&world, &looked.person, &looked.post).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::CONFLICT, problem.to_string()).into_response(),
    }
}

/// An activity of another simulator of Teams, which signs nothing: it goes on to the bot with the connector's token.
async fn gateway(State(world): State<Arc<World>>, Json(activity): Json<Value>) -> Response {
    match bot::pass_on(&world, &activity).await {
        Ok(answered) => {
            let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, Json(answered.body)).into_response()
        }
        Err(problem) => (StatusCode::BAD_GATEWAY, problem.to_string()).into_response(),
    }
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

async fn channel(
    State(world): State<Arc<World>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Html<String> {
    let renderer = world.ml.npm.as_deref().and_then(assets::Renderer::find);
    let (messages, posts) = (world.ml.channel.messages(), world.ml.threads.posts());
    let members = world.ml.threads.members();
    let viewer = query.get("as").map(String::as_str);
    let view = View::new(&messages, &posts, &members, viewer);
    Html(page::channel(&view, renderer.as_ref()).into_string())
}

/// What the page sends when somebody clicks in a card.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clicked {
    person: String,
    post: String,
    title: String,
    verb: String,
    data: Value,
}

async fn click(State(world): State<Arc<World>>, Json(clicked): Json<Clicked>) -> Response {
    let click = bot::Click {
        person: &clicked.person,
        post: &clicked.post,
        title: &clicked.title,
        verb: &clicked.verb,
        data: clicked.data,
    };
    match bot::click(&world, click).await {
        Ok(answered) => {
            let body = json!({"status": answered.status, "toast": answered.toast});
            Json(body).into_response()
        }
        Err(problem) => (StatusCode::CONFLICT, problem.to_string()).into_response(),
    }
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
