//! The verbs as JSON under `/control`, for scenarios that run in another process.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::arm::{OperationKind, WorkspaceId};
use crate::eventgrid::{DeliveryReport, EventSchema, Order};
use crate::identity::Identity;
use crate::monitor::ServingFault;
use crate::seed::{self, ModelKind};
use crate::world::World;

use super::{CloudView, NotPossible, verbs, view};

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/register", post(register))
        .route("/complete-job", post(complete_job))
        .route("/resend", post(resend))
        .route("/tamper", post(tamper))
        .route("/kill", post(kill))
        .route("/fail-next", post(fail_next))
        .route("/callers", post(callers))
        .route("/serving-fault", post(plant).delete(mend))
        .route("/subscriptions", post(subscribe).delete(unsubscribe))
        .route("/bot", post(install).delete(uninstall))
        .route("/events", get(events))
        .route("/events/hold", post(hold))
        .route("/events/release", post(release))
        .route("/state", get(state))
        .route("/token", get(token))
}

type Shared = State<Arc<World>>;

fn answer<T: Serialize>(done: Result<T, NotPossible>) -> Response {
    match done {
        Ok(value) => Json(value).into_response(),
        Err(why) => (
            StatusCode::CONFLICT,
            Json(json!({"error": why.to_string()})),
        )
            .into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    model: ModelKind,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

async fn register(State(world): Shared, Json(wish): Json<Register>) -> Response {
    answer(verbs::register(&world, wish.model, wish.tags))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompleteJob {
    model: ModelKind,
    #[serde(default)]
    register: bool,
}

async fn complete_job(State(world): Shared, Json(wish): Json<CompleteJob>) -> Response {
    answer(verbs::complete_job(&world, wish.model, wish.register))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    times: usize,
}

async fn resend(State(world): Shared, Json(wish): Json<Resend>) -> Response {
    let sent = world.ml.events.resend_last(wish.times);
    answer(
        sent.map(|event| json!({"eventId": event.id}))
            .ok_or(NotPossible::Nothing("no event yet")),
    )
}

async fn tamper(State(world): Shared) -> Response {
    answer(verbs::tamper(&world).map(|changed| json!({"changed": changed})))
}

async fn kill(State(world): Shared) -> Response {
    let hook = world
        .ml
        .kill_handler
        .as_ref()
        .ok_or(NotPossible::Nothing("no handler is known here"));
    answer(hook.map(|hook| {
        hook.call();
        json!({"killed": true})
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Failing {
    Endpoint,
    Traffic,
    Deployment,
    Delete,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailNext {
    operation: Failing,
    code: Option<String>,
    message: Option<String>,
}

async fn fail_next(State(world): Shared, Json(wish): Json<FailNext>) -> StatusCode {
    let kind = match wish.operation {
        Failing::Endpoint => OperationKind::Endpoint,
        Failing::Traffic => OperationKind::Traffic,
        Failing::Deployment => OperationKind::Deployment,
        Failing::Delete => OperationKind::Delete,
    };
    let code = wish.code.as_deref().unwrap_or("InternalServerError");
    verbs::fail_next(
        &world,
        kind,
        code,
        wish.message
            .as_deref()
            .unwrap_or("A failure was asked for."),
    );
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Callers {
    requests_per_minute: f64,
}

async fn callers(State(world): Shared, Json(wish): Json<Callers>) -> StatusCode {
    let now = world.clock.now();
    let mut estate = world.estate();
    estate.load.set_callers(now, wish.requests_per_minute);
    StatusCode::NO_CONTENT
}

async fn plant(State(world): Shared, Json(fault): Json<ServingFault>) -> StatusCode {
    world.estate().load.plant(world.clock.now(), fault);
    StatusCode::NO_CONTENT
}

async fn mend(State(world): Shared) -> StatusCode {
    world.estate().load.mend(world.clock.now());
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Install {
    endpoint: String,
}

/// The bot is in the team, and hears of clicks there.
async fn install(State(world): Shared, Json(wish): Json<Install>) -> StatusCode {
    world.ml.threads.install(&wish.endpoint);
    StatusCode::NO_CONTENT
}

async fn uninstall(State(world): Shared) -> StatusCode {
    world.ml.threads.uninstall();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    url: String,
    /// ARM id of a workspace; both seeded ones when absent.
    workspace: Option<String>,
    schema: Option<EventSchema>,
}

async fn subscribe(State(world): Shared, Json(wish): Json<Subscribe>) -> Response {
    let topics = match &wish.workspace {
        None => vec![seed::dev(), seed::prod()],
        Some(id) => match WorkspaceId::split(id) {
            Some((workspace, _)) => vec![workspace],
            None => {
                return (StatusCode::BAD_REQUEST, "the workspace is not an ARM id\n")
                    .into_response();
            }
        },
    };
    for topic in topics {
        world.ml.events.subscribe(
            topic,
            &wish.url,
            wish.schema.unwrap_or(EventSchema::EventGrid),
        );
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn unsubscribe(State(world): Shared) -> StatusCode {
    world.ml.events.unsubscribe_all();
    StatusCode::NO_CONTENT
}

async fn events(State(world): Shared) -> Json<Vec<DeliveryReport>> {
    Json(world.ml.events.deliveries())
}

async fn hold(State(world): Shared) -> StatusCode {
    world.ml.events.hold();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    order: Option<Order>,
    copies: Option<usize>,
}

async fn release(State(world): Shared, Json(wish): Json<Release>) -> Response {
    let order = wish.order.unwrap_or(Order::AsPublished);
    let released = world.ml.events.release(order, wish.copies.unwrap_or(1));
    Json(json!({"released": released})).into_response()
}

#[derive(Deserialize)]
struct Asks {
    /// A first name.
    r#as: String,
}

/// A token of the app's audience, as `az` would bring it to whoever is signed in there: `GET /control/token?as=ada`.
async fn token(State(world): Shared, Query(asks): Query<Asks>) -> Response {
    let Some(person) = world.directory.first_named(&asks.r#as) else {
        let names = world.directory.first_names().join(", ");
        let sentence = format!("nobody here is called {:?}; there are {names}\n", asks.r#as);
        return (StatusCode::NOT_FOUND, sentence).into_response();
    };
    let scope = format!("api://{}/.default", Identity::APP_CLIENT_ID);
    match world.access_token(&person.object_id, &scope) {
        Ok(token) => token.into_response(),
        Err(why) => (StatusCode::FORBIDDEN, why).into_response(),
    }
}

async fn state(State(world): Shared) -> Json<CloudView> {
    Json(view::view(&world))
}
