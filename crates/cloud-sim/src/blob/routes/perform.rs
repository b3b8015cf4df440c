//! Does what a request asks for: one function per operation, from the wire to the store and back.

use std::ops::Range;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE as BASE64;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};

use super::answer::{self, empty, put, with_xml, written};
use super::asked::{self, Asked, Operation};
use super::{CREATED, copy_source, header, xml};
use crate::blob::checksum;
use crate::blob::entry::{Blob, Content, Kind};
use crate::blob::error::BlobError;
use crate::blob::listing::Query;
use crate::blob::sas::DelegationKey;
use crate::blob::store::AppendLimits;
use crate::identity::Caller;
use crate::world::World;

const MIB: usize = 1 << 20;
const LARGEST_PUT: usize = 5000 * MIB;
const LARGEST_BLOCK: usize = 4000 * MIB;
const LARGEST_APPEND: usize = 100 * MIB;
/// A list of 50,000 blocks with the longest ids.
const LARGEST_DOCUMENT: usize = 8 * MIB;
const LARGEST_PAGE: usize = 5000;

type Answer = Result<Response, BlobError>;

pub(super) async fn perform(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
    caller: Option<Caller>,
) -> Answer {
    match asked.operation {
        Operation::UserDelegationKey => user_delegation_key(asked, headers, body, caller).await,
        Operation::CreateContainer => create_container(world, asked),
        Operation::ContainerProperties => container_properties(world, asked),
        Operation::ListBlobs => list(world, asked),
        Operation::PutBlob => put_blob(world, asked, headers, body).await,
        Operation::PutBlock => put_block(world, asked, headers, body).await,
        Operation::PutBlockFromUrl => put_block_from_url(world, asked, headers).await,
        Operation::PutBlockList => put_block_list(world, asked, headers, body).await,
        Operation::GetBlockList => get_block_list(world, asked),
        Operation::AppendBlock => append(world, asked, headers, body).await,
        Operation::GetBlob => get(world, asked, headers),
        Operation::GetProperties => head(world, asked, headers),
        Operation::SetMetadata => set_metadata(world, asked, headers),
        Operation::DeleteBlob => delete(world, asked, headers),
        Operation::NotBuilt => Err(BlobError::NotBuilt),
    }
}

async fn user_delegation_key(
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
    caller: Option<Caller>,
) -> Answer {
    let caller = caller.ok_or(BlobError::AuthenticationFailed)?;
    let (start, expiry) = xml::key_times(&read_text(body).await?)?;
    let key = DelegationKey {
        object_id: caller.object_id,
        tenant_id: crate::Identity::TENANT_ID.to_owned(),
        start: format!("{start:.0}"),
        expiry: format!("{expiry:.0}"),
        service: "b".to_owned(),
        version: header(headers, "x-ms-version")
            .unwrap_or("2021-12-02")
            .to_owned(),
    };
    key.check()?;
    let value = key.value(&asked.address.account);
    Ok(with_xml(StatusCode::OK, xml::delegation_key(&key, &value)))
}

fn create_container(world: &World, asked: &Asked) -> Answer {
    let at = &asked.address;
    if asked.query("restype") != Some("container") {
        return Err(BlobError::InvalidQueryParameterValue("restype"));
    }
    if !is_container_name(&at.container) {
        return Err(BlobError::InvalidResourceName);
    }
    let container = world.blobs.create_container(&at.account, &at.container)?;
    let mut answer = empty(CREATED);
    answer::version(
        answer.headers_mut(),
        &container.etag.to_string(),
        container.modified,
    );
    Ok(answer)
}

fn container_properties(world: &World, asked: &Asked) -> Answer {
    let container = world
        .blobs
        .container(&asked.address.account, &asked.address.container)?;
    let mut answer = empty(StatusCode::OK);
    answer::version(
        answer.headers_mut(),
        &container.etag.to_string(),
        container.modified,
    );
    Ok(answer)
}

