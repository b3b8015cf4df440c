//! Markers: whose turn is when. `open/` is the sweep's work list and the board; `closed/<month>/` is what has ended.
//!
//! A marker is all metadata, so one listing tells everything. The invariant: its due time is never later than what its
//! journal implies; whoever is unsure writes an earlier one. Markers can be rebuilt from journals.

use azure_api::Error;
use azure_api::blob::{BlobItem, Condition, Container, ETag, Metadata};
use bytes::Bytes;
use jiff::Timestamp;

use super::metadata::{decode, encode};
use super::{JournalName, StoreError};

/// All markers.
#[derive(Clone)]
pub struct Markers {
    container: Container,
}

/// What a listing shows of a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The stage's name.
    pub stage: String,
    /// The route's name.
    pub route: String,
    /// The model.
    pub model: String,
    /// Its version, or an intake's run.
    pub version: String,
    /// The source stage's name.
    pub from: String,
    /// The target stage's name.
    pub to: String,
    /// What it waits for, in a sentence.
    pub waits_for: String,
    /// Whether people went past its quorum.
    pub overridden: bool,
    /// Whether somebody has looked at that afterwards.
    pub reviewed: bool,
    /// Whether people went past the quorum of an earlier attempt, and nobody has looked at that.
    pub earlier_unreviewed: bool,
}

/// One journal's marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// What a listing shows.
    pub summary: Summary,
    /// When it needs the next look.
    pub due: Timestamp,
    /// When its journal began.
    pub since: Timestamp,
    /// Wake-ups without progress: high means stuck.
    pub idle: u32,
    /// Somebody outside `advance` is about to append.
    pub announced: Option<Announced>,
}

/// That somebody is about to append to a journal; until they have, or cannot any more, nobody may look away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// Behind so many records.
    pub behind: u64,
    /// Since when.
    pub at: Timestamp,
}

/// A marker as it was read.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose.
    pub name: JournalName,
    /// What it says.
    pub marker: Marker,
    /// What a conditional write needs.
    pub etag: ETag,
}

/// What came of a write over what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// It is as it was to be.
    Written,
    /// Somebody has written since: theirs stays.
    Overtaken,
}

impl Markers {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// The open marker of a journal.
    pub async fn open_marker(&self, name: &JournalName) -> Result<Option<Found>, StoreError> {
        let blob = self.container.blob(&open(name));
        let found = blob.head().await.map_err(StoreError::service(open(name)))?;
        Ok(found.map(|found| Found {
            name: name.clone(),
            marker: Marker::read(&found.metadata),
            etag: found.etag,
        }))
    }

    /// Writes an open marker unless there is one: whoever wrote that knows at least as much.
    pub async fn put_open_if_absent(
        &self,
        name: &JournalName,
        marker: &Marker,
    ) -> Result<Marked, StoreError> {
        self.put(open(name), Condition::IfNoneMatchAny, marker)
            .await
    }

    /// Replaces the marker that was read; if somebody has written since, theirs stays.
    pub async fn replace_open(&self, found: &Found, marker: &Marker) -> Result<Marked, StoreError> {
        let condition = Condition::IfMatch(&found.etag);
        self.put(open(&found.name), condition, marker).await
    }

    /// Moves a marker to `closed/`, unless somebody has written the open one since it was read.
    pub async fn close(&self, found: &Found, marker: &Marker) -> Result<Marked, StoreError> {
        let closed = closed(&found.name, marker.since);
        let put = self
            .container
            .blob(&closed)
            .put(Bytes::new(), Condition::None, &marker.metadata())
            .await;
        put.map_err(StoreError::service(closed))?;
        self.drop_open(found).await
    }

    /// Removes an open marker, unless somebody has written it since it was read.
    pub async fn drop_open(&self, found: &Found) -> Result<Marked, StoreError> {
        self.delete(open(&found.name), found).await
    }

    /// The marker of a journal that began then and has ended.
    pub async fn closed_marker(
        &self,
        name: &JournalName,
        since: Timestamp,
    ) -> Result<Option<Found>, StoreError> {
        let path = closed(name, since);
        let found = self.container.blob(&path).head().await;
        let found = found.map_err(StoreError::service(path))?;
        Ok(found.map(|found| Found {
            name: name.clone(),
            marker: Marker::read(&found.metadata),
            etag: found.etag,
        }))
    }

