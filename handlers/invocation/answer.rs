//! What goes back to the host: a JSON object, always, with the status that says whether it should deliver again.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The invocation's id, for logs: one per try, so no key for anything else.
#[derive(Debug, Clone)]
pub struct Invocation(pub String);

impl Invocation {
    /// Out of the host's headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let id = headers
            .get("x-azure-functions-invocationid")
            .and_then(|id| id.to_str().ok());
        Self(id.unwrap_or("none").chars().take(64).collect())
    }
}

/// Done: the message is completed, the event acknowledged.
pub fn succeeded() -> Response {
    Json(json!({})).into_response()
}

/// Not done: deliver it again. The body says nothing of the cause, for the host writes it into its log as it is.
pub fn failed() -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Json(json!({ "error": "failed; the handler's log says why" })),
    )
        .into_response()
}
