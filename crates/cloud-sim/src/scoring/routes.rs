//! `POST /scoring/{endpoint}/score`: authentication, the split of the traffic, MLflow's input shapes, planted faults.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::admission::Plane;
use crate::arm::{AuthMode, Deployment, Endpoint};
use crate::identity::Identity;
use crate::monitor::{Load, StatusClass};
use crate::world::World;

use super::{input, jobs};

pub(super) const DEPLOYMENT: &str = "azureml-model-deployment";

pub(crate) const PLANE: Plane = Plane { operation, refusal };

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/{endpoint}/score", post(score))
        .route("/{endpoint}/jobs", post(jobs::start))
}

/// Calls that name their deployment, as smoke tests do, are told from those that follow the traffic.
fn operation(parts: &Parts) -> Cow<'static, str> {
    let named = parts.headers.contains_key(DEPLOYMENT);
    Cow::Borrowed(match parts.uri.path().ends_with("/score") {
        true if named => "scoring.scoreNamed",
        true => "scoring.score",
        false if parts.uri.path().ends_with("/jobs") => "scoring.invoke",
        false => "scoring.unknown",
    })
}

pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (
        status,
        Json(json!({"error": {"code": code, "message": message}})),
    )
        .into_response()
}

async fn score(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut guard = world.estate();
    let estate = &mut *guard;
    // Endpoint names are unique in a region, so the first one found is the one.
    let found = estate
        .workspaces
        .iter_mut()
        .find_map(|w| w.endpoint_mut(&name).ok());
    let Some(endpoint) = found else {
        return refusal(
            StatusCode::NOT_FOUND,
            "NotFound",
            "There is no endpoint of this name.",
        );
    };
    if !is_authorised(&world.identity, endpoint, &headers) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "key_auth_access_denied",
            "Access denied due to a missing or invalid key or token.",
        );
    }
    match choose(endpoint, &headers) {
        Ok(chosen) => serve(endpoint, &chosen, &estate.load, world.clock.now(), &body),
        Err(answer) => *answer,
    }
}

/// A deployment, and the weight for which it got the request: none where it was named.
struct Chosen {
    deployment: String,
    weight: u32,
}

/// Answers as the deployment's health allows, and keeps the answer for whoever measures.
fn serve(
    endpoint: &mut Endpoint,
    chosen: &Chosen,
    load: &Load,
    now: Timestamp,
    body: &[u8],
) -> Response {
    let Chosen {
        deployment: name,
        weight,
    } = chosen;
    let Ok(deployment) = endpoint.deployment_mut(name) else {
        return not_ready();
    };
    let health = load.health(&deployment.spec.model, *weight, now);
    let mut response = if deployment.stumbles(health.errors) {
        let message = "The deployment fails, as a fault asks.";
        refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            message,
        )
    } else {
        predict(deployment, health.shift, body)
    };
    if let Ok(value) = HeaderValue::from_str(name) {
        response.headers_mut().insert(DEPLOYMENT, value);
    }
    let class = StatusClass::of(response.status());
    endpoint.record.count(now, name, class, health);
    response
}

fn is_authorised(identity: &Identity, endpoint: &Endpoint, headers: &HeaderMap) -> bool {
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default();
    let bearer = sent.strip_prefix("Bearer ").unwrap_or_default();
    match endpoint.spec.auth_mode {
        AuthMode::Key => endpoint.keys.iter().any(|key| key == bearer),
        AuthMode::AmlToken => endpoint.token == bearer,
        AuthMode::AadToken => identity.check(headers, &["https://ml.azure.com"]).is_ok(),
    }
}

/// The deployment that the header names, else the next one by traffic.
fn choose(endpoint: &mut Endpoint, headers: &HeaderMap) -> Result<Chosen, Box<Response>> {
    let missing = |message: &str| Box::new(refusal(StatusCode::NOT_FOUND, "NotFound", message));
    let Some(name) = headers.get(DEPLOYMENT) else {
        let picked = endpoint.pick();
        let deployment =
            picked.ok_or_else(|| missing("No deployment of this endpoint has traffic."))?;
        let weight = endpoint.weight(&deployment);
        return Ok(Chosen { deployment, weight });
    };
    let found = endpoint.deployment(name.to_str().unwrap_or_default());
    let found = found.map_err(|_| missing("The specified deployment could not be found."))?;
    Ok(Chosen {
        deployment: found.name.clone(),
        weight: 0,
    })
}

fn not_ready() -> Response {
    let message = "The deployment is not ready.";
    refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "ServiceUnavailable",
        message,
    )
}

fn predict(deployment: &mut Deployment, shift: f64, body: &[u8]) -> Response {
    let Some(predictor) = &deployment.loaded else {
        return not_ready();
    };
    deployment.served += 1;
    let answers = input::rows(body, predictor.features()).and_then(|rows| {
        rows.iter()
            .map(|row| predictor.predict(row).map(|prediction| prediction + shift))
            .collect::<Result<Vec<f64>, _>>()
    });
    match answers {
        Ok(predictions) => Json(predictions).into_response(),
        Err(message) => model_error(&message),
    }
}

/// The model's own server refused: Azure answers 424 and puts the inner status into a header.
fn model_error(message: &str) -> Response {
    let body: Value = json!({"error_code": "BAD_REQUEST", "message": message});
    let mut response = (StatusCode::FAILED_DEPENDENCY, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        "ms-azureml-model-error-reason",
        HeaderValue::from_static("model_error"),
    );
    headers.insert(
        "ms-azureml-model-error-statuscode",
        HeaderValue::from_static("400"),
    );
    response
}
