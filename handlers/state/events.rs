//! Events as they came in, each stored once, before anything follows from it.

use azure_api::Error;
use azure_api::blob::{Condition, Container};
use bytes::Bytes;
use jiff::Timestamp;
use std::collections::BTreeMap;

use super::StoreError;
use super::metadata::{decode, encode};

/// All events.
#[derive(Clone)]
pub struct EventStore {
    container: Container,
}

/// What is kept of an event beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// `<date>/<hash>`.
    pub key: String,
    /// Its type, or that it could not be read.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// What became of it.
    pub what: String,
}

/// Whether an event was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// No: this is the first delivery.
    New,
    /// Yes: go on all the same, what follows is safe to repeat.
    Again,
}

impl EventStore {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// Stores an event under its key unless it is there.
    pub async fn keep(&self, event: &KeptEvent, raw: Bytes) -> Result<Kept, StoreError> {
        let path = path(&event.key);
        let mut metadata = BTreeMap::from([
            ("kind".to_owned(), encode(&event.kind)),
            ("subject".to_owned(), encode(&event.subject)),
            ("what".to_owned(), encode(&event.what)),
        ]);
        metadata.extend(
            event
                .time
                .map(|time| ("time".to_owned(), encode(&time.to_string()))),
        );
        metadata.retain(|_, value| !value.is_empty());
        match self
            .container
            .blob(&path)
            .put(raw, Condition::IfNoneMatchAny, &metadata)
            .await
        {
            Ok(_) => Ok(Kept::New),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => Ok(Kept::Again),
            Err(error) => Err(StoreError::service(path)(error)),
        }
    }

    /// A page of a day's events (`2026-11-23`, or `undated`), by key, and where the next page begins.
    pub async fn list(
        &self,
        day: &str,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<KeptEvent>, Option<String>), StoreError> {
        let prefix = format!("events/{day}/");
        let page = self
            .container
            .list_page(&prefix, from, at_most)
            .await
            .map_err(StoreError::service(prefix))?;
        let events = page.items.iter().map(|item| {
            let text = |key: &str| {
                item.metadata
                    .get(key)
                    .map(|value| decode(value))
                    .unwrap_or_default()
            };
            let key = item
                .name
                .trim_start_matches("events/")
                .trim_end_matches(".json")
                .to_owned();
            KeptEvent {
                key,
                kind: text("kind"),
                subject: text("subject"),
                time: text("time").parse().ok(),
                what: text("what"),
            }
        });
        Ok((events.collect(), page.next))
    }
}

fn path(key: &str) -> String {
    format!("events/{key}.json")
}
