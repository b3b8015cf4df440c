//! What every request passes first: it is named, counted, and meets the fault that waits for it.
//!
//! Invariant: a call is counted once, whether it is served, refused or cut.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use tokio::sync::watch;
use uuid::Uuid;

use crate::faults::Fault;
use crate::line::Line;
use crate::world::World;

/// The largest body that any plane takes: a whole blob in one request.
const LARGEST_BODY: usize = 5000 << 20;

/// What admission has to know about a plane.
#[derive(Clone, Copy)]
pub(crate) struct Plane {
    /// Names the operation of a request, with the plane in front: `blob.append`. The path lacks the plane's segment.
    pub(crate) operation: fn(&Parts) -> Cow<'static, str>,
    /// An error in the plane's own shape: status, code, message.
    pub(crate) refusal: fn(StatusCode, &str, &str) -> Response,
}

/// How often each operation was called.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    counts: Mutex<BTreeMap<String, u64>>,
    refused: Mutex<BTreeMap<String, u64>>,
    total: AtomicU64,
}

impl Calls {
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Calls that were answered by an error: `blob.append 412`.
    pub(crate) fn refused(&self) -> BTreeMap<String, u64> {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn count_refused(&self, operation: &str, status: StatusCode) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{operation} {}", status.as_u16());
        *refused.entry(key).or_default() += 1;
    }

    /// Counts a call and gives the id under which it is known.
    fn count(&self, operation: &str) -> HeaderValue {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(operation.to_owned()).or_default() += 1;
        let id = Uuid::from_u128(u128::from(self.total.fetch_add(1, Ordering::Relaxed)));
        HeaderValue::try_from(id.to_string()).expect("a uuid is plain text")
    }
}

#[derive(Clone)]
struct Gate {
    plane: Plane,
    world: Arc<World>,
    stopping: watch::Receiver<bool>,
}

/// Puts the gate in front of a plane's routes.
pub(crate) fn admit(
    routes: Router<Arc<World>>,
    plane: Plane,
    world: &Arc<World>,
    stopping: &watch::Receiver<bool>,
) -> Router<Arc<World>> {
    let gate = Gate {
        plane,
        world: Arc::clone(world),
        stopping: stopping.clone(),
    };
    routes.layer(middleware::from_fn_with_state(gate, pass))
}

/// `GET /control/calls`: how often each operation was called.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/calls", get(calls))
}

async fn calls(State(world): State<Arc<World>>) -> Json<BTreeMap<String, u64>> {
    Json(world.calls.counts())
}

async fn pass(
    State(gate): State<Gate>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let operation = (gate.plane.operation)(&parts);
    let id = gate.world.calls.count(&operation);
    let fault = gate.world.faults.next_for(&operation);
    // Read to its end first: a refusal must not meet a client that is still sending.
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return silence(&line);
    };
    let request = Request::from_parts(parts, Body::from(body));
    let mut stopping = gate.stopping.clone();
    let mut answer = tokio::select! {
        answer = meet(fault, &gate, &line, request, next) => answer,
        // A long poll must not outlive the cloud.
        _ = stopping.wait_for(|stop| *stop) => silence(&line),
    };
    if answer.status().is_client_error() || answer.status().is_server_error() {
        gate.world.calls.count_refused(&operation, answer.status());
    }
    answer.headers_mut().entry("x-ms-request-id").or_insert(id);
    answer
}

async fn meet(
    fault: Option<Fault>,
    gate: &Gate,
    line: &Line,
    request: Request,
    next: Next,
) -> Response {
    match fault {
        None => next.run(request).await,
        Some(Fault::Status { status, code }) => {
            (gate.plane.refusal)(status, &code, "a fault was asked for")
        }
        Some(Fault::Delay { delay }) => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        Some(Fault::Reset) => silence(line),
        Some(Fault::LostAnswer) => {
            next.run(request).await;
            silence(line)
        }
        Some(Fault::LateAnswer { delay }) => {
            let answer = next.run(request).await;
            tokio::time::sleep(delay).await;
            answer
        }
    }
}

/// The answer that nobody gets.
fn silence(line: &Line) -> Response {
    line.cut();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
