//! What is asked of accounts and containers: delegation keys, new containers, listings.

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE as BASE64;
use http::{HeaderMap, StatusCode};

use super::answer::{self, Answer, empty, with_xml};
use super::asked::{Asked, header};
use super::{body, xml};
use crate::blob::error::BlobError;
use crate::blob::listing::Query;
use crate::blob::sas::DelegationKey;
use crate::identity::{Caller, Identity};
use crate::world::World;

const LARGEST_PAGE: usize = 5000;

pub(super) async fn user_delegation_key(
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
    caller: Option<Caller>,
) -> Answer {
    let caller = caller.ok_or(BlobError::AuthenticationFailed)?;
    let (start, expiry) = xml::key_times(&body::read_text(body).await?)?;
    let key = DelegationKey {
        object_id: caller.object_id,
        tenant_id: Identity::TENANT_ID.to_owned(),
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

pub(super) fn create_container(world: &World, asked: &Asked) -> Answer {
    let at = &asked.address;
    if asked.query("restype") != Some("container") {
        return Err(BlobError::InvalidQueryParameterValue("restype"));
    }
    if !(3..=63).contains(&at.container.len()) {
        return Err(BlobError::OutOfRangeInput);
    }
    if !is_container_name(&at.container) {
        return Err(BlobError::InvalidResourceName);
    }
    let version = world.blobs.create_container(&at.account, &at.container)?;
    let mut answer = empty(StatusCode::CREATED);
    answer::version(
        answer.headers_mut(),
        &version.etag.to_string(),
        version.modified,
    );
    Ok(answer)
}

pub(super) fn container_properties(world: &World, asked: &Asked) -> Answer {
    let version = world
        .blobs
        .container_version(&asked.address.account, &asked.address.container)?;
    let mut answer = empty(StatusCode::OK);
    answer::version(
        answer.headers_mut(),
        &version.etag.to_string(),
        version.modified,
    );
    Ok(answer)
}

pub(super) fn list(world: &World, asked: &Asked) -> Answer {
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

/// Lower-case letters, digits and single hyphens.
fn is_container_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.chars().all(fits) && !name.contains("--") && !name.starts_with('-') && !name.ends_with('-')
}
