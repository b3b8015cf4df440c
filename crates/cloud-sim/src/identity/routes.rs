//! The token endpoint of App Service: `GET /identity/token?resource=…&api-version=2019-08-01[&client_id=]`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Identity;
use crate::admission::Plane;
use crate::world::World;

/// The protocol's only version on App Service.
const API_VERSION: &str = "2019-08-01";

pub(crate) const PLANE: Plane = Plane { operation, refusal };

#[derive(Deserialize)]
struct Asked {
    resource: Option<String>,
    #[serde(rename = "api-version")]
    api_version: Option<String>,
    client_id: Option<String>,
}

#[derive(Serialize)]
struct Granted {
    access_token: String,
    client_id: &'static str,
    expires_on: String,
    resource: String,
    token_type: &'static str,
}

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/token", get(token))
}

fn operation(_: &Parts) -> Cow<'static, str> {
    "identity.token".into()
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"statusCode": status.as_u16(), "message": format!("{code}: {message}"), "correlationId": ""});
    (status, Json(body)).into_response()
}

async fn token(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    match grant(&world.identity, &headers, asked) {
        Ok(granted) => Json(granted).into_response(),
        Err(message) => refusal(StatusCode::BAD_REQUEST, "BadRequest", message),
    }
}

fn grant(identity: &Identity, headers: &HeaderMap, asked: Asked) -> Result<Granted, &'static str> {
    let secret = headers
        .get("x-identity-header")
        .map(http::HeaderValue::as_bytes);
    if secret != Some(identity.header().as_bytes()) {
        return Err("X-IDENTITY-HEADER is missing or wrong");
    }
    if asked.api_version.as_deref() != Some(API_VERSION) {
        return Err("the api-version is missing or unknown");
    }
    let own = Identity::CLIENT_ID;
    let assigned = [own, Identity::BOT_APP_ID];
    let client_id = match &asked.client_id {
        None => Some(own),
        Some(named) => assigned.into_iter().find(|id| id == named),
    };
    let Some(client_id) = client_id else {
        return Err("no managed identity with this client id is assigned to the app");
    };
    let resource = asked.resource.ok_or("the resource is missing")?;
    let (access_token, expires) = identity.token_of(client_id, &resource);
    Ok(Granted {
        access_token,
        client_id,
        expires_on: expires.as_second().to_string(),
        resource,
        token_type: "Bearer",
    })
}
