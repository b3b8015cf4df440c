//! Which path leads to which trigger. Enveloped functions arrive at `/<function>`, HTTP functions at their own path.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::StreamExt as _;
use serde_json::json;
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::triggers::{advance, api, approval, board, health, ml_event, page, sweep, teams};

/// An event of Event Grid is at most 1 MB, a message 256 KB; an envelope may quadruple it.
const LARGEST_INVOCATION: usize = 8 * 1024 * 1024;

/// A form or a request of ours.
const LARGEST_REQUEST: usize = 64 * 1024;

/// What the host forwards at most.
const MOST_READ_AWAY: usize = 100 * 1024 * 1024;

/// Every route.
pub fn router(app: Arc<App>) -> Router {
    let invocations = Router::new()
        .route("/ml_event", post(ml_event::handle))
        .route("/advance", post(advance::handle))
        .route("/sweep", post(sweep::handle))
        .layer(DefaultBodyLimit::max(LARGEST_INVOCATION));
    let requests = Router::new()
        .route(
            "/api/approvals/{id}",
            get(approval::page).post(approval::decide),
        )
        .route("/api/board", get(board::index))
        .route("/api/board/", get(board::index))
        .route("/api/board/style.css", get(board::style))
        .route("/api/board/refresh.js", get(board::script))
        .route("/api/board/promotions/{id}", get(board::promotion))
        .route("/api/v1/me", get(api::me))
        .route("/api/v1/promotions", get(api::list).post(api::start))
        .route("/api/v1/promotions/{id}", get(api::show))
        .route("/api/v1/promotions/{id}/why", get(api::why))
        .route("/api/v1/promotions/{id}/plan", get(api::plan))
        .route(
            "/api/v1/promotions/{id}/decisions",
            get(api::asked).post(api::decision),
        )
        .route("/api/v1/promotions/{id}/{verb}", post(api::verb))
        .route("/api/v1/targets", get(api::targets))
        .route("/api/v1/targets/{id}/{verb}", post(api::target_verb))
        .route("/api/v1/freezes", get(api::freezes).post(api::set_freeze))
        .route("/api/v1/freezes/{id}/lift", post(api::lift_freeze))
        .route("/api/v1/events", get(api::events))
        .route(
            "/api/v1/events/{day}/{hash}/replay",
            post(api::replay_event),
        )
        .route("/api/messages", post(teams::handle))
        .route("/api/health", get(health::handle))
        .fallback(api::unknown_path)
        .method_not_allowed_fallback(api::wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(from_fn_with_state(app.clone(), too_large));
    Router::new()
        // The host asks this every 25 ms until it has an answer, and now and then afterwards.
        .route("/", get(async || "liftlock\n"))
        .merge(invocations)
        .merge(requests)
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
            panicked(panic.as_ref())
        }))
        .layer(from_fn(unkept))
        .with_state(app)
}

/// What the API says is about now and for whoever asked: no cache keeps it.
async fn unkept(request: Request, next: Next) -> Response {
    let of_api = request.uri().path().starts_with("/api/v1");
    let mut answer = next.run(request).await;
    if of_api {
        let no_store = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
    }
    answer
}

/// A body beyond its limit, in a sentence instead of the framework's words.
async fn too_large(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let by_form = api::is_form(request.headers());
    if is_too_large(request.headers()) {
        read_away(request.into_body()).await;
    } else {
        let answer = next.run(request).await;
        if answer.status() != StatusCode::PAYLOAD_TOO_LARGE {
            return answer;
        }
    }
    let message = format!(
        "The request is larger than {} KB; shorten it and send it again.",
        LARGEST_REQUEST / 1024
    );
    if by_form {
        return page::too_large(&app, &message);
    }
    let error = json!({ "error": { "code": "TooLarge", "message": message } });
    (StatusCode::PAYLOAD_TOO_LARGE, Json(error)).into_response()
}

fn is_too_large(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > LARGEST_REQUEST as u64)
}

/// What is not taken is read all the same: answered before it is sent to its end, whoever forwards it would find the connection
/// closed, and no answer.
async fn read_away(body: Body) {
    let mut left = MOST_READ_AWAY;
    let mut parts = body.into_data_stream();
    while let Some(Ok(part)) = parts.next().await {
        left = match left.checked_sub(part.len()) {
            Some(left) => left,
            None => return,
        };
    }
}

/// Our own fault, in the one form that every caller can read: the host waits for ever on an answer that is no JSON.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!("a request panicked: {text}");
    let error = json!({ "error": {
        "code": "Panicked",
        "message": "This request met a mistake of the app itself. It is logged; try again.",
    } });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_in_json_and_says_nothing_of_it() {
        let answer = panicked(&"at the disco".to_owned());
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()["content-type"], "application/json");
        let body = axum::body::to_bytes(answer.into_body(), 1000)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains("Panicked") && !text.contains("disco"),
            "{text}"
        );
    }
}
