//! Bodies of requests, each up to what the service takes.

use axum::body::{Body, to_bytes};
use bytes::Bytes;

use crate::blob::error::BlobError;

const MIB: usize = 1 << 20;
pub(super) const LARGEST_PUT: usize = 5000 * MIB;
pub(super) const LARGEST_BLOCK: usize = 4000 * MIB;
pub(super) const LARGEST_APPEND: usize = 100 * MIB;
/// A list of 50,000 blocks with the longest ids.
pub(super) const LARGEST_DOCUMENT: usize = 8 * MIB;

pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, BlobError> {
    to_bytes(body, limit)
        .await
        .map_err(|_| BlobError::RequestBodyTooLarge)
}

pub(super) async fn read_text(body: Body) -> Result<String, BlobError> {
    let raw = read(body, LARGEST_DOCUMENT).await?;
    String::from_utf8(raw.into()).map_err(|_| BlobError::InvalidXmlDocument)
}
