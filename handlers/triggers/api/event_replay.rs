//! `events/{date}/{hash}/replay`: a kept event is run again, as if it were delivered now; or told what would follow.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use promotion::{Aggregate as _, Refused, RunAgain};
use serde_json::{Value, json};
use std::sync::Arc;

use super::answer::{engine, error, json_only, not_heard, refused, unsure};
use super::dry_run::Mode;
use super::write::wished;
use crate::app::App;
use crate::engine::{EngineError, Opened, Place};
use crate::identity::Sender;
use crate::state::KeptEvent;
use crate::triggers::ml_event::{Followed, Follows, Notification, Occasion, Part, named_in, take};
use crate::triggers::verb::{may_not, who_asks, whole_reason};
use crate::ui::{self, REASON, Viewer, capped};

/// What a refusal of it is logged as.
const VERB: &str = "replay-event";

/// Runs a kept event again, or tells what would come of it.
pub async fn replay_event(
    State(app): State<Arc<App>>,
    Path((day, hash)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = format!("{day}/{hash}");
    match replayed(&app, &key, query.as_deref(), &headers, &body).await {
        Ok(answer) => Json(answer).into_response(),
        Err(response) => response,
    }
}

async fn replayed(
    app: &App,
    key: &str,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, Response> {
    let mode = Mode::read(query)?;
    let (Sender::Json, wish) = wished(headers, body, mode)? else {
        return Err(json_only());
    };
    let viewer = operator(app, headers).await?;
    if mode == Mode::Real && wish.reason.trim().is_empty() {
        return Err(refused(&Refused::ReasonMissing { event: "replay" }));
    }
    whole_reason(&wish.reason).map_err(|why| not_heard(&why))?;
    let (kept, notification) = load(app, key).await?;
    if let Some(why) = notification.not_understood() {
        return Err(error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "NotUnderstood",
            &ui::not_replayed(why),
        ));
    }
    may_operate(app, &notification, &viewer)?;
    match mode {
        Mode::DryRun => {
            let follows = would_follow(app, &kept, &notification).await;
            follows.map_err(|why| engine(&why))
        }
        Mode::Real => {
            let asked = RunAgain {
                by: viewer.person,
                reason: capped(&wish.reason, REASON),
            };
            // What goes on or has ended gets no record of it.
            tracing::info!(
                event = key,
                by = asked.by.id.as_str(),
                reason = asked.reason,
                "event run again"
            );
            let followed = take(app, &notification, &Occasion::RunAgain(asked)).await;
            let answer = followed.map(|followed| done(app, &kept, &notification, &followed));
            answer.map_err(|why| unsure(&why))
        }
    }
}

/// Whoever operates some route: which ones the event takes is not known before it is read.
async fn operator(app: &App, headers: &HeaderMap) -> Result<Viewer, Response> {
    let viewer = who_asks(app, headers, Sender::Json)
        .await
        .map_err(|why| not_heard(&why))?;
    match may_not(&app.engine.config.operators(), &viewer, VERB) {
        Some(why) => Err(refused(&why)),
        None => Ok(viewer),
    }
}

/// Whoever runs an event again operates each route that it takes, and learns of no other.
fn may_operate(app: &App, notification: &Notification, viewer: &Viewer) -> Result<(), Response> {
    let config = &app.engine.config;
    let parts = Follows::of(config, notification).parts();
    let lacking = parts
        .iter()
        .flat_map(|part| part.operators(config))
        .find_map(|roles| may_not(&roles, viewer, VERB));
    lacking.map_or(Ok(()), |why| Err(refused(&why)))
}

async fn load(app: &App, key: &str) -> Result<(KeptEvent, Notification), Response> {
    let found = async {
        app.engine.store.ready().await?;
        app.engine.store.events.get(key).await
    };
    let found = found.await.map_err(|why| engine(&EngineError::from(why)))?;
    let Some((kept, raw)) = found else {
        return Err(error(StatusCode::NOT_FOUND, "NotFound", &ui::no_event(key)));
    };
    let notification = Notification::kept(&kept.key, &raw);
    Ok((kept, notification))
}

fn done(app: &App, kept: &KeptEvent, notification: &Notification, followed: &[Followed]) -> Value {
    let ids = |opened: Opened| -> Vec<&str> {
        let fits = followed.iter().filter(|one| one.opened == opened);
        fits.map(|one| one.name.as_str()).collect()
    };
    json!({
        "key": kept.key,
        "type": kept.kind,
        "subject": kept.subject,
        "whatBecameOfIt": Follows::of(&app.engine.config, notification).sentence(),
        "opened": ids(Opened::New),
        "wentOn": ids(Opened::Again),
        "hadEnded": ids(Opened::Closed),
    })
}

/// Where something that would follow stands.
struct Stands {
    id: String,
    /// Its stage; none where it is not begun.
    stage: Option<String>,
    would: &'static str,
    route_changed: bool,
}

async fn would_follow(
    app: &App,
    kept: &KeptEvent,
    notification: &Notification,
) -> Result<Value, EngineError> {
    let follows = Follows::of(&app.engine.config, notification);
    let today = follows.sentence();
    let mut all = Vec::new();
    for part in follows.parts() {
        all.push(stands(app, &part).await?);
    }
    let row = |one: &Stands| json!({ "id": one.id, "stage": one.stage, "would": one.would, "routeChanged": one.route_changed });
    Ok(json!({
        "key": kept.key,
        "type": kept.kind,
        "subject": kept.subject,
        "dryRun": true,
        "then": kept.what,
        "today": today,
        "follows": all.iter().map(row).collect::<Vec<_>>(),
        "differences": differences(kept, &today, &all),
    }))
}

async fn stands(app: &App, part: &Part) -> Result<Stands, EngineError> {
    let name = part.name();
    let (stage, ended, route_changed) = match part {
        Part::Promotion(opening) => match app.engine.load_promotion(&opening.id()).await {
            Ok((found, _)) => {
                let changed = *found.route() != opening.route;
                (
                    Some(ui::stage_name(&found).to_owned()),
                    found.is_closed(),
                    changed,
                )
            }
            Err(EngineError::Unknown(_)) => (None, false, false),
            Err(other) => return Err(other),
        },
        Part::Intake(_) => match app.engine.implied(&name).await? {
            Some(found) => (
                Some(found.marker.summary.stage),
                found.place == Place::Closed,
                false,
            ),
            None => (None, false, false),
        },
    };
    Ok(Stands {
        would: match (&stage, ended) {
            (None, _) => "open",
            (Some(_), false) => "go on",
            (Some(_), true) => "stay ended",
        },
        id: name.as_str().to_owned(),
        stage,
        route_changed,
    })
}

/// What is not as it was when the event came, in sentences.
fn differences(kept: &KeptEvent, today: &str, all: &[Stands]) -> Vec<String> {
    let then = named_in(kept);
    let mut sentences = Vec::new();
    for one in all {
        match (then.contains(&one.id), &one.stage) {
            (false, _) if !kept.is_cut() => sentences.push(ui::follows_now(&one.id)),
            (true, None) => sentences.push(ui::was_never_opened(&one.id)),
            (true | false, _) => {}
        }
        if one.route_changed {
            sentences.push(ui::route_has_changed(&one.id));
        }
    }
    let gone = then
        .iter()
        .filter(|id| !all.iter().any(|one| one.id == **id));
    sentences.extend(gone.map(|id| ui::follows_no_more(id)));
    if then.is_empty() && all.is_empty() && kept.what != today {
        sentences.push(ui::another_reason(&kept.what, today));
    }
    sentences
}
