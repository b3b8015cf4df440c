//! Reconciling: versions that no event told of are looked for where they were registered, and opened.
//!
//! Events are delivered at least once, and lost all the same: a subscription that was removed, a function app that was
//! down for longer than Event Grid tries. The invariant: a watermark moves on only after everything newer was opened, so a
//! crash, a refusal or a lack of time costs another look. A version that has a promotion, open or closed, costs one call.
//!
//! Versions are listed newest first and opened oldest first, as their events would have come: of two promotions the one
//! opened later may outrank the other.

use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use promotion::{Candidate, Cause, Failure, ModelName, ModelVersion, Opening, Route, WorkspaceId};
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

use super::opening::{Delivery, Expected, Opened};
use super::runtime::{Engine, EngineError};
use crate::causes::chain;
use crate::effects::RegisteredVersion;
use crate::state::{JournalName, Watermark};

/// What a workspace lists late, and what its clock is behind or ahead of ours: looked at again each time.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Ticks of the timer are a minute apart, not to the second: a look is not put off to the next one for that.
const EARLY: SignedDuration = SignedDuration::from_secs(30);

/// How long all looks of one sweep may take.
const BUDGET: Duration = Duration::from_secs(45);

/// Sources that are looked at side by side, so that one that does not answer keeps no other waiting.
const AT_ONCE: usize = 4;

/// How many promotions one look opens, the oldest first: what is held in memory meanwhile.
const MOST: usize = 2000;

/// What reconciling came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Promotions that no event had opened.
    pub opened: usize,
    /// Models that could not be looked at to the end; the next sweep does it.
    pub left: usize,
}

/// A model of a workspace, and up to when nothing was missed; absent at the first look.
struct Source<'c> {
    workspace: &'c WorkspaceId,
    model: &'c ModelName,
    routes: Vec<&'c Route>,
    mark: Option<Watermark>,
}

/// A promotion that no event has opened.
struct Missed<'c> {
    version: ModelVersion,
    registered_at: Timestamp,
    route: &'c Route,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{}: {}", .0.code, .0.message)]
    Workspace(Failure),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("it took too long")]
    TooLong,
    #[error("more than {MOST} promotions were missed; the oldest of them were opened")]
    TooMany,
}

impl Engine {
    /// Opens what was registered since the last look and has no promotion, where a look is due.
    ///
    /// What one workspace refuses is logged and stops no other. A crash at any point is another look.
    pub async fn reconcile(&self) -> Result<Reconciled, EngineError> {
        let sources = self.config.registering();
        if sources.is_empty() {
            return Ok(Reconciled::default());
        }
        let now = self.clock.now().await;
        let marks = self.store.watermarks.read().await?;
        let every = SignedDuration::from_secs(i64::from(self.config.reconcile_every.0)) - EARLY;
        let due = sources.iter().filter_map(|(workspace, model)| {
            let source = self.source(workspace, model, marks.of(workspace, model).cloned());
            source.is_due(now - every).then_some(source)
        });
        // What answered last time goes first: one that never does must not use up the time of the others.
        let mut due: Vec<Source> = due.collect();
        due.sort_by_key(|source| {
            Reverse(
                source
                    .mark
                    .as_ref()
                    .map_or(Timestamp::MAX, |mark| mark.seen),
            )
        });
        let until = Instant::now() + BUDGET;
        let looks: Vec<_> = due
            .into_iter()
            .map(|source| self.look_at(source, until))
            .collect();
        let looks: Vec<_> = stream::iter(looks)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut reconciled = Reconciled::default();
        let mut done = Vec::new();
        for (source, look) in looks {
            match look {
                Ok(opened) => {
                    reconciled.opened += opened;
                    done.push(source.looked_at(now));
                }
                Err(trouble) => {
                    reconciled.left += 1;
                    source.not_looked_at(&trouble);
                }
            }
        }
        if !done.is_empty() {
            self.store.watermarks.advance(&done, &sources).await?;
        }
        Ok(reconciled)
    }