    /// Writes a closed marker unless there is one.
    pub async fn put_closed_if_absent(
        &self,
        name: &JournalName,
        marker: &Marker,
    ) -> Result<Marked, StoreError> {
        let path = closed(name, marker.since);
        self.put(path, Condition::IfNoneMatchAny, marker).await
    }

    /// Replaces the closed marker that was read; if somebody has written since, theirs stays.
    pub async fn replace_closed(
        &self,
        found: &Found,
        marker: &Marker,
    ) -> Result<Marked, StoreError> {
        let path = closed(&found.name, marker.since);
        self.put(path, Condition::IfMatch(&found.etag), marker)
            .await
    }

    /// Removes a closed marker that lies under `month`, unless somebody has written it since it was read.
    pub async fn drop_closed(&self, month: &str, found: &Found) -> Result<Marked, StoreError> {
        self.delete(format!("closed/{month}/{}", found.name), found)
            .await
    }

    async fn put(
        &self,
        path: String,
        condition: Condition<'_>,
        marker: &Marker,
    ) -> Result<Marked, StoreError> {
        let blob = self.container.blob(&path);
        match blob.put(Bytes::new(), condition, &marker.metadata()).await {
            Ok(_) => Ok(Marked::Written),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_) | Error::NotFound(_)) => {
                Ok(Marked::Overtaken)
            }
            Err(error) => Err(StoreError::service(path)(error)),
        }
    }

    /// What is gone already is as it was to be.
    async fn delete(&self, path: String, found: &Found) -> Result<Marked, StoreError> {
        match self.container.blob(&path).delete(Some(&found.etag)).await {
            Ok(_) => Ok(Marked::Written),
            Err(Error::PreconditionFailed(_)) => Ok(Marked::Overtaken),
            Err(error) => Err(StoreError::service(path)(error)),
        }
    }

    /// Takes a reopened journal out of `closed/`.
    pub async fn forget_closed(
        &self,
        name: &JournalName,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let closed = closed(name, since);
        self.container
            .blob(&closed)
            .delete(None)
            .await
            .map(|_| ())
            .map_err(StoreError::service(closed))
    }

    /// Everything that is open.
    pub async fn list_open(&self) -> Result<Vec<Found>, StoreError> {
        let items = self
            .container
            .list("open/")
            .await
            .map_err(StoreError::service("open/"))?;
        Ok(items
            .iter()
            .filter_map(|item| found(item, "open/"))
            .collect())
    }

    /// A page of open markers, by name, and where the next page begins.
    pub async fn list_open_page(
        &self,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<Found>, Option<String>), StoreError> {
        let page = self.container.list_page("open/", from, at_most).await;
        let page = page.map_err(StoreError::service("open/"))?;
        let open = page.items.iter().filter_map(|item| found(item, "open/"));
        Ok((open.collect(), page.next))
    }

    /// A page of closed markers, each with its month, and where the next page begins.
    pub async fn list_all_closed(
        &self,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<(String, Found)>, Option<String>), StoreError> {
        let page = self.container.list_page("closed/", from, at_most).await;
        let page = page.map_err(StoreError::service("closed/"))?;
        let closed = page.items.iter().filter_map(|item| {
            let (month, _) = item.name.strip_prefix("closed/")?.split_once('/')?;
            Some((month.to_owned(), found(item, &format!("closed/{month}/"))?))
        });
        Ok((closed.collect(), page.next))
    }

    /// A page of what has ended in a month (`2026-11`), by name, and where the next page begins.
    pub async fn list_closed(
        &self,
        month: &str,
        from: Option<&str>,
        at_most: u32,
    ) -> Result<(Vec<Found>, Option<String>), StoreError> {
        let prefix = format!("closed/{month}/");
        let page = self
            .container
            .list_page(&prefix, from, at_most)
            .await
            .map_err(StoreError::service(prefix.as_str()))?;
        Ok((
            page.items
                .iter()
                .filter_map(|item| found(item, &prefix))
                .collect(),
            page.next,
        ))
    }
}

impl Marker {
    /// As it reads once it is written: texts are capped there.
    #[must_use]
    pub fn as_stored(&self) -> Self {
        Self::read(&self.metadata())
    }

