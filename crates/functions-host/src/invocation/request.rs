//! The request towards the handler, header by header.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures::stream;
use http::{HeaderName, HeaderValue, Method, Request, header};

/// A host of 2025 or later: it knows `enableProxyingHttpRequest`.
pub(crate) const HOST_VERSION: &str = "4.1052.0.0";
const USER_AGENT: HeaderValue = HeaderValue::from_static("Azure-Functions-Host/4.1052.0.0");
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

pub(crate) const HOST_VERSION_HEADER: HeaderName =
    HeaderName::from_static("x-azure-functions-hostversion");
pub(crate) const INVOCATION_ID_HEADER: HeaderName =
    HeaderName::from_static("x-azure-functions-invocationid");

/// Always POST to the function's name, chunked: the real host never computes a length.
pub(super) fn enveloped(
    port: u16,
    path: &str,
    invocation_id: &str,
    method: &Method,
    body: &Bytes,
) -> Option<Request<Body>> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, format!("127.0.0.1:{port}"))
        .header(header::USER_AGENT, USER_AGENT)
        .header(HOST_VERSION_HEADER, HOST_VERSION)
        .header(INVOCATION_ID_HEADER, invocation_id);
    let body = if method == Method::POST {
        request = request.header(header::CONTENT_TYPE, CONTENT_TYPE);
        Body::from_stream(stream::iter([Ok::<_, Infallible>(body.clone())]))
    } else {
        Body::empty()
    };
    request.body(body).ok()
}
