//! HTTP functions: the request goes to the handler as it came, the answer streams back.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use tokio::net::TcpStream;

use super::body_limit::is_too_large;
use super::watchdog::Watchdog;
use crate::http_client::{self, SendError};
use crate::ids;
use crate::invocation::{
    HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID_HEADER, InvocationFailure, Invoker,
};
use crate::log::Level;

const CONNECT_ATTEMPTS: u32 = 10;
const FIRST_RETRY: Duration = Duration::from_millis(50);
const SLOWEST_RETRY: Duration = Duration::from_millis(250);

const CORRELATION_HEADER: HeaderName = HeaderName::from_static("x-ms-invocation-id");

/// They belong to one connection only.
const HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A handler that cannot be reached is a failed function: 500 with an empty body.
pub(super) async fn call(invoker: &Invoker, function: &str, request: Request<Body>) -> Response {
    match forward(invoker, request).await {
        Ok(response) => response,
        Err(failure) if is_too_large(&failure) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(failure) => {
            invoker.log().host(
                Level::Error,
                format!("Executed 'Functions.{function}' (Failed): {failure}"),
            );
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn forward(invoker: &Invoker, request: Request<Body>) -> Result<Response, InvocationFailure> {
    let worker = invoker.worker();
    let generation = worker.ready().await?;
    let watchdog = Watchdog::set(worker, generation, invoker.function_timeout());
    let stream = connect(worker.port()).await?;
    let response = http_client::send_on(stream, outgoing(request, worker.port())).await?;
    Ok(incoming(response, watchdog))
}

/// Refused connections are retried: the handler may be about to be restarted.
async fn connect(port: u16) -> Result<TcpStream, SendError> {
    let mut pause = FIRST_RETRY;
    for _ in 1..CONNECT_ATTEMPTS {
        if let Ok(stream) = http_client::connect(port).await {
            return Ok(stream);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(SLOWEST_RETRY);
    }
    http_client::connect(port).await
}

/// Path and query stay as they are; three headers are set, whatever the caller sent in them.
fn outgoing(request: Request<Body>, port: u16) -> Request<Body> {
    let (mut head, body) = request.into_parts();
    strip_hop_by_hop(&mut head.headers);
    let invocation_id = HeaderValue::from_str(&ids::guid()).expect("a guid is plain text");
    head.headers
        .insert(HOST_VERSION_HEADER, HeaderValue::from_static(HOST_VERSION));
    head.headers
        .insert(INVOCATION_ID_HEADER, invocation_id.clone());
    head.headers.insert(CORRELATION_HEADER, invocation_id);
    head.headers.entry(header::HOST).or_insert_with(|| {
        HeaderValue::from_str(&format!("127.0.0.1:{port}")).expect("an address is plain text")
    });
    head.uri = head
        .uri
        .path_and_query()
        .map_or_else(Default::default, |path| path.clone().into());
    head.version = http::Version::HTTP_11;
    Request::from_parts(head, body)
}

fn incoming(response: http::Response<Incoming>, watchdog: Watchdog) -> Response {
    let (mut head, body) = response.into_parts();
    strip_hop_by_hop(&mut head.headers);
    Response::from_parts(head, watchdog.watch(body))
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}
