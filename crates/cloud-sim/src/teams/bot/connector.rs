//! The Bot Connector's wire: `/teams/connector/v3/conversations…`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::threads::{Post, Trouble, Version};
use crate::identity::Identity;
use crate::world::World;

/// Whom a bot's token is for.
const AUDIENCE: &str = "https://api.botframework.com";
/// Teams takes no larger messages from a bot.
const LARGEST: usize = 28 * 1024;
const CARD: &str = "application/vnd.microsoft.card.adaptive";
/// What whoever sends too fast is asked to wait, in seconds.
const WAIT: &str = "2";

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/connector/v3/conversations", post(begin))
        .route(
            "/connector/v3/conversations/{conversation}/pagedmembers",
            get(members),
        )
        .route(
            "/connector/v3/conversations/{conversation}/activities/{activity}",
            put(update).post(reply).get(read),
        )
}

/// Names a request to the connector; none where it is not one.
pub(crate) fn operation(parts: &Parts) -> Option<Cow<'static, str>> {
    let rest = parts.uri.path().strip_prefix("/connector/")?;
    let name = match (&parts.method, rest) {
        (_, rest) if rest.ends_with("/pagedmembers") => "teams.members.get",
        (&Method::POST, "v3/conversations") => "teams.conversations.post",
        (&Method::PUT, _) => "teams.activities.put",
        (&Method::POST, _) => "teams.activities.post",
        _ => "teams.activities.get",
    };
    Some(Cow::Borrowed(name))
}

/// An error as the connector words it; 403 is that of a bot that was blocked or uninstalled.
pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = if status == StatusCode::FORBIDDEN && code == "MessageWritesBlocked" {
        let inner = json!({"subCode": code, "details": "Thread is blocked from message writes."});
        json!({"errorCode": 209, "message": inner.to_string()})
    } else {
        json!({"error": {"code": code, "message": message}})
    };
    let mut answer = (status, Json(body)).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let wait = http::HeaderValue::from_static(WAIT);
        answer.headers_mut().insert(RETRY_AFTER, wait);
    }
    answer
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Beginning {
    #[serde(default)]
    is_group: bool,
    tenant_id: Option<String>,
    activity: Sent,
    channel_data: ChannelData,
}

#[derive(Deserialize)]
struct ChannelData {
    channel: Named,
    tenant: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: String,
    content: Value,
}

/// What the bot asked for, or the answer that refuses it.
type Asked<T> = Result<T, Refused>;

/// The answer to what is refused.
struct Refused(Box<Response>);

impl Refused {
    fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self(Box::new(refusal(status, code, message)))
    }
}

async fn begin(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let begun = || -> Asked<Post> {
        let sent: Beginning = body_of(&world, &headers, &body)?;
        let tenants = [sent.tenant_id, sent.channel_data.tenant.map(|one| one.id)];
        let own = |tenant: &Option<String>| tenant.as_deref() == Some(Identity::TENANT_ID);
        if !tenants.iter().all(own) {
            return Err(trouble(Trouble::NotInRoster));
        }
        if !sent.is_group {
            return Err(bad("a channel's conversation is a group"));
        }
        let version = version(sent.activity, world.clock.now())?;
        let channel = &sent.channel_data.channel.id;
        world.ml.threads.begin(channel, version).map_err(trouble)
    };
    answer(begun(), |post| {
        let body = json!({"id": post.thread, "activityId": post.id});
        (StatusCode::CREATED, Json(body)).into_response()
    })
}

