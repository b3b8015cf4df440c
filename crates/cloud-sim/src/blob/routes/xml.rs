//! The XML of the blob service: small documents, written and read by hand.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::answer::http_date;
use crate::blob::blocks::{Origin, Wanted};
use crate::blob::entry::{Blob, Block};
use crate::blob::error::BlobError;
use crate::blob::listing::{Entry, Page, Query};
use crate::blob::sas::DelegationKey;

const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// Whether a listing shows metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metadata {
    Shown,
    Hidden,
}

pub(super) fn error(code: &str, message: &str) -> String {
    format!(
        "{PROLOG}<Error>{}{}</Error>",
        element("Code", code),
        element("Message", message)
    )
}

/// List Blobs, in the order and with the elements of the real service. Versions are bare there.
pub(super) fn listing(
    endpoint: &str,
    container: &str,
    query: &Query,
    page: &Page,
    metadata: Metadata,
) -> String {
    let mut xml = format!(
        "{PROLOG}<EnumerationResults ServiceEndpoint=\"{}\" ContainerName=\"{}\">",
        escape(endpoint),
        escape(container)
    );
    xml += &element("Prefix", &query.prefix);
    if let Some(marker) = &query.marker {
        xml += &element("Marker", &super::containers::marker(marker));
    }
    xml += &element("MaxResults", &query.max_results.to_string());
    if let Some(delimiter) = &query.delimiter {
        xml += &element("Delimiter", delimiter);
    }
    xml += "<Blobs>";
    for entry in &page.entries {
        match entry {
            Entry::Blob { name, blob } => xml += &listed(name, blob, metadata),
            Entry::Prefix { name } => {
                let _ = write!(xml, "<BlobPrefix>{}</BlobPrefix>", element("Name", name));
            }
        }
    }
    let next = page
        .next
        .as_deref()
        .map(super::containers::marker)
        .unwrap_or_default();
    xml + "</Blobs>" + &element("NextMarker", &next) + "</EnumerationResults>"
}

fn listed(name: &str, blob: &Blob, metadata: Metadata) -> String {
    let mut xml = format!("<Blob>{}<Properties>", element("Name", name));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let content_type = blob
        .properties
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    for (name, value) in [
        ("Creation-Time", http_date(blob.created)),
        ("Last-Modified", http_date(blob.modified)),
        ("Etag", blob.etag.bare().to_owned()),
        ("Content-Length", blob.content.len().to_string()),
        ("Content-Type", content_type.to_owned()),
        ("Content-Encoding", String::new()),
        ("Content-Language", String::new()),
        ("Content-CRC64", String::new()),
        ("Content-MD5", text(&blob.properties.content_md5)),
        ("Cache-Control", String::new()),
        ("Content-Disposition", String::new()),
        ("BlobType", blob.kind.name().to_owned()),
        ("LeaseStatus", "unlocked".to_owned()),
        ("LeaseState", "available".to_owned()),
        ("ServerEncrypted", "true".to_owned()),
    ] {
        xml += &element(name, &value);
    }
    xml += "</Properties>";
    if metadata == Metadata::Shown {
        let pairs: String = blob
            .properties
            .metadata
            .iter()
            .map(|(name, value)| element(name, value))
            .collect();
        let _ = write!(xml, "<Metadata>{pairs}</Metadata>");
    }
    xml + "<OrMetadata /></Blob>"
}

/// Get Block List; a list that was not asked for is left out.
pub(super) fn block_lists(committed: Option<&[Block]>, staged: Option<&[Block]>) -> String {
    let mut xml = format!("{PROLOG}<BlockList>");
    for (name, blocks) in [
        ("CommittedBlocks", committed),
        ("UncommittedBlocks", staged),
    ] {
        let Some(blocks) = blocks else { continue };
        let _ = write!(xml, "<{name}>");
        for block in blocks {
            let size = element("Size", &block.bytes.len().to_string());
            let _ = write!(xml, "<Block>{}{size}</Block>", element("Name", &block.id));
        }
        let _ = write!(xml, "</{name}>");
    }
    xml + "</BlockList>"
}

pub(super) fn delegation_key(key: &DelegationKey, value: &str) -> String {
    let parts = [
        ("SignedOid", key.object_id.as_str()),
        ("SignedTid", &key.tenant_id),
        ("SignedStart", &key.start),
        ("SignedExpiry", &key.expiry),
        ("SignedService", &key.service),
        ("SignedVersion", &key.version),
        ("Value", value),
    ];
    let parts: String = parts
        .into_iter()
        .map(|(name, value)| element(name, value))
        .collect();
    format!("{PROLOG}<UserDelegationKey>{parts}</UserDelegationKey>")
}

/// The body of Put Block List.
pub(super) fn wanted(body: &str) -> Result<Vec<Wanted>, BlobError> {
    let wanted = |(name, id): (&str, &str)| {
        let origin = match name {
            "Committed" => Origin::Committed,
            "Uncommitted" => Origin::Uncommitted,
            "Latest" => Origin::Latest,
            _ => return Err(BlobError::InvalidXmlDocument),
        };
        Ok(Wanted {
            id: id.trim().to_owned(),
            origin,
        })
    };
    within(body, "BlockList")?.into_iter().map(wanted).collect()
}

/// Start and expiry in the body of Get User Delegation Key.
pub(super) fn key_times(body: &str) -> Result<(Timestamp, Timestamp), BlobError> {
    let parts = within(body, "KeyInfo")?;
    let find = |wanted| {
        let text = parts.iter().find(|(name, _)| *name == wanted)?.1;
        text.trim().parse().ok()
    };
    find("Start")
        .zip(find("Expiry"))
        .ok_or(BlobError::InvalidXmlDocument)
}

/// The elements within `root`, each with its text. What the service is sent holds base64 and times: no entities.
fn within<'a>(document: &'a str, root: &str) -> Result<Vec<(&'a str, &'a str)>, BlobError> {
    let bad = BlobError::InvalidXmlDocument;
    let document = document.trim_start_matches('\u{feff}').trim();
    let document = match document.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").ok_or(bad)?.1.trim_start(),
        None => document,
    };
    if document
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix("/>"))
        .is_some_and(|name| name.trim() == root)
    {
        return Ok(Vec::new());
    }
    let inner = document
        .strip_prefix(&format!("<{root}>"))
        .and_then(|rest| rest.strip_suffix(&format!("</{root}>")));
    let mut rest = inner.ok_or(bad)?.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, tail) = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .ok_or(bad)?;
        let (text, tail) = tail.split_once(&format!("</{name}>")).ok_or(bad)?;
        found.push((name, text));
        rest = tail.trim_start();
    }
    Ok(found)
}

fn element(name: &str, text: &str) -> String {
    if text.is_empty() {
        format!("<{name} />")
    } else {
        format!("<{name}>{}</{name}>", escape(text))
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            c => escaped.push(c),
        }
    }
    escaped
}