    fn source<'c>(
        &'c self,
        workspace: &'c WorkspaceId,
        model: &'c ModelName,
        mark: Option<Watermark>,
    ) -> Source<'c> {
        let routes = self.config.routes_for_model(workspace, model).into_iter();
        Source {
            workspace,
            model,
            routes: routes.map(|configured| &configured.route).collect(),
            mark,
        }
    }

    async fn look_at<'c>(
        &self,
        source: Source<'c>,
        until: Instant,
    ) -> (Source<'c>, Result<usize, Trouble>) {
        let look = timeout_at(until, self.look_for_missed(&source)).await;
        (source, look.unwrap_or(Err(Trouble::TooLong)))
    }

    /// Opens what was missed since the watermark; how many promotions that opened.
    async fn look_for_missed(&self, source: &Source<'_>) -> Result<usize, Trouble> {
        let Some(mark) = &source.mark else {
            return Ok(0);
        };
        let since = mark.installed.max(mark.seen - OVERLAP);
        let (missed, beyond) = self.missed(source, since).await?;
        let mut opened = 0;
        for one in missed {
            opened += self.open_missed(source, one).await?;
        }
        match beyond {
            0 => Ok(opened),
            _ => Err(Trouble::TooMany),
        }
    }

    /// What has no promotion, from the newest version back to a time, then turned round; and how many are left out.
    async fn missed<'c>(
        &self,
        source: &Source<'c>,
        since: Timestamp,
    ) -> Result<(VecDeque<Missed<'c>>, usize), Trouble> {
        let (mut missed, mut beyond, mut from) = (VecDeque::new(), 0, None);
        loop {
            let page = self
                .effects
                .versions(source.workspace, source.model, from.as_ref())
                .await
                .map_err(Trouble::Workspace)?;
            let mut reached = false;
            for version in page.versions {
                match version.created_at {
                    Some(at) if at > since => {
                        for one in self.unopened(source, version, at).await? {
                            missed.push_front(one);
                        }
                    }
                    // Of what has no time nobody can tell that it was missed.
                    Some(_) => reached = true,
                    None => {}
                }
                beyond += missed.len().saturating_sub(MOST);
                missed.truncate(MOST);
            }
            from = page.next;
            if reached || from.is_none() {
                return Ok((missed, beyond));
            }
        }
    }

    /// The promotions of a version that are not begun; what has ended stays ended.
    async fn unopened<'c>(
        &self,
        source: &Source<'c>,
        found: RegisteredVersion,
        registered_at: Timestamp,
    ) -> Result<Vec<Missed<'c>>, EngineError> {
        let mut unopened = Vec::new();
        for route in source.routes_at(registered_at) {
            let missed = Missed {
                version: found.version.clone(),
                registered_at,
                route,
            };
            let name = JournalName::promotion(&missed.opening(source).id());
            if !self.store.journals.is_begun(&name).await? {
                unopened.push(missed);
            }
        }
        Ok(unopened)
    }

    async fn open_missed(
        &self,
        source: &Source<'_>,
        missed: Missed<'_>,
    ) -> Result<usize, EngineError> {
        let opening = missed.opening(source);
        let (id, how) = self
            .open_promotion(opening, Expected::Unknown, Delivery::Once)
            .await?;
        match how {
            Opened::New => {
                tracing::warn!(
                    promotion = id.as_str(),
                    "no event told of this version: opened by looking for it"
                );
                Ok(1)
            }
            Opened::Again | Opened::Closed => Ok(0),
        }
    }
}

impl Missed<'_> {
    fn opening(&self, source: &Source<'_>) -> Opening {
        Opening {
            candidate: Candidate {
                workspace: source.workspace.clone(),
                model: source.model.clone(),
                version: self.version.clone(),
            },
            route: self.route.clone(),
            cause: Cause::Reconciled {
                registered_at: self.registered_at,
            },
        }
    }
}

impl<'c> Source<'c> {
    /// Whether the last look is so long ago, or some route was never looked for.
    fn is_due(&self, last: Timestamp) -> bool {
        let Some(mark) = &self.mark else {
            return true;
        };
        let begun = |route: &&Route| mark.begins(&route.name).is_some();
        mark.seen <= last || !self.routes.iter().all(begun)
    }

    /// The routes that were looked for already when a version was registered.
    fn routes_at(&self, registered_at: Timestamp) -> impl Iterator<Item = &'c Route> {
        let begun = move |route: &&Route| {
            let mark = self.mark.as_ref();
            let begins = mark.and_then(|mark| mark.begins(&route.name));
            begins.is_some_and(|begins| registered_at > begins)
        };
        self.routes.iter().copied().filter(begun)
    }

    fn looked_at(self, now: Timestamp) -> Watermark {
        let mark = self.mark.as_ref();
        let begins = |route: &Route| mark.and_then(|mark| mark.begins(&route.name));
        let routes = self.routes.iter();
        Watermark {
            installed: mark.map_or(now, |mark| mark.installed),
            routes: routes
                .map(|route| (route.name.clone(), begins(route).unwrap_or(now)))
                .collect(),
            workspace: self.workspace.clone(),
            model: self.model.clone(),
            seen: now,
        }
    }

    fn not_looked_at(&self, trouble: &Trouble) {
        tracing::warn!(
            workspace = self.workspace.name(),
            model = self.model.as_str(),
            "versions could not be looked for, the next sweep will: {}",
            chain(trouble)
        );
    }
}
