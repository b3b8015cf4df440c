//! A handler that tells what it was called with and does what the call asks for.
//!
//! Every call is a line on stdout: `call {"method", "path", "headers", "body"}`. An enveloped call obeys the `do` of its
//! event or message; the answer to a proxied one shows the request. `probe-worker host <folder>` plays a whole host.

mod commands;
mod proxied;

use std::convert::Infallible;
use std::env;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["host", app_root] => host(app_root).await,
        _ => work().await,
    }
}

/// Runs a host until it is killed.
async fn host(app_root: &str) {
    let host = functions_host::Host::start(functions_host::HostOptions::new(app_root))
        .await
        .expect("the host starts");
    println!("worker {}", host.worker_pid().expect("the handler runs"));
    host.stopped().await;
}

async fn work() {
    if let Some(code) = setting("PROBE_EXIT") {
        eprintln!("warning: about to exit");
        eprintln!("exiting on request");
        std::process::exit(i32::try_from(code).expect("an exit code"));
    }
    if let Some(milliseconds) = setting("PROBE_START_DELAY") {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    let port = env::var("FUNCTIONS_CUSTOMHANDLER_PORT").expect("the host names a port");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port is free");
    axum::serve(listener, Router::new().fallback(answer))
        .await
        .expect("serving goes on");
}

fn setting(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// What the host asks for to see whether we are ready.
fn root() -> Response {
    let mut answer = Response::new(Body::empty());
    if setting("PROBE_ROOT_MISSING").is_some() {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    answer
}

async fn answer(request: Request) -> Result<Response, Infallible> {
    let (head, body) = request.into_parts();
    if head.uri.path().starts_with("/api/") {
        return Ok(proxied::answer(Request::from_parts(head, body)).await);
    }
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    let headers: Vec<_> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?")))
        .collect();
    if head.uri.path() != "/" {
        let call = json!({ "method": head.method.as_str(), "path": head.uri.path(), "headers": headers, "body": text });
        println!("call {call}");
    }
    Ok(match head.uri.path() {
        "/" => root(),
        _ => commands::obey(&text).await,
    })
}
