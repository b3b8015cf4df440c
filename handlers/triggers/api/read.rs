//! Reading by API: lists come in pages, and reading changes nothing.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use promotion::{Fact, Promotion, PromotionId};
use serde_json::{Value, json};
use std::sync::Arc;

use super::address::Parameters;
use super::answer::{Against, engine, error, not_heard, promotion};
use crate::app::App;
use crate::engine::EngineError;
use crate::plan::Planned;
use crate::secrets::without_secrets;
use crate::state::{EventPlace, Found, Journal, KeptEvent, Looked};
use crate::triggers::board::is_month;
use crate::triggers::verb::NotHeard;
use crate::ui;

const PAGE: u32 = 100;
const EVENTS: usize = 100;

/// `closed=2026-11`: promotions that began then and have ended; absent: those that are open, all on one page. `from`: where
/// the page begins, `next` of the page before.
const PROMOTIONS_BY: [&str; 2] = ["closed", "from"];

/// `day=2026-11-23` or `undated`: that day's events; absent: today's. `from` is as above.
const EVENTS_BY: [&str; 2] = ["day", "from"];

/// Only whoever is signed in reads: journals name people and what they said.
pub(super) async fn admitted(app: &App, headers: &HeaderMap) -> Result<(), Response> {
    app.identity
        .viewer(headers)
        .await
        .map(|_| ())
        .map_err(|why| not_heard(&NotHeard::from(why)))
}

/// Promotions: open ones, or those that have ended.
pub async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = admitted(&app, &headers)
        .await
        .and_then(|()| Parameters::read(query.as_deref(), &PROMOTIONS_BY));
    let asked = match asked {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let (closed, from) = (asked.get("closed"), asked.get("from"));
    if closed.is_some_and(|month| !is_month(month)) {
        return error(
            StatusCode::BAD_REQUEST,
            "BadMonth",
            "`closed` is a month like 2026-11.",
        );
    }
    if closed.is_none() && from.is_some() {
        return bad_from();
    }
    match listed(&app, closed, from).await {
        Ok(list) => Json(list).into_response(),
        Err(why) => not_listed(from, &why),
    }
}

/// Where a page begins is said by the page before; whatever else the service refuses.
fn not_listed(from: Option<&str>, why: &EngineError) -> Response {
    match why {
        EngineError::Store(store) if from.is_some() && store.is_invalid() => bad_from(),
        why => engine(why),
    }
}

fn bad_from() -> Response {
    error(
        StatusCode::BAD_REQUEST,
        "BadFrom",
        "`from` is the `next` of the page before, unchanged.",
    )
}

async fn listed(app: &App, closed: Option<&str>, from: Option<&str>) -> Result<Value, EngineError> {
    app.engine.store.ready().await?;
    let markers = &app.engine.store.markers;
    let (found, next) = match closed {
        Some(month) => markers.list_closed(month, from, PAGE).await?,
        None => (markers.list_open().await?, None),
    };
    let value: Vec<Value> = found.iter().map(row).collect();
    Ok(json!({ "value": value, "next": next }))
}

fn row(found: &Found) -> Value {
    let (marker, summary) = (&found.marker, &found.marker.summary);
    json!({
        "id": found.name.as_str(),
        "model": summary.model,
        "version": summary.version,
        "route": summary.route,
        "from": summary.from,
        "to": summary.to,
        "stage": summary.stage,
        "waitsFor": summary.waits_for,
        "overridden": summary.overridden,
        "reviewed": summary.reviewed,
        "toReview": summary.overridden && !summary.reviewed || summary.earlier_unreviewed,
        "due": marker.due,
        "since": marker.since,
        "wakeUpsWithoutProgress": marker.idle,
    })
}

/// A promotion and its journal, for whoever may see it.
pub(super) async fn seen(
    app: &App,
    headers: &HeaderMap,
    id: &str,
) -> Result<(Promotion, Journal<Fact>), Response> {
    admitted(app, headers).await?;
    let loaded = match PromotionId::parse(id) {
        Some(id) => app.engine.load_promotion(&id).await,
        None => Err(EngineError::Unknown(id.to_owned())),
    };
    loaded.map_err(|error| engine(&error))
}

/// One promotion.
pub async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    match seen(&app, &headers, &id).await {
        Ok((found, journal)) => {
            let now = app.engine.time().await;
            let against = match Against::look(&app, &found, now).await {
                Ok(against) => against,
                Err(why) => return engine(&why),
            };
            let mut json = promotion(&app, &found, &against, now);
            json["records"] = json!(journal.records());
            json["timeline"] = journal
                .lines
                .iter()
                .enumerate()
                .map(|(at, line)| json!({ "seq": line.seq, "at": line.at, "hash": line.hash, "says": ui::record_told(&journal.lines, at), "fact": without_secrets(json!(line.fact)) }))
                .collect();
            Json(json).into_response()
        }
        Err(response) => response,
    }
}

/// Why a promotion is where it is, and what happens next, in plain words.
pub async fn why(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    match seen(&app, &headers, &id).await {
        Ok((promotion, _)) => match explained(&app, &promotion).await {
            Ok(json) => Json(json).into_response(),
            Err(why) => engine(&why),
        },
        Err(response) => response,
    }
}

async fn explained(app: &App, promotion: &Promotion) -> Result<Value, EngineError> {
    let now = app.engine.time().await;
    let Against { stopped, held } = Against::look(app, promotion, now).await?;
    Ok(json!({
        "id": promotion.id(),
        "stage": ui::stage_name(promotion),
        "why": ui::why(promotion, now),
        "override": ui::overrides_told(promotion),
        "stopped": stopped,
        "held": held,
    }))
}

/// What a promotion will do, call by call, also before anyone has approved; how far it is, afterwards.
pub async fn plan(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    match seen(&app, &headers, &id).await {
        Ok((promotion, journal)) => match Planned::of(&promotion, &journal.lines) {
            Ok(planned) => Json(planned.json()).into_response(),
            Err(why) => error(StatusCode::CONFLICT, "NoPlan", &why),
        },
        Err(response) => response,
    }
}

/// A day's events, newest first, with what became of each.
pub async fn events(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = admitted(&app, &headers)
        .await
        .and_then(|()| Parameters::read(query.as_deref(), &EVENTS_BY));
    let asked = match asked {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let today = app.engine.time().await.strftime("%Y-%m-%d").to_string();
    let day = asked.get("day").map_or(today, str::to_owned);
    if day != "undated" && day.parse::<jiff::civil::Date>().is_err() {
        return error(
            StatusCode::BAD_REQUEST,
            "BadDay",
            "`day` is a date like 2026-11-23, or `undated`.",
        );
    }
    let after = match asked.get("from").map(EventPlace::parse) {
        None => None,
        Some(Some(place)) => Some(place),
        Some(None) => return bad_from(),
    };
    let listed = async {
        app.engine.store.ready().await?;
        let events = &app.engine.store.events;
        events.newest(&day, after.as_ref(), EVENTS).await
    };
    match listed.await {
        Ok(found) => {
            let value: Vec<Value> = found.events.iter().map(event).collect();
            let next = found.next.map(|place| place.to_string());
            let truncated = found.looked == Looked::Truncated;
            Json(json!({ "value": value, "next": next, "truncated": truncated })).into_response()
        }
        Err(why) => engine(&EngineError::from(why)),
    }
}

fn event(event: &KeptEvent) -> Value {
    json!({ "key": event.key, "type": event.kind, "subject": event.subject, "time": event.time, "whatBecameOfIt": event.what })
}