fn list(world: &World, asked: &Asked) -> Answer {
    let at = &asked.address;
    let query = Query {
        prefix: asked.query("prefix").unwrap_or_default().to_owned(),
        delimiter: asked
            .query("delimiter")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        marker: asked
            .query("marker")
            .filter(|text| !text.is_empty())
            .map(unmark)
            .transpose()?,
        max_results: max_results(asked)?,
    };
    let page = world.blobs.page(&at.account, &at.container, &query)?;
    let shown = asked
        .query("include")
        .is_some_and(|include| include.split(',').any(|part| part == "metadata"));
    let metadata = if shown {
        xml::Metadata::Shown
    } else {
        xml::Metadata::Hidden
    };
    let endpoint = format!("{}/blob/{}/", world.base_url, at.account);
    Ok(with_xml(
        StatusCode::OK,
        xml::listing(&endpoint, &at.container, &query, &page, metadata),
    ))
}

fn max_results(asked: &Asked) -> Result<usize, BlobError> {
    match asked.query("maxresults").map(str::parse::<usize>) {
        None => Ok(LARGEST_PAGE),
        Some(Ok(0)) => Err(BlobError::OutOfRangeQueryParameterValue("maxresults")),
        Some(Ok(wanted)) => Ok(wanted.min(LARGEST_PAGE)),
        Some(Err(_)) => Err(BlobError::InvalidQueryParameterValue("maxresults")),
    }
}

/// The last entry of a page as an opaque marker.
pub(super) fn marker(last: &str) -> String {
    BASE64.encode(last)
}

fn unmark(marker: &str) -> Result<String, BlobError> {
    let bad = BlobError::InvalidQueryParameterValue("marker");
    let raw = BASE64.decode(marker).map_err(|_| bad)?;
    String::from_utf8(raw).map_err(|_| bad)
}

async fn put_blob(world: &World, asked: &Asked, headers: &HeaderMap, body: Body) -> Answer {
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
    let mut answer = written(CREATED, &blob);
    put(answer.headers_mut(), "content-md5", &md5);
    Ok(answer)
}

async fn put_block(world: &World, asked: &Asked, headers: &HeaderMap, body: Body) -> Answer {
    let bytes = read(body, LARGEST_BLOCK).await?;
    asked::sums(headers).check(&bytes)?;
    stage(world, asked, bytes)
}

