//! What only looks at a blob: its bytes, its properties, its blocks.

use std::ops::Range;

use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};

use super::answer::{self, Answer, empty, put, with_xml};
use super::asked::{self, Asked, header};
use super::xml;
use crate::blob::entry::{Blob, Content};
use crate::blob::error::BlobError;
use crate::world::World;

pub(super) fn get_block_list(world: &World, asked: &Asked) -> Answer {
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
    let size = lists.blob.as_ref().map_or(0, |blob| blob.content.len());
    put(
        answer.headers_mut(),
        "x-ms-blob-content-length",
        &size.to_string(),
    );
    if let Some(blob) = &lists.blob {
        answer::version(answer.headers_mut(), &blob.etag.to_string(), blob.modified);
    }
    Ok(answer)
}

pub(super) fn get(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
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

pub(super) fn head(world: &World, asked: &Asked, headers: &HeaderMap) -> Answer {
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
