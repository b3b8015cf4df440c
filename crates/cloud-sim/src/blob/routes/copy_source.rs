//! How the destination service reads the source of Put Block From URL: over HTTP, as the real one does.
//!
//! Invariant: what the source refuses is told to the client as a copy that could not be verified, with the source's status.

use bytes::Bytes;
use http::header::{AUTHORIZATION, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, StatusCode};

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
    let mut request = world.http.get(source).header(USER_AGENT, READER);
    for (from, to) in [
        ("x-ms-copy-source-authorization", AUTHORIZATION.as_str()),
        ("x-ms-source-range", "x-ms-range"),
        ("x-ms-source-if-match", IF_MATCH.as_str()),
        ("x-ms-source-if-none-match", IF_NONE_MATCH.as_str()),
        ("x-ms-version", "x-ms-version"),
    ] {
        if let Some(value) = asked.get(from) {
            request = request.header(to, value);
        }
    }
    // A line that breaks says nothing about whether the source is there.
    let unreachable = unverified(SourceProblem::Failing);
    let answer = request.send().await.map_err(|_| unreachable)?;
    refuse_failure(answer.status())?;
    let bytes = answer.bytes().await.map_err(|_| unreachable)?;
    sums(asked).check(&bytes)?;
    Ok(bytes)
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
