//! What changes a blob: from the wire to the store, and the new version back.

use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};

use super::answer::{Answer, empty, put, written};
use super::asked::{self, Asked, header};
use super::body::{LARGEST_APPEND, LARGEST_BLOCK, LARGEST_DOCUMENT, LARGEST_PUT, read};
use super::{copy_source, xml};
use crate::blob::checksum;
use crate::blob::entry::Kind;
use crate::blob::error::BlobError;
use crate::blob::store::AppendLimits;
use crate::world::World;

pub(super) async fn put_blob(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
) -> Answer {
    let kind = match header(headers, "x-ms-blob-type") {
        Some("BlockBlob") => Kind::Block,
        Some("AppendBlob") => Kind::Append,
        Some(_) => return Err(BlobError::InvalidHeaderValue("x-ms-blob-type")),
        None => return Err(BlobError::MissingRequiredHeader("x-ms-blob-type")),
    };
    let bytes = read(body, LARGEST_PUT).await?;
    if kind == Kind::Append && !bytes.is_empty() {
        return Err(BlobError::InvalidHeaderValue("content-length"));
    }
    asked::sums(headers).check(&bytes)?;
    let mut properties = asked::properties(headers)?;
    let md5 = checksum::md5(&bytes);
    if kind == Kind::Block && properties.content_md5.is_none() {
        // The only write for which the service itself stores a checksum of the whole.
        properties.content_md5 = Some(md5.clone());
    }
    let conditions = asked::conditions(headers);
    let blob = world
        .blobs
        .put_blob(&asked.address, kind, bytes, properties, &conditions)?;
    let mut answer = written(StatusCode::CREATED, &blob);
    put(answer.headers_mut(), "content-md5", &md5);
    Ok(answer)
}

pub(super) async fn put_block(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
) -> Answer {
    let bytes = read(body, LARGEST_BLOCK).await?;
    asked::sums(headers).check(&bytes)?;
    stage(world, asked, bytes)
}

pub(super) async fn put_block_from_url(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
) -> Answer {
    // Azure wants no body here, and says so by its length.
    if header(headers, CONTENT_LENGTH.as_str()).is_some_and(|length| length != "0") {
        return Err(BlobError::InvalidHeaderValue("content-length"));
    }
    let bytes = copy_source::fetch(world, headers).await?;
    if bytes.len() > LARGEST_BLOCK {
        return Err(BlobError::RequestBodyTooLarge);
    }
    stage(world, asked, bytes)
}

pub(super) async fn put_block_list(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
) -> Answer {
    let document = read(body, LARGEST_DOCUMENT).await?;
    asked::sums(headers).check(&document)?;
    let document = std::str::from_utf8(&document).map_err(|_| BlobError::InvalidXmlDocument)?;
    let wanted = xml::wanted(document)?;
    let properties = asked::properties(headers)?;
    let conditions = asked::conditions(headers);
    let blob = world
        .blobs
        .commit(&asked.address, &wanted, properties, &conditions)?;
    Ok(written(StatusCode::CREATED, &blob))
}

pub(super) async fn append(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
) -> Answer {
    let bytes = read(body, LARGEST_APPEND).await?;
    if bytes.is_empty() {
        return Err(BlobError::InvalidHeaderValue("content-length"));
    }
    asked::sums(headers).check(&bytes)?;
    let limits = AppendLimits {
        position: number(headers, "x-ms-blob-condition-appendpos")?,
        max_size: number(headers, "x-ms-blob-condition-maxsize")?,
    };
    let appended =
        world
            .blobs
            .append(&asked.address, bytes, limits, &asked::conditions(headers))?;
    let mut answer = written(StatusCode::CREATED, &appended.blob);
    put(
        answer.headers_mut(),
        "x-ms-blob-append-offset",
        &appended.offset.to_string(),
    );
    put(
        answer.headers_mut(),
        "x-ms-blob-committed-block-count",
        &appended.blocks.to_string(),
    );
    Ok(answer)
}

pub(super) fn set_metadata(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
    let metadata = asked::metadata(headers)?;
    let blob = world
        .blobs
        .set_metadata(&asked.address, metadata, &asked::conditions(headers))?;
    Ok(written(StatusCode::OK, &blob))
}

pub(super) fn delete(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
    world
        .blobs
        .delete(&asked.address, &asked::conditions(headers))?;
    let mut answer = empty(StatusCode::ACCEPTED);
    put(answer.headers_mut(), "x-ms-delete-type-permanent", "true");
    Ok(answer)
}

fn stage(world: &World, asked: &Asked, bytes: Bytes) -> Answer {
    let id = asked
        .query("blockid")
        .ok_or(BlobError::InvalidQueryParameterValue("blockid"))?;
    if bytes.is_empty() {
        return Err(BlobError::InvalidHeaderValue("content-length"));
    }
    world.blobs.stage(&asked.address, id, bytes)?;
    let mut answer = empty(StatusCode::CREATED);
    put(
        answer.headers_mut(),
        "x-ms-request-server-encrypted",
        "true",
    );
    Ok(answer)
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<Option<u64>, BlobError> {
    let text = header(headers, name);
    text.map(str::parse)
        .transpose()
        .map_err(|_| BlobError::InvalidHeaderValue(name))
}
