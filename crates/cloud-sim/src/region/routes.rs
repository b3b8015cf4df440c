//! Routing of the region's host; every call needs a token for ML or for ARM.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admission::Plane;
use crate::arm::WorkspaceId;
use crate::world::World;

use super::{history, mlflow};

const AUDIENCES: [&str; 3] = [
    "https://ml.azure.com",
    "https://management.azure.com",
    "https://management.core.windows.net",
];

pub(crate) const PLANE: Plane = Plane { operation, refusal };

/// `…/runs/get` of MLflow's REST API, below a workspace.
const RUNS_GET: &str = "api/2.0/mlflow/runs/get";

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/discovery", get(discovery))
        .route("/mlflow/v1.0/{*path}", get(run))
        .route("/history/v1.0/{*path}", post(run_data))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    let path = parts.uri.path();
    Cow::Borrowed(match path.split('/').nth(1) {
        Some("discovery") => "region.discovery",
        Some("mlflow") if path.ends_with(RUNS_GET) => "mlflow.runs.get",
        Some("history") if path.ends_with("/rundata") => "history.rundata",
        _ => "region.unknown",
    })
}

pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message}, "error_code": code, "message": message}))).into_response()
}

/// Sends no token: the SDK asks without one, too.
async fn discovery(State(world): State<Arc<World>>) -> Json<Value> {
    let url = format!("{}/region", world.base_url);
    Json(json!({"api": url, "history": url}))
}

#[derive(Deserialize)]
struct RunQuery {
    run_id: Option<String>,
}

async fn run(
    State(world): State<Arc<World>>,
    Path(path): Path<String>,
    Query(query): Query<RunQuery>,
    headers: HeaderMap,
) -> Response {
    let missing =
        |message: &str| refusal(StatusCode::NOT_FOUND, "RESOURCE_DOES_NOT_EXIST", message);
    if let Err(why) = world.identity.check(&headers, &AUDIENCES) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            &why.to_string(),
        );
    }
    let Some(workspace) = workspace_before(&path, RUNS_GET) else {
        return missing("no such API");
    };
    let Some(run_id) = query.run_id else {
        return refusal(
            StatusCode::BAD_REQUEST,
            "INVALID_PARAMETER_VALUE",
            "run_id is missing",
        );
    };
    let estate = world.estate();
    match estate
        .workspace(&workspace)
        .and_then(|w| Ok((w, w.job(&run_id)?)))
    {
        Ok((workspace, job)) => Json(mlflow::run(workspace, job)).into_response(),
        Err(_) => missing(&format!("Run with id={run_id} not found")),
    }
}

async fn run_data(
    State(world): State<Arc<World>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Response {
    if let Err(why) = world.identity.check(&headers, &AUDIENCES) {
        return refusal(StatusCode::UNAUTHORIZED, "Unauthorized", &why.to_string());
    }
    let missing = |message: &str| refusal(StatusCode::NOT_FOUND, "UserError", message);
    let Some(workspace) = workspace_before(&path, "rundata") else {
        return missing("no such API");
    };
    let Some(run_id) = asked["runId"].as_str() else {
        return refusal(StatusCode::BAD_REQUEST, "UserError", "runId is missing");
    };
    let estate = world.estate();
    match estate.workspace(&workspace).and_then(|w| w.job(run_id)) {
        Ok(job) => Json(history::record(job)).into_response(),
        Err(_) => missing(&format!("Run {run_id} was not found")),
    }
}

/// The workspace named by a path that ends in `tail`.
fn workspace_before(path: &str, tail: &str) -> Option<WorkspaceId> {
    let id = path.strip_suffix(tail)?.trim_end_matches('/');
    let (workspace, rest) = WorkspaceId::split(id)?;
    rest.is_empty().then_some(workspace)
}
