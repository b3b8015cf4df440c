//! Targets by API: what they are, who changes them, what holds them; holding one and lifting that.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

use super::address::Parameters;
use super::answer::{self, error, heard_status, not_heard, refused};
use super::dry_run::{Mode, no_dry_run};
use super::read::admitted;
use super::write::read;
use crate::app::App;
use crate::config::ConfiguredTarget;
use crate::engine::EngineError;
use crate::identity::Sender;
use crate::state::{Change, Target};
use crate::triggers::approval::status;
use crate::triggers::board::{self, Refused, encode};
use crate::triggers::page::{Asked, Sent, html, problem, to_page, unsent};
use crate::triggers::target::{TargetVerb, TargetWish, heard, tell};
use crate::triggers::verb::NotHeard;
use crate::ui;

const EXAMPLE: &str = r#"{"reason": "…"}"#;

const OVERTAKEN: &str = "Another hold was set since you looked, so nothing was lifted. Look at the board again: it says why each stands.";

/// Every configured target.
pub async fn targets(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = admitted(&app, &headers)
        .await
        .and_then(|()| Parameters::read(query.as_deref(), &[]));
    if let Err(response) = asked {
        return response;
    }
    match listed(&app).await {
        Ok(list) => Json(list).into_response(),
        Err(why) => answer::engine(&why),
    }
}

async fn listed(app: &App) -> Result<Value, EngineError> {
    app.engine.store.ready().await?;
    let mut value = Vec::new();
    for configured in app.engine.config.targets() {
        let (target, _) = app.engine.store.leases.read(&configured.id).await?;
        value.push(row(&configured, &target));
    }
    Ok(json!({ "value": value }))
}

fn row(configured: &ConfiguredTarget<'_>, target: &Target) -> Value {
    json!({
        "id": configured.id,
        "endpoint": configured.endpoint(),
        "workspace": configured.workspace(),
        "stage": configured.stage(),
        "models": configured.models(),
        "turn": target.turn,
        "lease": target.holder,
        "line": target.line,
        "holds": target.holds,
        "lifted": target.lifted,
    })
}

/// Hold or unhold.
pub async fn target_verb(
    State(app): State<Arc<App>>,
    Path((id, verb)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(verb) = TargetVerb::parse(&verb) else {
        let message = "The verbs are hold and unhold.";
        return error(StatusCode::NOT_FOUND, "UnknownVerb", message);
    };
    match Mode::read(query.as_deref()) {
        Ok(Mode::Real) => {}
        Ok(Mode::DryRun) => return no_dry_run(),
        Err(response) => return response,
    }
    match read::<TargetWish>(&headers, &body, EXAMPLE) {
        Ok((Sender::Form, wish)) => by_form(&app, &headers, &id, verb, &wish).await,
        Ok((Sender::Json, wish)) => by_json(&app, &headers, &id, verb, &wish).await,
        Err(response) => response,
    }
}

async fn by_json(
    app: &App,
    headers: &HeaderMap,
    id: &str,
    verb: TargetVerb,
    wish: &TargetWish,
) -> Response {
    let viewer = match heard(app, headers, Sender::Json, &wish.csrf, &wish.reason).await {
        Ok(viewer) => viewer,
        Err(why) => return not_heard(&why),
    };
    let Some(target) = app.engine.config.target(id) else {
        return error(StatusCode::NOT_FOUND, "UnknownTarget", &unknown(id));
    };
    match tell(app, &target, verb, &viewer, wish).await {
        Ok(Ok((Change::Overtaken, _))) => error(StatusCode::CONFLICT, "Overtaken", OVERTAKEN),
        Ok(Ok((Change::Made | Change::None, now))) => Json(row(&target, &now)).into_response(),
        Ok(Err(why)) => refused(&why),
        Err(why) => answer::unsure(&why),
    }
}

/// The board: by GET where it worked, with the sentence on it where it did not.
async fn by_form(
    app: &App,
    headers: &HeaderMap,
    id: &str,
    verb: TargetVerb,
    wish: &TargetWish,
) -> Response {
    let sent = Sent {
        action: format!("/api/v1/targets/{}/{}", encode(id), verb.name()),
        back: app.links.board(),
        csrf: &wish.csrf,
        hidden: (wish.seen.iter())
            .map(|seen| ("seen", seen.to_string()))
            .collect(),
        kept: wish.kept(verb, id),
    };
    let viewer = match app.identity.viewer(headers).await {
        Ok(viewer) => viewer,
        Err(why) => {
            let what = what_it_does(app, verb, id);
            return unsent(app, headers, &why, &sent, &what);
        }
    };
    let target = app.engine.config.target(id);
    let heard = heard(app, headers, Sender::Form, &wish.csrf, &wish.reason).await;
    let told = match (heard, target) {
        (Err(NotHeard::Engine(error)), _) => Err(error),
        (Err(why), _) => Ok(Err((
            heard_status(&why).0,
            ui::whole_sentence(&why.to_string()),
        ))),
        (Ok(_), None) => Ok(Err((StatusCode::NOT_FOUND, unknown(id)))),
        (Ok(viewer), Some(target)) => {
            let told = tell(app, &target, verb, &viewer, wish).await;
            told.map(|told| match told {
                Ok((Change::Overtaken, _)) => Err((StatusCode::CONFLICT, OVERTAKEN.to_owned())),
                Ok((Change::Made | Change::None, _)) => Ok(()),
                Err(why) => Err((status(&why), ui::refusal(&why))),
            })
        }
    };
    match told {
        Ok(Ok(())) => to_page(&app.links.board()),
        Ok(Err((status, sentence))) => {
            let refused = Refused {
                sentence: &sentence,
                kept: &sent.kept,
            };
            match board::render_index(app, &viewer, &refused).await {
                Ok(page) => html(status, page),
                Err(error) => problem(app, Some(&viewer), &error, Asked::ToSee),
            }
        }
        Err(error) => problem(app, Some(&viewer), &error, Asked::ToChange),
    }
}

fn unknown(id: &str) -> String {
    format!(
        "There is no target `{}`; GET /api/v1/targets lists those that routes lead to.",
        ui::capped(id, 80)
    )
}

/// `Lift the hold of prod/diabetes`; of a target that no route leads to, its id.
fn what_it_does(app: &App, verb: TargetVerb, id: &str) -> String {
    let target = app.engine.config.target(id);
    let name = target.map_or_else(
        || id.to_owned(),
        |target| format!("{}/{}", target.stage(), target.endpoint()),
    );
    match verb {
        TargetVerb::Hold => format!("Hold {name}"),
        TargetVerb::Unhold => format!("Lift the hold of {name}"),
    }
}
