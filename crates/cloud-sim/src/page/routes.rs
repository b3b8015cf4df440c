//! `GET /` and the forms of its buttons under `/do/…`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use http::StatusCode;
use serde::Deserialize;

use crate::arm::OperationKind;
use crate::control::{self, NotPossible};
use crate::seed::ModelKind;
use crate::world::World;

use super::render;

/// How often "send the last event five times" sends it.
const COPIES: usize = 5;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(show))
        .route("/do/{action}", post(act))
}

#[derive(Deserialize)]
struct Said {
    /// What the last button did, to be shown once.
    done: Option<String>,
}

async fn show(State(world): State<Arc<World>>, Query(said): Query<Said>) -> Html<String> {
    let view = control::view(&world);
    let can_kill = world.ml.kill_handler.is_some();
    Html(render::page(&view, can_kill, said.done.as_deref()).into_string())
}

async fn act(
    State(world): State<Arc<World>>,
    Path(action): Path<String>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let Some(done) = perform(&world, &action, &fields) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = done.unwrap_or_else(|why| format!("Not done: {why}."));
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("done", &text)
        .finish();
    Redirect::to(&format!("/?{query}")).into_response()
}

/// Does what a button says; `None` for a button that there is not.
fn perform(
    world: &Arc<World>,
    action: &str,
    fields: &BTreeMap<String, String>,
) -> Option<Result<String, NotPossible>> {
    let done = match action {
        "register-better" => register(world, ModelKind::Challenger),
        "register-worse" => register(world, ModelKind::Worse),
        "complete-job" => control::complete_job(world, ModelKind::Challenger, false)
            .map(|job| format!("Job {} has completed; it registered no version.", job.job)),
        "resend" => resend(world),
        "tamper" => control::tamper(world).map(|what| format!("Changed a byte of {what}.")),
        "kill" => kill(world),
        "fail-next" => {
            let message = "The deployment ran out of quota for Standard_DS3_v2.";
            control::fail_next(world, OperationKind::Deployment, "OutOfQuota", message);
            Ok("The next deployment will fail.".into())
        }
        "speed" => set_speed(world, fields),
        _ => return None,
    };
    Some(done)
}

fn register(world: &World, kind: ModelKind) -> Result<String, NotPossible> {
    let done = control::register(world, kind, BTreeMap::new())?;
    Ok(format!(
        "Registered {}:{} in ml-dev.",
        done.model, done.version
    ))
}

fn resend(world: &Arc<World>) -> Result<String, NotPossible> {
    let event = world
        .ml
        .events
        .resend_last(COPIES)
        .ok_or(NotPossible::Nothing("no event yet"))?;
    Ok(format!("Sent {} {COPIES} times more.", event.subject))
}

fn kill(world: &World) -> Result<String, NotPossible> {
    let hook = world
        .ml
        .kill_handler
        .as_ref()
        .ok_or(NotPossible::Nothing("no handler is known here"))?;
    hook.call();
    Ok("Killed the handler.".into())
}

fn set_speed(world: &World, fields: &BTreeMap<String, String>) -> Result<String, NotPossible> {
    let rate = fields
        .get("rate")
        .and_then(|r| r.parse::<f64>().ok())
        .filter(|r| r.is_finite() && *r >= 0.0);
    let rate = rate.ok_or(NotPossible::Nothing("no such speed"))?;
    world.clock.set_rate(rate);
    Ok(format!("Time runs {rate} times as fast."))
}
