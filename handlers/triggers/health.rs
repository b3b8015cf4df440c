//! `health`: whether this app is ready, and what it depends on.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

use crate::app::App;
use crate::causes::chain;

/// 200 when state can be read, 503 when not. Says nothing that a stranger should not know.
pub async fn handle(State(app): State<Arc<App>>) -> Response {
    let storage = app.engine.store.reachable().await;
    let routes = app.engine.config.routes.len();
    // Not ready for people, but promotions go on: so it changes no status.
    let sign_in = match app.identity.closed() {
        None => "configured",
        Some(_) => "closed",
    };
    if let Err(error) = &storage {
        tracing::warn!("health: storage cannot be reached: {}", chain(error));
    }
    let (status, word) = match storage {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "unreachable"),
    };
    (
        status,
        Json(json!({ "status": word, "storage": word, "routes": routes, "signIn": sign_in })),
    )
        .into_response()
}
