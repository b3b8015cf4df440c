//! What a person may tell a target, by form or by JSON: hold it, and lift what holds it.

use axum::http::HeaderMap;
use jiff::Timestamp;
use promotion::Refused;
use serde::Deserialize;

use super::verb::{self, NotHeard, log_unsure, may_not};
use crate::app::App;
use crate::config::ConfiguredTarget;
use crate::engine::EngineError;
use crate::identity::Sender;
use crate::state::{Change, HeldBy, Lifted, Target};
use crate::ui::{Kept, REASON, Viewer, capped};

/// What the board's forms are for.
const PURPOSE: &str = "targets";

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetVerb {
    Hold,
    Unhold,
}

/// What comes with it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetWish {
    #[serde(default)]
    pub(super) reason: String,
    /// To lift: since when the newest hold stands that somebody was shown. Absent: whatever stands is lifted.
    #[serde(default)]
    pub(super) seen: Option<Timestamp>,
    /// In forms only.
    #[serde(default)]
    pub(super) csrf: String,
}

/// What was decided: the target as it is now, or why nothing was changed.
pub(super) type Told = Result<(Change, Target), Refused>;

impl TargetVerb {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "hold" => Some(Self::Hold),
            "unhold" => Some(Self::Unhold),
            _ => None,
        }
    }

    /// In the address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Unhold => "unhold",
        }
    }
}

impl TargetWish {
    /// What was typed into a target's form.
    pub(super) fn kept(&self, verb: TargetVerb, id: &str) -> Kept<'_> {
        Kept {
            form: format!("{}-{id}", verb.name()),
            reason: &self.reason,
            ..Kept::default()
        }
    }
}

/// The token for the forms on the board.
pub(super) async fn token(app: &App, viewer: &Viewer) -> Result<String, EngineError> {
    verb::token_for(app, viewer, PURPOSE.to_owned()).await
}

/// Who asks, if they may be heard at all, by any form on the board.
pub(super) async fn heard(
    app: &App,
    headers: &HeaderMap,
    sender: Sender,
    csrf: &str,
    reason: &str,
) -> Result<Viewer, NotHeard> {
    let viewer = verb::heard_about(app, headers, sender, PURPOSE.to_owned(), csrf).await?;
    verb::whole_reason(reason).map(|()| viewer)
}

/// Tells the target.
pub(super) async fn tell(
    app: &App,
    target: &ConfiguredTarget<'_>,
    verb: TargetVerb,
    viewer: &Viewer,
    wish: &TargetWish,
) -> Result<Told, EngineError> {
    if let Some(why) = may_not(&target.operators(), viewer, verb.name()) {
        return Ok(Err(why));
    }
    let reason = capped(&wish.reason, REASON);
    if reason.is_empty() {
        return Ok(Err(Refused::ReasonMissing { event: verb.name() }));
    }
    let by = &viewer.person;
    let engine = &app.engine;
    let told = match verb {
        TargetVerb::Hold => engine.hold(&target.id, by.clone(), reason.clone()).await,
        TargetVerb::Unhold => engine.unhold(&target.id, by, &reason, wish.seen).await,
    };
    let told = told.inspect_err(|error| {
        log_unsure(verb.name(), viewer, target.id.as_str(), &reason, error);
    })?;
    if let (Change::Made, now) = &told {
        log_done(target, verb, viewer, &reason, now);
    }
    Ok(Ok(told))
}

/// Each is a line of the log: the blob keeps what stands, and of what was lifted only the newest.
fn log_done(
    target: &ConfiguredTarget<'_>,
    verb: TargetVerb,
    viewer: &Viewer,
    reason: &str,
    now: &Target,
) {
    let (id, by) = (target.id.as_str(), viewer.person.id.as_str());
    let (stage, endpoint) = (target.stage().as_str(), target.endpoint().as_str());
    match verb {
        TargetVerb::Hold => {
            tracing::info!(target_id = id, stage, endpoint, by, reason, "target held");
        }
        TargetVerb::Unhold => {
            tracing::info!(
                target_id = id,
                stage,
                endpoint,
                by,
                reason,
                lifted = lifted_last(&now.lifted),
                "holds lifted"
            );
        }
    }
}

/// What was lifted at once, each with who had set it.
fn lifted_last(lifted: &[Lifted]) -> String {
    let at = lifted.last().map(|last| last.at);
    let at_once = lifted.iter().filter(|one| Some(one.at) == at);
    let each = at_once.map(|one| {
        let set_by = match &one.hold.by {
            HeldBy::Rollback { promotion, .. } => promotion.as_str(),
            HeldBy::Person { person } => person.id.as_str(),
        };
        format!("{set_by}: {}", one.hold.reason)
    });
    each.collect::<Vec<_>>().join("; ")
}
