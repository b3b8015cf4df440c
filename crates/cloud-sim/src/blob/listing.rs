//! One page of List Blobs: by name, from a marker, with everything behind a delimiter folded into its prefix.
//!
//! Invariant: pages that follow each other's markers show each name or prefix once, in order.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::entry::Blob;

/// What a listing asks for. `marker` is the last entry of the page before.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    pub(crate) marker: Option<String>,
    pub(crate) max_results: usize,
}

#[derive(Debug)]
pub(crate) enum Entry {
    Blob { name: String, blob: Box<Blob> },
    Prefix { name: String },
}

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// The last entry of this page, if there is more.
    pub(crate) next: Option<String>,
}

pub(crate) fn page(blobs: &BTreeMap<String, Blob>, query: &Query) -> Page {
    let mut entries: Vec<Entry> = Vec::new();
    let start = query
        .marker
        .as_deref()
        .filter(|marker| *marker > query.prefix.as_str());
    let start = start.map_or(Bound::Included(query.prefix.as_str()), Bound::Excluded);
    for (name, blob) in blobs.range::<str, _>((start, Bound::Unbounded)) {
        if !name.starts_with(&query.prefix) {
            break;
        }
        let entry = query.entry(name, blob);
        if query.marker.as_deref() == Some(entry.name()) || is_last(&entries, &entry) {
            continue;
        }
        if entries.len() == query.max_results {
            let next = entries.last().map(|entry| entry.name().to_owned());
            return Page { entries, next };
        }
        entries.push(entry);
    }
    Page {
        entries,
        next: None,
    }
}

impl Query {
    fn entry(&self, name: &str, blob: &Blob) -> Entry {
        let rest = &name[self.prefix.len()..];
        let cut = self
            .delimiter
            .as_ref()
            .and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
        match cut {
            Some(cut) => Entry::Prefix {
                name: name[..self.prefix.len() + cut].to_owned(),
            },
            None => Entry::Blob {
                name: name.to_owned(),
                blob: Box::new(blob.clone()),
            },
        }
    }
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Blob { name, .. } | Self::Prefix { name } => name,
        }
    }
}

fn is_last(entries: &[Entry], entry: &Entry) -> bool {
    entries
        .last()
        .is_some_and(|last| last.name() == entry.name())
}
