//! Proxied calls: the answer shows the request, or streams, or tells of the process.

use std::convert::Infallible;
use std::env;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::{StatusCode, header};
use serde_json::{Value, json};

pub(crate) async fn answer(request: Request) -> Response {
    match request.uri().path() {
        "/api/process" => json_response(&process()),
        "/api/stream" => streaming(),
        "/api/moved" => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        "/api/exit" => std::process::exit(7),
        _ => echo(request).await,
    }
}

async fn echo(request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let headers: Value = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap_or("?"))))
        .collect();
    json_response(&json!({
        "method": head.method.as_str(),
        "path": head.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
}

fn process() -> Value {
    json!({
        "pid": std::process::id(),
        "folder": env::current_dir().expect("a folder"),
        "arguments": env::args().skip(1).collect::<Vec<_>>(),
        "environment": env::vars().collect::<std::collections::BTreeMap<_, _>>(),
    })
}

/// One line at once, then one every 20 ms for ever.
fn streaming() -> Response {
    let lines = stream::unfold(0, |number| async move {
        if number > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some((Ok::<_, Infallible>(format!("line {number}\n")), number + 1))
    });
    Body::from_stream(lines).into_response()
}

fn json_response(value: &Value) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
        .into_response()
}