async fn put_block_from_url(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
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

fn stage(world: &World, asked: &Asked, bytes: Bytes) -> Answer {
    let id = asked
        .query("blockid")
        .ok_or(BlobError::InvalidQueryParameterValue("blockid"))?;
    if bytes.is_empty() {
        return Err(BlobError::InvalidHeaderValue("content-length"));
    }
    world.blobs.stage(&asked.address, id, bytes)?;
    let mut answer = empty(CREATED);
    put(
        answer.headers_mut(),
        "x-ms-request-server-encrypted",
        "true",
    );
    Ok(answer)
}

async fn put_block_list(world: &World, asked: &Asked, headers: &HeaderMap, body: Body) -> Answer {
    let document = read(body, LARGEST_DOCUMENT).await?;
    asked::sums(headers).check(&document)?;
    let document = std::str::from_utf8(&document).map_err(|_| BlobError::InvalidXmlDocument)?;
    let wanted = xml::wanted(document)?;
    let properties = asked::properties(headers)?;
    let conditions = asked::conditions(headers);
    let blob = world
        .blobs
        .commit(&asked.address, &wanted, properties, &conditions)?;
    Ok(written(CREATED, &blob))
}

fn get_block_list(world: &World, asked: &Asked) -> Answer {
    let lists = world.blobs.block_lists(&asked.address)?;
    let committed = lists
        .blob
        .as_ref()
        .map_or(&[][..], |blob| blob.content.blocks());
    let document = match asked.query("blocklisttype") {
        None | Some("committed") => xml::block_lists(Some(committed), None),
        Some("uncommitted") => xml::block_lists(None, Some(&lists.staged)),
        Some("all") => xml::block_lists(Some(committed), Some(&lists.staged)),
        Some(_) => return Err(BlobError::InvalidQueryParameterValue("blocklisttype")),
    };
    let mut answer = with_xml(StatusCode::OK, document);
    if let Some(blob) = &lists.blob {
        answer::version(answer.headers_mut(), &blob.etag.to_string(), blob.modified);
        put(
            answer.headers_mut(),
            "x-ms-blob-content-length",
            &blob.content.len().to_string(),
        );
    }
    Ok(answer)
}

async fn append(world: &World, asked: &Asked, headers: &HeaderMap, body: Body) -> Answer {
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
    let mut answer = written(CREATED, &appended.blob);
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

fn get(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
    let blob = world
        .blobs
        .read(&asked.address, &asked::conditions(headers))?;
    let size = blob.content.len();
    let asked_range = header(headers, "x-ms-range").or_else(|| header(headers, "range"));
    let Some(range) = asked_range.and_then(|text| range(text, size)) else {
        return Ok(answer::with_pieces(
            described(StatusCode::OK, &blob, "content-md5"),
            pieces(&blob.content),
        ));
    };
    if range.is_empty() {
        return Err(BlobError::InvalidRange);
    }
    let mut answer = described(StatusCode::PARTIAL_CONTENT, &blob, "x-ms-blob-content-md5");
    let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
    put(answer.headers_mut(), "content-range", &shown);
    Ok(answer::with_pieces(answer, blob.content.slices(&range)))
}

fn head(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
    let blob = world
        .blobs
        .read(&asked.address, &asked::conditions(headers))?;
    let mut answer = described(StatusCode::OK, &blob, "content-md5");
    put(
        answer.headers_mut(),
        CONTENT_LENGTH.as_str(),
        &blob.content.len().to_string(),
    );
    Ok(answer)
}

fn set_metadata(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
    let metadata = asked::metadata(headers)?;
    let blob = world
        .blobs
        .set_metadata(&asked.address, metadata, &asked::conditions(headers))?;
    Ok(written(StatusCode::OK, &blob))
}

fn delete(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
    world
        .blobs
        .delete(&asked.address, &asked::conditions(headers))?;
    let mut answer = empty(StatusCode::ACCEPTED);
    put(answer.headers_mut(), "x-ms-delete-type-permanent", "true");
    Ok(answer)
}

fn described(status: StatusCode, blob: &Blob, md5_header: &str) -> Response {
    let mut answer = empty(status);
    answer::describe(answer.headers_mut(), blob);
    if let Some(md5) = &blob.properties.content_md5 {
        put(answer.headers_mut(), md5_header, md5);
    }
    answer
}

fn pieces(content: &Content) -> Vec<Bytes> {
    content.pieces().cloned().collect()
}

/// `bytes=from-` or `bytes=from-to`, cut at the end; empty where it begins behind the end. Other forms are ignored.
fn range(text: &str, size: u64) -> Option<Range<u64>> {
    let (from, to) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = if to.is_empty() {
        size
    } else {
        to.parse::<u64>().ok()?.saturating_add(1)
    };
    let to = to.min(size);
    Some(from.min(to)..to)
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<Option<u64>, BlobError> {
    let text = header(headers, name);
    text.map(str::parse)
        .transpose()
        .map_err(|_| BlobError::InvalidHeaderValue(name))
}

async fn read(body: Body, limit: usize) -> Result<Bytes, BlobError> {
    to_bytes(body, limit)
        .await
        .map_err(|_| BlobError::RequestBodyTooLarge)
}

async fn read_text(body: Body) -> Result<String, BlobError> {
    let raw = read(body, LARGEST_DOCUMENT).await?;
    String::from_utf8(raw.into()).map_err(|_| BlobError::InvalidXmlDocument)
}

/// 3 to 63 lower-case letters, digits and single hyphens.
fn is_container_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (3..=63).contains(&name.len())
        && name.chars().all(fits)
        && !name.contains("--")
        && !name.starts_with('-')
        && !name.ends_with('-')
}
