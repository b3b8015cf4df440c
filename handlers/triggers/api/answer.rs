//! What the API answers: JSON, with errors as sentences.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use promotion::{Promotion, Refused};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::causes::chain;
use crate::engine::EngineError;
use crate::secrets::without_secrets;
use crate::triggers::approval::status;
use crate::triggers::page::{MAY_BE_TAKEN, for_good, not_signed_in};
use crate::triggers::verb::NotHeard;
use crate::ui;

/// An error: a code for programs, a sentence for people.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    (
        status,
        Json(json!({ "error": { "code": code, "message": message } })),
    )
        .into_response()
}

/// What is for programs only takes no form.
pub(super) fn json_only() -> Response {
    error(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UnsupportedMediaType",
        "Send application/json, for example {\"reason\": \"…\"}.",
    )
}

pub(super) fn refused(why: &Refused) -> Response {
    refused_saying(why, &ui::refusal(why))
}

/// Refused, in other words than the usual ones.
pub(super) fn refused_saying(refused: &Refused, sentence: &str) -> Response {
    let code = match refused {
        Refused::ReasonMissing { .. } => "ReasonMissing",
        Refused::RoleMissing { .. }
        | Refused::OwnWork
        | Refused::OwnOverride
        | Refused::Expired { .. }
        | Refused::NotNow { .. }
        | Refused::AlreadyVoted
        | Refused::Superseded
        | Refused::Outranked { .. }
        | Refused::AnotherAttempt { .. }
        | Refused::Decided { .. }
        | Refused::Overtaken { .. }
        | Refused::Frozen { .. }
        | Refused::NothingToRevoke
        | Refused::TooLateToRevoke
        | Refused::AlreadyOverridden
        | Refused::VotesExpired { .. }
        | Refused::Heard
        | Refused::TakenBackSince
        | Refused::ReviewedAlready { .. }
        | Refused::OverriddenAlready
        | Refused::TakenBackTooOften => "Refused",
    };
    error(status(refused), code, sentence)
}

pub(super) fn not_heard(why: &NotHeard) -> Response {
    let (status, code) = heard_status(why);
    match why {
        // By JSON nothing is asked of the store before the promotion is told.
        NotHeard::Engine(cause) => unsure(cause),
        why => error(status, code, &ui::whole_sentence(&why.to_string())),
    }
}

/// What it says to programs that a wish was not heard.
pub(in crate::triggers) fn heard_status(why: &NotHeard) -> (StatusCode, &'static str) {
    match why {
        NotHeard::NotSignedIn(why) => not_signed_in(why),
        NotHeard::CrossSite(_) => (StatusCode::FORBIDDEN, "CrossSite"),
        NotHeard::FormStale => (StatusCode::FORBIDDEN, "FormStale"),
        NotHeard::TooLong { .. } => (StatusCode::BAD_REQUEST, "TooLong"),
        NotHeard::BadAttempt => (StatusCode::BAD_REQUEST, "BadAttempt"),
        NotHeard::NoPause => (StatusCode::BAD_REQUEST, "NoPause"),
        NotHeard::RouteGone(_) => (StatusCode::CONFLICT, "RouteGone"),
        NotHeard::Engine(_) => (StatusCode::SERVICE_UNAVAILABLE, "Unavailable"),
    }
}

/// Something could not be read, and nothing was to be changed.
pub(super) fn engine(why: &EngineError) -> Response {
    failed(
        why,
        "The state cannot be read at the moment. Try again in a minute.",
    )
}

/// Something went wrong where a change was tried, so it may have been made.
pub(super) fn unsure(why: &EngineError) -> Response {
    failed(why, MAY_BE_TAKEN)
}

