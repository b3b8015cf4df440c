//! Freezes by API: which stand and stood, setting one, lifting one.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

use super::address::{Parameters, is_browser};
use super::answer::{self, error, heard_status, not_heard};
use super::dry_run::{Mode, no_dry_run};
use super::read::admitted;
use super::write::read;
use crate::app::App;
use crate::engine::EngineError;
use crate::identity::Sender;
use crate::state::{Freeze, PastFreeze};
use crate::triggers::board::{self, Refused};
use crate::triggers::freeze::{self, FreezeWish, LiftWish, NotDone, in_forms};
use crate::triggers::page::{Asked, Sent, html, problem, to_page, unsent};
use crate::triggers::target::heard;
use crate::triggers::verb::NotHeard;
use crate::ui;

const TO_FREEZE: &str = r#"{"scope": {"stage": "prod"}, "reason": "…", "for": "4h"}"#;
const TO_LIFT: &str = r#"{"reason": "…"}"#;

/// Those that stand, and those that stood.
pub async fn freezes(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if is_browser(&headers) {
        return to_page(&app.links.board());
    }
    if let Err(response) = admitted(&app, &headers).await {
        return response;
    }
    if let Err(response) = Parameters::read(query.as_deref(), &[]) {
        return response;
    }
    let now = app.engine.time().await;
    match app.engine.freezes().await {
        Ok(all) => {
            let standing: Vec<Value> = all.standing(now).map(row).collect();
            let gone: Vec<Value> = all.gone(now).iter().rev().map(past).collect();
            Json(json!({ "value": standing, "past": gone })).into_response()
        }
        Err(why) => answer::engine(&why),
    }
}

/// Freezes.
pub async fn set_freeze(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(response) = no_dry_runs(query.as_deref()) {
        return response;
    }
    let (sender, wish) = match read::<FreezeWish>(&headers, &body, TO_FREEZE) {
        Ok(read) => read,
        Err(response) => return response,
    };
    if sender == Sender::Json && wish.lasts_nothing() {
        let message = "`for` is empty; say how long, like `4h`, or leave it out to freeze until somebody lifts it.";
        return error(StatusCode::BAD_REQUEST, "BadEnd", message);
    }
    let told = match heard(&app, &headers, sender, &wish.csrf, &wish.reason).await {
        Ok(viewer) => Told::of(freeze::freeze(&app, &viewer, &wish).await),
        Err(why) => Told::NotHeard(why),
    };
    let sent = || Sent {
        action: app.links.freezes(),
        back: app.links.board(),
        csrf: &wish.csrf,
        hidden: vec![
            ("scope", in_forms(&wish.scope.0)),
            ("for", wish.lasting().to_owned()),
        ],
        kept: wish.kept(),
    };
    let what = format!("Freeze {}", freeze::named(&wish.scope.0));
    answered(&app, &headers, sender, told, &what, &sent, |(set, new)| {
        let status = if new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        (status, Json(row(&set))).into_response()
    })
    .await
}

/// Lifts.
pub async fn lift_freeze(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(response) = no_dry_runs(query.as_deref()) {
        return response;
    }
    let (sender, wish) = match read::<LiftWish>(&headers, &body, TO_LIFT) {
        Ok(read) => read,
        Err(response) => return response,
    };
    let told = match heard(&app, &headers, sender, &wish.csrf, &wish.reason).await {
        Ok(viewer) => Told::of(freeze::lift(&app, &viewer, &id, &wish).await),
        Err(why) => Told::NotHeard(why),
    };
    let sent = || Sent {
        action: app.links.lift_freeze(&id),
        back: app.links.board(),
        csrf: &wish.csrf,
        hidden: Vec::new(),
        kept: wish.kept(&id),
    };
    let what = what_is_lifted(&app, &id).await;
    answered(&app, &headers, sender, told, &what, &sent, |lifted| {
        Json(past(&lifted)).into_response()
    })
    .await
}

/// What became of a wish.
enum Told<T> {
    Done(T),
    NotDone(NotDone),
    NotHeard(NotHeard),
}

impl<T> Told<T> {
    fn of(told: Result<Result<T, NotDone>, EngineError>) -> Self {
        match told {
            Ok(Ok(done)) => Self::Done(done),
            Ok(Err(why)) => Self::NotDone(why),
            Err(error) => Self::NotHeard(NotHeard::Engine(error)),
        }
    }
}

/// JSON for programs; for forms the board, with the sentence on it where nothing was done.
async fn answered<'a, T>(
    app: &App,
    headers: &HeaderMap,
    sender: Sender,
    told: Told<T>,
    what: &str,
    sent: &(dyn Fn() -> Sent<'a> + Sync),
    answer: impl FnOnce(T) -> Response,
) -> Response {
    if sender == Sender::Json {
        return match told {
            Told::Done(done) => answer(done),
            Told::NotDone(why) => error(why.status, why.code, &why.sentence),
            Told::NotHeard(why) => not_heard(&why),
        };
    }
    let viewer = match app.identity.viewer(headers).await {
        Ok(viewer) => viewer,
        Err(why) => return unsent(app, headers, &why, &sent(), what),
    };
    let (status, sentence) = match told {
        Told::Done(_) => {
            return to_page(&app.links.board());
        }
        Told::NotDone(why) => (why.status, why.sentence),
        Told::NotHeard(NotHeard::Engine(error)) => {
            return problem(app, Some(&viewer), &error, Asked::ToChange);
        }
        Told::NotHeard(why) => (heard_status(&why).0, ui::whole_sentence(&why.to_string())),
    };
    let refused = Refused {
        sentence: &sentence,
        kept: &sent().kept,
    };
    match board::render_index(app, &viewer, &refused).await {
        Ok(page) => html(status, page),
        Err(error) => problem(app, Some(&viewer), &error, Asked::ToSee),
    }
}

/// `Lift the freeze of stage prod`; of one that cannot be read, its id.
async fn what_is_lifted(app: &App, id: &str) -> String {
    match app.engine.freezes().await {
        Ok(all) => all.find(id).map_or_else(
            || format!("Lift the freeze {id}"),
            |known| format!("Lift the freeze of {}", freeze::named(&known.scope)),
        ),
        Err(_) => format!("Lift the freeze {id}"),
    }
}

fn no_dry_runs(query: Option<&str>) -> Option<Response> {
    match Mode::read(query) {
        Ok(Mode::Real) => None,
        Ok(Mode::DryRun) => Some(no_dry_run()),
        Err(response) => Some(response),
    }
}

fn row(freeze: &Freeze) -> Value {
    json!({
        "id": freeze.id,
        "scope": freeze::scope_json(&freeze.scope),
        "by": freeze.by,
        "reason": freeze.reason,
        "since": freeze.since,
        "until": freeze.until,
    })
}

fn past(past: &PastFreeze) -> Value {
    let mut row = row(&past.freeze);
    row["lifted"] = json!(past.lifted);
    row
}
