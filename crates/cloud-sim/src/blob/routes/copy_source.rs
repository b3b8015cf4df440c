//! How the destination service reads the source of Put Block From URL: over HTTP, as the real one does.
//!
//! Invariant: what the source refuses is told to the client as a copy that could not be verified, with the source's status.

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, StatusCode};

use super::asked::header;
use crate::blob::checksum::Sums;
use crate::blob::error::{BlobError, SourceProblem};
use crate::world::World;

/// Tells the service's own reads from those of clients, in counts and faults.
const READER: &str = "Windows-Azure-Blob copy source reader";

pub(super) fn is_read_for_a_copy(headers: &HeaderMap) -> bool {
    header(headers, USER_AGENT.as_str()) == Some(READER)
}

/// The bytes that the headers of the request point at.
pub(super) async fn fetch(world: &World, asked: &HeaderMap) -> Result<Bytes, BlobError> {
    let source = header(asked, "x-ms-copy-source")
        .ok_or(BlobError::MissingRequiredHeader("x-ms-copy-source"))?;
    let mut headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(READER))]);
    for (from, to) in [
        ("x-ms-copy-source-authorization", AUTHORIZATION),
        ("x-ms-source-range", HeaderName::from_static("x-ms-range")),
        ("x-ms-source-if-match", IF_MATCH),
        ("x-ms-source-if-none-match", IF_NONE_MATCH),
        ("x-ms-version", HeaderName::from_static("x-ms-version")),
    ] {
        if let Some(value) = asked.get(from) {
            headers.insert(to, value.clone());
        }
    }
    // A line that breaks says nothing about whether the source is there.
    let read = read(world, source, headers).await;
    let (status, bytes) = read.ok_or(unverified(SourceProblem::Failing))?;
    refuse_failure(status)?;
    sums(asked).check(&bytes)?;
    Ok(bytes)
}

/// Status and body; `None`: no answer came.
async fn read(world: &World, source: &str, headers: HeaderMap) -> Option<(StatusCode, Bytes)> {
    if world.inside.is_set() {
        let path = source.strip_prefix(&world.base_url)?;
        let mut request = Request::get(path).body(Bytes::new()).ok()?;
        request.headers_mut().extend(headers);
        let answer = Box::pin(world.inside.ask(request)).await?;
        return Some((answer.status(), answer.into_body()));
    }
    let answer = world.http.get(source).headers(headers).send().await.ok()?;
    Some((answer.status(), answer.bytes().await.ok()?))
}

fn refuse_failure(status: StatusCode) -> Result<(), BlobError> {
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(()),
        StatusCode::PRECONDITION_FAILED | StatusCode::NOT_MODIFIED => {
            Err(BlobError::SourceConditionNotMet)
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Err(BlobError::InvalidRange),
        StatusCode::NOT_FOUND => Err(unverified(SourceProblem::Missing)),
        status if status.is_server_error() => Err(unverified(SourceProblem::Failing)),
        // However the source words it, the client hears that the copy is forbidden.
        _ => Err(unverified(SourceProblem::Forbidden)),
    }
}

fn sums(asked: &HeaderMap) -> Sums {
    let text = |name| header(asked, name).map(str::to_owned);
    Sums {
        md5: text("x-ms-source-content-md5"),
        crc64: text("x-ms-source-content-crc64"),
    }
}

fn unverified(problem: SourceProblem) -> BlobError {
    BlobError::CannotVerifyCopySource(problem)
}
