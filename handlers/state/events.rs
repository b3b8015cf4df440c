//! Events as they came in, each stored once, before anything follows from it.

use azure_api::Error;
use azure_api::blob::{Condition, Container, Metadata};
use bytes::Bytes;
use jiff::Timestamp;
use std::collections::BTreeMap;

use super::StoreError;
use super::metadata::{LONGEST, decode, encode};
use super::newest::{EventPlace, LISTED, Newest, newest};

/// No larger event comes in.
const LARGEST: u64 = 8 * 1024 * 1024;

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
        self.page(format!("events/{day}/"), from, at_most).await
    }

    /// At most so many of a day's events that stand behind `after`, newest first.
    pub async fn newest(
        &self,
        day: &str,
        after: Option<&EventPlace>,
        at_most: usize,
    ) -> Result<Newest, StoreError> {
        let list =
            |from: Option<String>| async move { self.list(day, from.as_deref(), LISTED).await };
        newest(list, after, at_most).await
    }

    /// An event as it came, with what is kept beside it; `None`: none of that key.
    pub async fn get(&self, key: &str) -> Result<Option<(KeptEvent, Bytes)>, StoreError> {
        if !is_key(key) {
            return Ok(None);
        }
        let path = path(key);
        let found = self.container.blob(&path).get(None, LARGEST).await;
        let found = found.map_err(StoreError::service(path.as_str()))?;
        Ok(found.map(|found| (kept(key, &found.metadata), found.bytes)))
    }

    /// A page of all events, by day and key, and where the next page begins.
    pub async fn list_all(
        &self,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<KeptEvent>, Option<String>), StoreError> {
        self.page("events/".to_owned(), from, at_most).await
    }

    async fn page(
        &self,
        prefix: String,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<KeptEvent>, Option<String>), StoreError> {
        let page = self.container.list_page(&prefix, from, at_most).await;
        let page = page.map_err(StoreError::service(prefix))?;
        let events = page.items.iter();
        let events = events.filter_map(|item| Some(kept(key_of(&item.name)?, &item.metadata)));
        Ok((events.collect(), page.next))
    }
}

impl KeptEvent {
    /// Whether more became of it than could be kept here.
    pub fn is_cut(&self) -> bool {
        self.what.chars().count() >= LONGEST
    }
}

fn kept(key: &str, metadata: &Metadata) -> KeptEvent {
    let text = |key: &str| {
        metadata
            .get(key)
            .map(|value| decode(value))
            .unwrap_or_default()
    };
    KeptEvent {
        key: key.to_owned(),
        kind: text("kind"),
        subject: text("subject"),
        time: text("time").parse().ok(),
        what: text("what"),
    }
}

/// The key of an event that lies there; nothing where none does.
pub(super) fn key_of(path: &str) -> Option<&str> {
    let key = path.strip_prefix("events/")?.strip_suffix(".json")?;
    is_key(key).then_some(key)
}

/// A day or `undated`, and a hash: no key leads into another folder.
fn is_key(key: &str) -> bool {
    let Some((day, hash)) = key.split_once('/') else {
        return false;
    };
    let dated = day == "undated" || day.parse::<jiff::civil::Date>().is_ok();
    dated && is_hash(hash)
}

pub(super) fn is_hash(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && (1..=64).contains(&text.len())
}

fn path(key: &str) -> String {
    format!("events/{key}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_from_outside_cannot_leave_its_folder() {
        for bad in [
            "",
            "x",
            "2026-11-23",
            "2026-11-23/",
            "2026-11-23/../../journals",
            "today/abc",
            "undated/a.b",
        ] {
            assert!(!is_key(bad), "{bad:?}");
        }
        assert!(is_key("2026-11-23/0123456789abcdef") && is_key("undated/abc"));
    }
}