fn failed(why: &EngineError, passing: &str) -> Response {
    match why {
        EngineError::Unknown(name) => error(
            StatusCode::NOT_FOUND,
            "NotFound",
            &format!("There is no promotion `{}`.", ui::capped(name, 120)),
        ),
        EngineError::Contended(_) => error(
            StatusCode::CONFLICT,
            "Contended",
            &ui::whole_sentence(&why.to_string()),
        ),
        EngineError::Store(_) => {
            tracing::error!("request failed: {}", chain(why));
            match for_good(why) {
                Some(text) => error(StatusCode::INTERNAL_SERVER_ERROR, "StateUnreadable", &text),
                None => error(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", passing),
            }
        }
    }
}

/// How long whoever was heard waits to be told besides what stands against it.
const TOLD_WITHIN: Duration = Duration::from_secs(3);

/// What stands against what a promotion does next, in sentences.
pub(super) struct Against {
    /// A freeze, or no open window.
    pub(super) stopped: Option<String>,
    /// A hold of its target.
    pub(super) held: Option<String>,
}

impl Against {
    pub(super) async fn look(
        app: &App,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            stopped: stopped(app, promotion, now).await?,
            held: app.engine.hold_ahead(promotion).await?,
        })
    }

    /// For whoever was heard: that stays said, also where nobody can tell, or not soon, what stands against it.
    pub(super) async fn if_known(app: &App, promotion: &Promotion, now: Timestamp) -> Self {
        let until = Instant::now() + TOLD_WITHIN;
        let stopped = known(timeout_at(until, stopped(app, promotion, now)).await);
        let held = known(timeout_at(until, app.engine.hold_ahead(promotion)).await);
        let is_unknown = stopped.is_err() || held.is_err();
        let unknown = is_unknown.then(|| ui::AGAINST_UNKNOWN.to_owned());
        Self {
            stopped: stopped.unwrap_or(None).or(unknown),
            held: held.unwrap_or(None),
        }
    }
}

async fn stopped(
    app: &App,
    promotion: &Promotion,
    now: Timestamp,
) -> Result<Option<String>, EngineError> {
    let stopped = app.engine.stopped(promotion, now).await?;
    Ok(stopped.map(|why| ui::stopped_now(&why.message)))
}

/// Nobody could find it out in time.
struct Unknown;

fn known<T>(found: Result<Result<T, EngineError>, Elapsed>) -> Result<T, Unknown> {
    let why = match found {
        Ok(Ok(said)) => return Ok(said),
        Ok(Err(why)) => chain(&why),
        Err(_) => format!("it took longer than {} s", TOLD_WITHIN.as_secs()),
    };
    tracing::warn!("what stands against it cannot be told: {why}");
    Err(Unknown)
}

/// A promotion for programs.
pub(super) fn promotion(
    app: &App,
    promotion: &Promotion,
    against: &Against,
    now: Timestamp,
) -> Value {
    let stage = promotion.stage();
    let approval = stage.pinned().map(|pinned| {
        app.links
            .approval(promotion.id(), promotion.attempt(), &pinned.digest)
    });
    json!({
        "id": promotion.id(),
        "model": promotion.candidate().model,
        "version": promotion.candidate().version,
        "route": promotion.route().name,
        "from": promotion.route().source.stage,
        "to": promotion.route().target.stage,
        "attempt": promotion.attempt(),
        "stage": ui::stage_name(promotion),
        "phase": stage.kind().name(),
        "pause": promotion.pause().map(|pause| pause.to_string()),
        "ending": stage.ending(),
        "why": ui::why(promotion, now),
        "overridden": promotion.is_overridden(),
        "reviewed": promotion.is_overridden() && promotion.review().is_some(),
        "override": ui::overrides_told(promotion),
        "stopped": against.stopped,
        "held": against.held,
        "openedAt": promotion.opened_at(),
        "lastAt": promotion.last_at(),
        "approval": approval,
        "pinned": without_secrets(json!(stage.pinned())),
        "votes": stage.votes(),
        "page": app.links.absolute(&app.links.promotion(promotion.id())),
    })
}
