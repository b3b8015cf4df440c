//! `control/watermarks.json`: up to when each model's registered versions are known not to be missed.
//!
//! The invariant: a watermark only moves forward, and what was registered before a route was first looked for is left alone
//! by that route for ever.

use azure_api::Error;
use azure_api::blob::{Condition, Container, ETag};
use bytes::Bytes;
use jiff::Timestamp;
use promotion::{ModelName, RouteName, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::StoreError;

const PATH: &str = "control/watermarks.json";

/// How often a stale writer reads again and merges.
const RACES: u32 = 5;

/// Where watermarks lie.
#[derive(Clone)]
pub struct WatermarkStore {
    container: Container,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watermarks {
    /// One a source.
    #[serde(default)]
    pub sources: Vec<Watermark>,
}

/// One model of one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watermark {
    /// Where versions are registered.
    pub workspace: WorkspaceId,
    /// Of which model.
    pub model: ModelName,
    /// When it was looked at first: what was there before is nobody's business.
    pub installed: Timestamp,
    /// When it was looked at first for each route that takes it. Empty where a release wrote it that knew no routes: all of
    /// them are as old as `installed` then.
    #[serde(default)]
    pub routes: BTreeMap<RouteName, Timestamp>,
    /// When it was looked at last: versions created at or before are done.
    pub seen: Timestamp,
}

impl WatermarkStore {
    pub(super) fn new(container: Container) -> Self {
        Self { container }
    }

    /// What is known; nothing before the first look.
    pub async fn read(&self) -> Result<Watermarks, StoreError> {
        Ok(self.load().await?.0)
    }

    /// Moves the watermarks of `looked` forward and forgets those of sources that are not in `kept`: a model that takes
    /// no route for a while begins anew.
    pub async fn advance(
        &self,
        looked: &[Watermark],
        kept: &[(&WorkspaceId, &ModelName)],
    ) -> Result<(), StoreError> {
        for _ in 0..RACES {
            let (mut marks, etag) = self.load().await?;
            marks.merge(looked);
            marks.sources.retain(|mark| kept.contains(&mark.source()));
            let body = serde_json::to_vec(&marks).expect("watermarks serialize");
            let condition = etag
                .as_ref()
                .map_or(Condition::IfNoneMatchAny, Condition::IfMatch);
            let blob = self.container.blob(PATH);
            match blob
                .put(Bytes::from(body), condition, &BTreeMap::new())
                .await
            {
                Ok(_) => return Ok(()),
                Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => {}
                Err(error) => return Err(StoreError::service(PATH)(error)),
            }
        }
        Err(StoreError::Contended {
            what: PATH.to_owned(),
        })
    }

    async fn load(&self) -> Result<(Watermarks, Option<ETag>), StoreError> {
        let found = self.container.blob(PATH).get(None, 1024 * 1024).await;
        let Some(content) = found.map_err(StoreError::service(PATH))? else {
            return Ok((Watermarks::default(), None));
        };
        let marks = serde_json::from_slice(&content.bytes);
        let marks = marks.map_err(|source| StoreError::Unreadable {
            what: PATH.to_owned(),
            source,
        })?;
        Ok((marks, Some(content.etag)))
    }
}

impl Watermarks {
    /// The one of this source.
    pub fn of(&self, workspace: &WorkspaceId, model: &ModelName) -> Option<&Watermark> {
        self.sources
            .iter()
            .find(|mark| mark.source() == (workspace, model))
    }

    fn merge(&mut self, looked: &[Watermark]) {
        for mark in looked {
            let known = self
                .sources
                .iter_mut()
                .find(|known| known.source() == mark.source());
            match known {
                Some(known) => known.merge(mark),
                None => self.sources.push(mark.clone()),
            }
        }
    }
}

impl Watermark {
    /// Since when a route is looked for here; nothing where it never was.
    pub fn begins(&self, route: &RouteName) -> Option<Timestamp> {
        let before_routes = self.routes.is_empty().then_some(self.installed);
        self.routes.get(route).copied().or(before_routes)
    }

    /// Of a route that takes it no more nothing is known: it begins anew, as a source does.
    fn merge(&mut self, newer: &Self) {
        self.seen = self.seen.max(newer.seen);
        let known = std::mem::take(&mut self.routes);
        let earlier =
            |route: &RouteName, at: Timestamp| known.get(route).map_or(at, |k| at.min(*k));
        let routes = newer.routes.iter();
        self.routes = routes
            .map(|(route, at)| (route.clone(), earlier(route, *at)))
            .collect();
    }

    fn source(&self) -> (&WorkspaceId, &ModelName) {
        (&self.workspace, &self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(model: &str, installed: i64, seen: i64) -> Watermark {
        let at = |second| Timestamp::from_second(second).unwrap();
        Watermark {
            workspace: WorkspaceId::new("/w"),
            model: ModelName::new(model),
            installed: at(installed),
            seen: at(seen),
            routes: BTreeMap::new(),
        }
    }

    fn with(mark: Watermark, routes: &[(&str, i64)]) -> Watermark {
        let at = |second| Timestamp::from_second(second).unwrap();
        let routes = routes.iter();
        let routes = routes.map(|(name, begins)| (RouteName::new(*name), at(*begins)));
        Watermark {
            routes: routes.collect(),
            ..mark
        }
    }

    #[test]
    fn a_watermark_never_moves_back_and_keeps_its_beginning() {
        let mut marks = Watermarks::default();
        marks.merge(&[mark("m", 10, 10)]);
        marks.merge(&[mark("m", 50, 50), mark("n", 7, 7)]);
        marks.merge(&[mark("m", 20, 20)]);
        assert_eq!(marks.sources, [mark("m", 10, 50), mark("n", 7, 7)]);
    }

    #[test]
    fn a_route_keeps_its_beginning_as_long_as_it_is_there() {
        let mut marks = Watermarks::default();
        marks.merge(&[with(mark("m", 10, 10), &[("r", 10)])]);
        marks.merge(&[with(mark("m", 50, 50), &[("r", 50), ("s", 50)])]);
        let both = with(mark("m", 10, 50), &[("r", 10), ("s", 50)]);
        assert_eq!(marks.sources, [both]);
        marks.merge(&[with(mark("m", 60, 60), &[("s", 50)])]);
        assert_eq!(marks.sources[0].begins(&RouteName::new("r")), None);
    }

    #[test]
    fn one_that_knows_no_routes_is_as_old_for_each() {
        let old = r#"{"sources":[{"workspace":"/w","model":"m","installed":"1970-01-01T00:00:10Z","seen":"1970-01-01T00:00:20Z"}]}"#;
        let marks: Watermarks = serde_json::from_str(old).unwrap();
        assert_eq!(marks.sources, [mark("m", 10, 20)]);
        let begins = marks.sources[0].begins(&RouteName::new("r"));
        assert_eq!(begins, Some(marks.sources[0].installed));
    }
}
