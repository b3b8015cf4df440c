//! The documents that tell how to check a token: Entra's below `/login/{tenant}`, the Bot Connector's below `/botframework`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::Identity;
use crate::admission::Plane;
use crate::world::World;

pub(crate) const LOGIN_PLANE: Plane = Plane {
    operation: login_operation,
    refusal,
};

pub(crate) const BOT_PLANE: Plane = Plane {
    operation: bot_operation,
    refusal,
};

/// Who signs the Bot Connector's tokens.
pub(super) const BOT_ISSUER: &str = "https://api.botframework.com";

pub(crate) fn login_routes() -> Router<Arc<World>> {
    Router::new()
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(entra),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(entra_keys))
}

pub(crate) fn bot_routes() -> Router<Arc<World>> {
    Router::new()
        .route("/v1/.well-known/openidconfiguration", get(bot))
        .route("/v1/.well-known/keys", get(bot_keys))
}

fn login_operation(parts: &Parts) -> Cow<'static, str> {
    if parts.uri.path().ends_with("/keys") {
        "login.keys".into()
    } else {
        "login.metadata".into()
    }
}

fn bot_operation(parts: &Parts) -> Cow<'static, str> {
    if parts.uri.path().ends_with("/keys") {
        "botframework.keys".into()
    } else {
        "botframework.metadata".into()
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"error": code, "error_description": message});
    (status, Json(body)).into_response()
}

async fn entra(State(world): State<Arc<World>>, Path(tenant): Path<String>) -> Response {
    if tenant != Identity::TENANT_ID {
        return no_such_tenant(&tenant);
    }
    let base = &world.base_url;
    Json(json!({
        "issuer": world.issuer(),
        "jwks_uri": format!("{base}/login/{tenant}/discovery/v2.0/keys"),
        "authorization_endpoint": format!("{base}/login/{tenant}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/login/{tenant}/oauth2/v2.0/token"),
        "response_types_supported": ["code", "id_token", "code id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .into_response()
}

async fn entra_keys(State(world): State<Arc<World>>, Path(tenant): Path<String>) -> Response {
    if tenant != Identity::TENANT_ID {
        return no_such_tenant(&tenant);
    }
    Json(world.identity.key_sets().entra()).into_response()
}

fn no_such_tenant(tenant: &str) -> Response {
    refusal(
        StatusCode::BAD_REQUEST,
        "invalid_tenant",
        &format!("AADSTS90002: Tenant '{tenant}' not found."),
    )
}

async fn bot(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({
        "issuer": BOT_ISSUER,
        "authorization_endpoint": "https://invalid.botframework.com",
        "jwks_uri": format!("{}/botframework/v1/.well-known/keys", world.base_url),
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }))
}

async fn bot_keys(State(world): State<Arc<World>>) -> Json<Value> {
    Json(world.identity.key_sets().bot())
}
