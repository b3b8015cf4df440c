//! Writes each exchange with ARM as a line of JSON, to be held against the published interface documents.
//!
//! Invariant: a line is one write to a file opened for appending, so several clouds may share the file. Answers that a
//! fault made up are not recorded: ARM's routes did not give them.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::world::World;

/// ARM's own limit of a request is 4 MiB; its answers are not larger here.
const LARGEST_BODY: usize = 16 << 20;

/// Where exchanges go, if anywhere.
#[derive(Debug)]
pub(crate) struct Recorder {
    file: Option<File>,
}

impl Recorder {
    /// Opens the file for appending, creating it; without one nothing is recorded.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self { file: None });
        };
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .with_context(|| format!("cannot record to {}", path.display()))?;
        Ok(Self { file: Some(file) })
    }

    fn write(mut file: &File, exchange: &Exchange) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(exchange)?;
        line.push(b'\n');
        file.write_all(&line)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exchange {
    method: String,
    path: String,
    request_body: Option<Value>,
    status: u16,
    response_body: Option<Value>,
}

/// Records what these routes are asked and answer.
pub(crate) fn record(routes: Router<Arc<World>>, world: &Arc<World>) -> Router<Arc<World>> {
    routes.layer(middleware::from_fn_with_state(Arc::clone(world), pass))
}

async fn pass(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    match &world.recorder.file {
        None => next.run(request).await,
        Some(file) => pass_and_write(file, request, next).await,
    }
}

async fn pass_and_write(file: &File, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let (parts, body) = request.into_parts();
    let Ok(asked) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (head, body) = next
        .run(Request::from_parts(parts, Body::from(asked.clone())))
        .await
        .into_parts();
    let Ok(answered) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let exchange = Exchange {
        method,
        path,
        request_body: json_of(&asked),
        status: head.status.as_u16(),
        response_body: json_of(&answered),
    };
    if let Err(error) = Recorder::write(file, &exchange) {
        tracing::error!(%error, "an exchange could not be recorded");
    }
    Response::from_parts(head, Body::from(answered))
}

fn json_of(body: &Bytes) -> Option<Value> {
    serde_json::from_slice(body).ok()
}