async fn update(
    State(world): State<Arc<World>>,
    Path((conversation, activity)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let updated = || -> Asked<()> {
        let version = version(body_of(&world, &headers, &body)?, world.clock.now())?;
        let threads = &world.ml.threads;
        threads
            .update(&conversation, &activity, version)
            .map_err(trouble)
    };
    answer(updated(), |()| {
        Json(json!({"id": activity})).into_response()
    })
}

async fn reply(
    State(world): State<Arc<World>>,
    Path((conversation, activity)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let replied = || -> Asked<Post> {
        let version = version(body_of(&world, &headers, &body)?, world.clock.now())?;
        let threads = &world.ml.threads;
        threads
            .answer(&conversation, &activity, version)
            .map_err(trouble)
    };
    answer(replied(), |post| {
        (StatusCode::CREATED, Json(json!({"id": post.id}))).into_response()
    })
}

async fn read(
    State(world): State<Arc<World>>,
    Path((conversation, activity)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let found = || -> Asked<Post> {
        check(&world, &headers)?;
        let post = world.ml.threads.post(&activity);
        post.filter(|post| post.thread == conversation && !post.gone)
            .ok_or_else(|| trouble(Trouble::NoActivity))
    };
    answer(found(), |post| {
        let version = post.newest();
        let attachments: Vec<Value> = version
            .card
            .iter()
            .map(|card| json!({"contentType": CARD, "content": card}))
            .collect();
        let body = json!({
            "type": "message", "id": post.id, "text": version.text, "attachments": attachments,
            "conversation": {"id": post.thread}, "replyToId": post.answers,
        });
        Json(body).into_response()
    })
}

async fn members(
    State(world): State<Arc<World>>,
    Path(conversation): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let asked = || -> Asked<Value> {
        check(&world, &headers)?;
        if !world.ml.threads.knows(&conversation) {
            return Err(trouble(Trouble::NoConversation));
        }
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
        let size = number("pageSize").unwrap_or(200).clamp(1, 500);
        let from = number("continuationToken").unwrap_or(0);
        let all = world.ml.threads.members();
        let page: Vec<Value> = all
            .iter()
            .skip(from)
            .take(size)
            .map(super::Member::to_json)
            .collect();
        let more = (from + size < all.len()).then(|| (from + size).to_string());
        Ok(json!({"members": page, "continuationToken": more}))
    };
    answer(asked(), |page| Json(page).into_response())
}

fn answer<T>(asked: Asked<T>, done: impl FnOnce(T) -> Response) -> Response {
    match asked {
        Ok(value) => done(value),
        Err(Refused(answer)) => *answer,
    }
}

fn body_of<T: for<'de> Deserialize<'de>>(
    world: &World,
    headers: &HeaderMap,
    body: &Bytes,
) -> Asked<T> {
    check(world, headers)?;
    if body.len() > LARGEST {
        return Err(Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "MessageSizeTooBig",
            "Message size too large.",
        ));
    }
    serde_json::from_slice(body).map_err(|problem| bad(&problem.to_string()))
}

/// The bot's own identity and nobody else's.
fn check(world: &World, headers: &HeaderMap) -> Asked<()> {
    let caller = world.identity.check(headers, &[AUDIENCE]);
    let refused = match caller {
        Ok(caller) if caller.app_id == Identity::BOT_APP_ID => return Ok(()),
        Ok(_) => "the token is not the bot's".to_owned(),
        Err(refused) => refused.to_string(),
    };
    Err(Refused::new(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        &refused,
    ))
}

fn version(sent: Sent, at: Timestamp) -> Asked<Version> {
    if sent.kind != "message" {
        return Err(bad("only messages are posted here"));
    }
    let mut cards = Vec::new();
    for attachment in sent.attachments {
        if attachment.content_type != CARD || attachment.content["type"] != "AdaptiveCard" {
            return Err(bad("an attachment is no Adaptive Card"));
        }
        cards.push(attachment.content);
    }
    let card = cards.pop();
    if !cards.is_empty() || (card.is_none() && sent.text.is_none()) {
        return Err(bad("a message is a text or one card"));
    }
    Ok(Version {
        at,
        card,
        text: sent.text,
        seen_by: BTreeSet::new(),
    })
}

fn bad(message: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "BadSyntax", message)
}

fn trouble(trouble: Trouble) -> Refused {
    let (status, code, message) = match trouble {
        Trouble::WritesBlocked => (StatusCode::FORBIDDEN, "MessageWritesBlocked", ""),
        Trouble::NotInRoster => (
            StatusCode::FORBIDDEN,
            "BotNotInConversationRoster",
            "The bot is not part of the conversation roster.",
        ),
        Trouble::NoConversation => (
            StatusCode::NOT_FOUND,
            "ConversationNotFound",
            "Conversation not found.",
        ),
        Trouble::NoActivity => (
            StatusCode::NOT_FOUND,
            "ActivityNotFoundInConversation",
            "The specified activity was not found in the conversation.",
        ),
    };
    Refused::new(status, code, message)
}
