//! Answers of the blob service, and the headers that describe a blob.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;

use super::asked::header;
use crate::blob::entry::{Blob, Content};
use crate::blob::error::BlobError;

/// What an operation comes to.
pub(super) type Answer = Result<Response, BlobError>;

/// What the service speaks when a client names no version.
const VERSION: &str = "2021-12-02";

/// What every answer carries.
pub(super) fn dress(mut answer: Response, asked: &HeaderMap) -> Response {
    let headers = answer.headers_mut();
    put(
        headers,
        "server",
        "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
    );
    put(
        headers,
        "x-ms-version",
        header(asked, "x-ms-version").unwrap_or(VERSION),
    );
    if let Some(id) = header(asked, "x-ms-client-request-id") {
        put(headers, "x-ms-client-request-id", id);
    }
    answer
}

pub(super) fn empty(status: StatusCode) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

pub(super) fn with_xml(status: StatusCode, document: String) -> Response {
    let mut answer = Response::new(Body::from(document));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    answer
}

/// A write that succeeded: the new version of the blob.
pub(super) fn written(status: StatusCode, blob: &Blob) -> Response {
    let mut answer = empty(status);
    version(answer.headers_mut(), &blob.etag.to_string(), blob.modified);
    put(
        answer.headers_mut(),
        "x-ms-request-server-encrypted",
        "true",
    );
    answer
}

pub(super) fn version(headers: &mut HeaderMap, etag: &str, modified: Timestamp) {
    put(headers, ETAG.as_str(), etag);
    put(headers, LAST_MODIFIED.as_str(), &http_date(modified));
}

/// The headers that describe a blob, for Get Blob and Get Blob Properties.
pub(super) fn describe(headers: &mut HeaderMap, blob: &Blob) {
    version(headers, &blob.etag.to_string(), blob.modified);
    let content_type = blob
        .properties
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    put(headers, CONTENT_TYPE.as_str(), content_type);
    put(headers, "accept-ranges", "bytes");
    put(headers, "x-ms-blob-type", blob.kind.name());
    put(headers, "x-ms-creation-time", &http_date(blob.created));
    put(headers, "x-ms-lease-status", "unlocked");
    put(headers, "x-ms-lease-state", "available");
    put(headers, "x-ms-server-encrypted", "true");
    if let Content::Appended(pieces) = &blob.content {
        put(
            headers,
            "x-ms-blob-committed-block-count",
            &pieces.len().to_string(),
        );
    }
    for (name, value) in &blob.properties.metadata {
        put(headers, &format!("x-ms-meta-{name}"), value);
    }
}

pub(super) fn with_pieces(mut answer: Response, pieces: Vec<Bytes>) -> Response {
    let length: usize = pieces.iter().map(Bytes::len).sum();
    put(
        answer.headers_mut(),
        CONTENT_LENGTH.as_str(),
        &length.to_string(),
    );
    let pieces = pieces.into_iter().map(Ok::<_, std::convert::Infallible>);
    *answer.body_mut() = Body::from_stream(futures::stream::iter(pieces));
    answer
}

/// Sets a header; text that no header may hold is left out.
pub(super) fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = http::HeaderName::try_from(name);
    if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}

pub(super) fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
