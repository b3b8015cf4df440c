//! Reconciling: versions that no event told of are looked for where they were registered, and opened.
//!
//! Events are delivered at least once, and lost all the same: a subscription that was removed, a function app that was
//! down for longer than Event Grid tries. The invariant: a watermark moves on only after everything newer was opened, so a
//! crash, a refusal or a lack of time costs another look. A version that has a promotion, open or closed, costs one call.

use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use promotion::{Candidate, Cause, Failure, ModelName, Opening, WorkspaceId};
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

/// What reconciling came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Promotions that no event had opened.
    pub opened: usize,
    /// Models that could not be looked at to the end; the next sweep does it.
    pub left: usize,
}

/// A model of a workspace, and up to when nothing was missed; absent at the first look.
struct Source {
    workspace: WorkspaceId,
    model: ModelName,
    mark: Option<Watermark>,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{}: {}", .0.code, .0.message)]
    Workspace(Failure),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("it took too long")]
    TooLong,
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
            let mark = marks.of(workspace, model).cloned();
            let due = mark.as_ref().is_none_or(|mark| mark.seen + every <= now);
            due.then(|| Source {
                workspace: (*workspace).clone(),
                model: (*model).clone(),
                mark,
            })
        });
        let until = Instant::now() + BUDGET;
        let looks: Vec<_> = due.map(|source| self.look_at(source, until)).collect();
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

    async fn look_at(&self, source: Source, until: Instant) -> (Source, Result<usize, Trouble>) {
        let look = timeout_at(until, self.look_for_missed(&source)).await;
        (source, look.unwrap_or(Err(Trouble::TooLong)))
    }

    /// Goes from the newest version back to the watermark; how many promotions that opened.
    async fn look_for_missed(&self, source: &Source) -> Result<usize, Trouble> {
        let Some(mark) = &source.mark else {
            return Ok(0);
        };
        let since = mark.installed.max(mark.seen - OVERLAP);
        let (mut opened, mut from) = (0, None);
        loop {
            let page = self
                .effects
                .versions(&source.workspace, &source.model, from.as_ref())
                .await
                .map_err(Trouble::Workspace)?;
            let mut reached = false;
            for version in &page.versions {
                match version.created_at {
                    Some(at) if at > since => {
                        opened += self.open_missed(source, version, at).await?;
                    }
                    // Of what has no time nobody can tell that it was missed.
                    Some(_) => reached = true,
                    None => {}
                }
            }
            from = page.next;
            if reached || from.is_none() {
                return Ok(opened);
            }
        }
    }

    /// Opens the promotions of a version that are not begun; what has ended stays ended.
    async fn open_missed(
        &self,
        Source {
            workspace, model, ..
        }: &Source,
        found: &RegisteredVersion,
        registered_at: Timestamp,
    ) -> Result<usize, EngineError> {
        let mut opened = 0;
        for configured in self.config.routes_for_model(workspace, model) {
            let opening = Opening {
                candidate: Candidate {
                    workspace: workspace.clone(),
                    model: model.clone(),
                    version: found.version.clone(),
                },
                route: configured.route.clone(),
                cause: Cause::Reconciled { registered_at },
            };
            let name = JournalName::promotion(&opening.id());
            if self.store.journals.is_begun(&name).await? {
                continue;
            }
            let (id, how) = self
                .open_promotion(opening, Expected::Unknown, Delivery::Once)
                .await?;
            if how == Opened::New {
                opened += 1;
                tracing::warn!(
                    promotion = id.as_str(),
                    "no event told of this version: opened by looking for it"
                );
            }
        }
        Ok(opened)
    }
}

impl Source {
    fn looked_at(self, now: Timestamp) -> Watermark {
        Watermark {
            installed: self.mark.map_or(now, |mark| mark.installed),
            workspace: self.workspace,
            model: self.model,
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
