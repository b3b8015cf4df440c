//! `start`: a person opens a promotion that no event opened.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use promotion::{Candidate, Cause, ModelVersion, Opening, PromotionId, Refused, Route};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

use super::answer::{engine, error, json_only, not_heard, refused, unsure};
use super::dry_run::{Mode, no_dry_run};
use super::meant::{Meant, candidate};
use super::write::read;
use crate::app::App;
use crate::engine::{Delivery, EngineError, Expected, Opened, Registered};
use crate::identity::Sender;
use crate::triggers::verb::{may_not, who_asks, whole_reason};
use crate::ui::{REASON, capped, no_version, whole_sentence};

/// What is sent, for whoever sent something else.
const EXAMPLE: &str = r#"{"model": "…", "version": "2", "reason": "…"}"#;

/// What to start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    #[serde(default)]
    route: Option<String>,
    #[serde(default)]
    model: Option<String>,
    version: String,
    #[serde(default)]
    reason: String,
}

/// Opens a promotion of a version on a route; one that is there already goes on.
pub async fn start(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Mode::read(query.as_deref()) {
        Ok(Mode::Real) => {}
        Ok(Mode::DryRun) => return no_dry_run(),
        Err(response) => return response,
    }
    let wish = match read::<Start>(&headers, &body, EXAMPLE) {
        Ok((Sender::Json, wish)) => wish,
        Ok((Sender::Form, _)) => return json_only(),
        Err(response) => return response,
    };
    match opened(&app, &headers, wish).await {
        Ok(response) | Err(response) => response,
    }
}

async fn opened(app: &App, headers: &HeaderMap, wish: Start) -> Result<Response, Response> {
    let viewer = who_asks(app, headers, Sender::Json)
        .await
        .map_err(|why| not_heard(&why))?;
    let config = &app.engine.config;
    let (route, model) = (wish.route.as_deref(), wish.model.as_deref());
    let meant = Meant::find(config, &viewer, route, model)?;
    if let Some(why) = may_not(&meant.operators(), &viewer, "start") {
        return Err(refused(&why));
    }
    if wish.reason.trim().is_empty() {
        return Err(refused(&Refused::ReasonMissing { event: "start" }));
    }
    whole_reason(&wish.reason).map_err(|why| not_heard(&why))?;
    let version = ModelVersion::parse(&wish.version).ok_or_else(|| {
        let sentence = whole_sentence(&no_version(&wish.version));
        error(StatusCode::BAD_REQUEST, "BadVersion", &sentence)
    })?;
    let route = meant.one(app, &viewer, &version).await?.clone();
    let candidate = candidate(&route, &version);
    is_registered(app, &route, &candidate).await?;
    let cause = Cause::Person {
        by: viewer.person,
        reason: capped(&wish.reason, REASON),
    };
    let (id, opened) = app
        .engine
        .open_promotion(
            Opening {
                candidate,
                route,
                cause,
            },
            Expected::Unknown,
            Delivery::Once,
        )
        .await
        .map_err(|why| unsure(&why))?;
    let page = app.links.absolute(&app.links.promotion(&id));
    Ok(match opened {
        Opened::New => {
            (StatusCode::CREATED, Json(json!({ "id": id, "page": page }))).into_response()
        }
        Opened::Again => (
            StatusCode::OK,
            Json(json!({ "id": id, "page": page, "already": "open" })),
        )
            .into_response(),
        Opened::Closed => error(
            StatusCode::CONFLICT,
            "Closed",
            &format!(
                "`{id}` has ended; ask again on its page, with `liftlock reopen {id}`, or with POST \
                 /api/v1/promotions/{id}/reopen."
            ),
        ),
    })
}

/// Refuses a version that its workspace does not have: opened, it would fail, and the event of its registration would find it
/// ended. What is open goes on whatever the workspace says; where that says nothing, the promotion asks it again.
async fn is_registered(app: &App, route: &Route, candidate: &Candidate) -> Result<(), Response> {
    let Candidate {
        workspace,
        model,
        version,
    } = candidate;
    let id = PromotionId::of(&route.name, workspace, model, version);
    match app.engine.load_promotion(&id).await {
        Ok(_) => return Ok(()),
        Err(EngineError::Unknown(_)) => {}
        Err(other) => return Err(engine(&other)),
    }
    let unsaid = match app.engine.is_registered(candidate).await {
        Ok(Registered::Yes) => return Ok(()),
        Ok(Registered::No) => {
            let place = workspace.name();
            let message = format!(
                "There is no version `{version}` of `{model}` in {place}; start it once it is registered there."
            );
            return Err(error(StatusCode::NOT_FOUND, "UnknownVersion", &message));
        }
        Err(why) => why.message,
    };
    tracing::warn!(
        promotion = id.as_str(),
        "started without knowing whether it is registered: {unsaid}"
    );
    Ok(())
}