    /// The month under which it lies once it is closed.
    pub fn month(&self) -> String {
        month(self.since)
    }

    fn metadata(&self) -> Metadata {
        let s = &self.summary;
        let texts = [
            ("stage", &s.stage),
            ("route", &s.route),
            ("model", &s.model),
            ("version", &s.version),
            ("from", &s.from),
            ("to", &s.to),
            ("waitsfor", &s.waits_for),
        ];
        let mut metadata: Metadata = texts
            .into_iter()
            .map(|(key, text)| (key.to_owned(), encode(text)))
            .filter(|(_, v)| !v.is_empty())
            .collect();
        if s.overridden {
            metadata.insert("overridden".to_owned(), "true".to_owned());
        }
        if s.reviewed {
            metadata.insert("reviewed".to_owned(), "true".to_owned());
        }
        if s.earlier_unreviewed {
            metadata.insert("earlierunreviewed".to_owned(), "true".to_owned());
        }
        metadata.insert("due".to_owned(), encode(&self.due.to_string()));
        metadata.insert("since".to_owned(), encode(&self.since.to_string()));
        metadata.insert("idle".to_owned(), self.idle.to_string());
        let announced = self.announced.map(|a| format!("{} {}", a.behind, a.at));
        metadata.extend(announced.map(|text| ("announced".to_owned(), encode(&text))));
        metadata
    }

    /// Reads what can be read: a marker that cannot is due at once, and written anew then.
    fn read(metadata: &Metadata) -> Self {
        let text = |key: &str| {
            metadata
                .get(key)
                .map(|value| decode(value))
                .unwrap_or_default()
        };
        let time = |key: &str| text(key).parse().unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            summary: Summary {
                stage: text("stage"),
                route: text("route"),
                model: text("model"),
                version: text("version"),
                from: text("from"),
                to: text("to"),
                waits_for: text("waitsfor"),
                overridden: metadata.contains_key("overridden"),
                // Older releases wrote it also where nothing was overridden.
                reviewed: metadata.contains_key("overridden") && metadata.contains_key("reviewed"),
                earlier_unreviewed: metadata.contains_key("earlierunreviewed"),
            },
            due: time("due"),
            since: time("since"),
            idle: text("idle").parse().unwrap_or(0),
            announced: announced(&text("announced")),
        }
    }
}

fn announced(text: &str) -> Option<Announced> {
    let (behind, at) = text.split_once(' ')?;
    Some(Announced {
        behind: behind.parse().ok()?,
        at: at.parse().ok()?,
    })
}

/// Whether a blob of that name in a list of ours is a marker. One whose metadata was lost is, by its name.
pub(super) fn is_marker(item: &BlobItem, name: &str) -> bool {
    let shows_a_stage = || item.metadata.contains_key("stage");
    JournalName::parse(name).is_some_and(|name| name.is_made_by_us() || shows_a_stage())
}

fn found(item: &BlobItem, prefix: &str) -> Option<Found> {
    let name = item.name.strip_prefix(prefix)?;
    if !is_marker(item, name) {
        return None;
    }
    let name = JournalName::parse(name)?;
    Some(Found {
        name,
        marker: Marker::read(&item.metadata),
        etag: item.etag.clone(),
    })
}

fn open(name: &JournalName) -> String {
    format!("open/{name}")
}

/// By the month in which the journal began: it never moves, so a reopened one finds its old marker.
fn closed(name: &JournalName, since: Timestamp) -> String {
    format!("closed/{}/{name}", month(since))
}

fn month(since: Timestamp) -> String {
    since.strftime("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let marker = Marker {
            summary: Summary {
                stage: "awaiting approval".into(),
                model: "größe\n".into(),
                ..Summary::default()
            },
            due: "2026-11-23T07:00:00Z".parse().unwrap(),
            since: "2026-11-22T07:00:00Z".parse().unwrap(),
            idle: 3,
            announced: Some(Announced {
                behind: 17,
                at: "2026-11-22T07:00:01.5Z".parse().unwrap(),
            }),
        };
        let metadata = marker.metadata();
        assert!(metadata.values().all(|value| value.is_ascii()));
        assert_eq!(Marker::read(&metadata), marker);
    }
}
