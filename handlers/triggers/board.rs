//! `board`: what is where, what waits for whom, one promotion's timeline. Reading changes nothing.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use promotion::{Promotion, PromotionId};
use serde::Deserialize;
use std::sync::Arc;

use super::page::{Asked, admitted, html, problem};
use super::{freeze, target, verb};
use crate::app::App;
use crate::engine::{EngineError, freeze_text, hold_text};
use crate::state::{Found, Freeze, KeptEvent, StoreError, TargetBlob};
use crate::ui::{
    self, BoardRow, BoardView, EventRow, FreezeRow, FrozenView, HeldRow, HoldText, Kept,
    PromotionView, Viewer,
};

/// Rows of a list on one page.
const SHOWN: usize = 50;
const PAGE: u32 = 50;

/// Listings are by name: so many are looked at to find the newest.
const LOOKED_AT: u32 = 500;

/// Where a page of ended promotions begins.
#[derive(Debug, Default, Deserialize)]
pub struct From {
    month: Option<String>,
    from: Option<String>,
}

/// The board.
pub async fn index(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    from: Result<Query<From>, QueryRejection>,
) -> Response {
    // An address that somebody has spoilt shows the board as it begins.
    let from = from.map(|Query(from)| from).unwrap_or_default();
    let viewer = match admitted(&app, &headers, &app.links.board()).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
    };
    match board(&app, &viewer, &from, None).await {
        Ok(page) => html(StatusCode::OK, page),
        Err(error) => problem(&app, Some(&viewer), &error, Asked::ToSee),
    }
}

/// A form that was refused: why, and what was typed into it.
pub(super) struct Refused<'a> {
    pub(super) sentence: &'a str,
    pub(super) kept: &'a Kept<'a>,
}

/// The board as it begins, with what was refused on it.
pub(super) async fn render_index(
    app: &App,
    viewer: &Viewer,
    refused: &Refused<'_>,
) -> Result<String, EngineError> {
    board(app, viewer, &From::default(), Some(refused)).await
}

async fn board(
    app: &App,
    viewer: &Viewer,
    from: &From,
    refused: Option<&Refused<'_>>,
) -> Result<String, EngineError> {
    let store = &app.engine.store;
    store.ready().await?;
    let now = app.engine.time().await;
    let open = store.markers.list_open().await?;
    let (mut closed, more_closed) = match from.month.as_deref().filter(|month| is_month(month)) {
        Some(month) => closed_in(app, month, from.from.as_deref()).await?,
        None => closed_lately(app, now).await?,
    };
    // Reopened a moment ago: its old marker goes within its next look.
    closed.retain(|closed| open.iter().all(|open| open.name != closed.name));
    let mut events = recent_events(app, now).await?;
    events.extend(
        open.iter()
            .chain(&closed)
            .filter(|found| found.name.is_intake())
            .map(intake),
    );
    events.sort_by_key(|event| std::cmp::Reverse(event.time));
    events.truncate(SHOWN);
    let held = held(app).await?;
    let frozen = frozen(app, viewer, now).await?;
    let forms = !held.is_empty() || !frozen.offered.is_empty();
    let csrf = if forms {
        Some(target::token(app, viewer).await?)
    } else {
        None
    };
    Ok(ui::board_page(&BoardView {
        frozen: &frozen,
        held: &held,
        csrf: csrf.as_deref(),
        problem: refused.map(|refused| refused.sentence),
        kept: refused.map(|refused| refused.kept),
        open: &rows(&open),
        closed: &newest_first(ended(&closed)),
        events: &events,
        more_closed,
        viewer: Some(viewer),
        now,
        links: &app.links,
    }))
}

/// What is frozen. What cannot be read stops everything, and the board says so instead of failing.
async fn frozen(app: &App, viewer: &Viewer, now: Timestamp) -> Result<FrozenView, EngineError> {
    let config = &app.engine.config;
    let row = |freeze: &Freeze| FreezeRow {
        id: freeze.id.clone(),
        text: freeze_text(freeze),
        operators: freeze::operators_of(config, &freeze.scope),
    };
    let standing = match app.engine.freezes().await {
        Ok(all) => Some(all.standing(now).map(row).collect()),
        Err(EngineError::Store(StoreError::Unreadable { .. })) => None,
        Err(error) => return Err(error),
    };
    Ok(FrozenView {
        standing,
        offered: freeze::offered(config, viewer),
    })
}

/// Targets that are held. One whose blob cannot be read says so where promotions wait for it.
async fn held(app: &App) -> Result<Vec<HeldRow>, EngineError> {
    let mut rows = Vec::new();
    for configured in app.engine.config.targets() {
        let looked = app.engine.store.leases.look(&configured.id).await?;
        let TargetBlob::Readable(target, _) = looked else {
            continue;
        };
        if target.holds.is_empty() {
            continue;
        }
        rows.push(HeldRow {
            endpoint: configured.endpoint().clone(),
            stage: configured.stage().clone(),
            operators: configured.operators(),
            id: configured.id,
            holds: target.holds.iter().map(hold_text).collect(),
        });
    }
    Ok(rows)
}

/// What holds the target of a promotion that has ended: it says so where that may be its own doing.
async fn held_since(app: &App, promotion: &Promotion) -> Result<Option<HoldText>, EngineError> {
    if promotion.holds_target().is_none() {
        return Ok(None);
    }
    let target = promotion.route().target_id();
    Ok(match app.engine.store.leases.look(&target).await? {
        TargetBlob::Readable(target, _) => target.newest().map(hold_text),
        TargetBlob::Absent | TargetBlob::Garbled(_) => None,
    })
}

/// A page of what has ended in a month, by name, and the address of the next or of the month before.
async fn closed_in(
    app: &App,
    month: &str,
    from: Option<&str>,
) -> Result<(Vec<Found>, Option<String>), EngineError> {
    let markers = &app.engine.store.markers;
    let (found, next) = match markers.list_closed(month, from, PAGE).await {
        // Where a page begins is said by the page before; an address that somebody has spoilt shows the month as it begins.
        Err(why) if from.is_some() && why.is_invalid() => {
            markers.list_closed(month, None, PAGE).await?
        }
        listed => listed?,
    };
    let board = app.links.board();
    let more = match next {
        Some(next) => Some(format!("{board}?month={month}&from={}", encode(&next))),
        None => month_before(month).map(|before| format!("{board}?month={before}")),
    };
    Ok((found, more))
}

/// What has ended of what began in this month and the last, newest first; everything else month by month.
async fn closed_lately(
    app: &App,
    now: Timestamp,
) -> Result<(Vec<Found>, Option<String>), EngineError> {
    let markers = &app.engine.store.markers;
    let month = now.strftime("%Y-%m").to_string();
    let (mut found, mut more) = markers.list_closed(&month, None, LOOKED_AT).await?;
    let before = month_before(&month);
    if let Some(before) = &before {
        let (older, rest) = markers.list_closed(before, None, LOOKED_AT).await?;
        found.extend(older);
        more = more.or(rest);
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.marker.due));
    let all = more.is_none() && found.len() <= SHOWN;
    found.truncate(SHOWN);
    let next = if all {
        before.as_deref().and_then(month_before)
    } else {
        Some(month)
    };
    let board = app.links.board();
    Ok((found, next.map(|month| format!("{board}?month={month}"))))
}

/// A day is only listed where those after it do not fill the page: each costs list calls.
async fn recent_events(app: &App, now: Timestamp) -> Result<Vec<EventRow>, EngineError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let yesterday = today.saturating_sub(1.day());
    let mut rows = Vec::new();
    for day in [
        today.to_string(),
        yesterday.to_string(),
        "undated".to_owned(),
    ] {
        if rows.len() >= SHOWN {
            break;
        }
        let events = &app.engine.store.events;
        let found = events.newest(&day, None, SHOWN - rows.len()).await?;
        rows.extend(found.events.into_iter().map(event));
    }
    Ok(rows)
}

/// The namespace goes without saying; the key is whole, for whoever runs the event again.
fn event(kept: KeptEvent) -> EventRow {
    let kind = kept
        .kind
        .strip_prefix("Microsoft.MachineLearningServices.")
        .unwrap_or(&kept.kind);
    EventRow {
        kind: kind.to_owned(),
        key: kept.key,
        subject: kept.subject,
        time: kept.time,
        what: kept.what,
    }
}

fn intake(found: &Found) -> EventRow {
    let (marker, summary) = (&found.marker, &found.marker.summary);
    EventRow {
        key: found.name.to_string(),
        kind: format!("intake: {}", summary.stage),
        subject: summary.route.clone(),
        time: Some(marker.since),
        what: summary.waits_for.clone(),
    }
}

fn rows(found: &[Found]) -> Vec<BoardRow> {
    let row = |found: &Found| {
        let (marker, summary) = (&found.marker, found.marker.summary.clone());
        Some(BoardRow {
            id: found.name.as_promotion()?,
            model: summary.model,
            version: summary.version,
            route: summary.route,
            from: summary.from,
            to: summary.to,
            stage: summary.stage,
            waits_for: summary.waits_for,
            overridden: summary.overridden,
            reviewed: summary.reviewed,
            earlier_unreviewed: summary.earlier_unreviewed,
            due: Some(marker.due).filter(|due| *due > Timestamp::UNIX_EPOCH),
            since: Some(marker.since),
            stuck: marker.idle,
        })
    };
    found.iter().filter_map(row).collect()
}

/// Of what has ended, when it did: its marker was due last at its closing.
fn ended(found: &[Found]) -> Vec<BoardRow> {
    let mut rows = rows(found);
    for row in &mut rows {
        row.since = row.due.take();
    }
    rows
}

fn newest_first(mut rows: Vec<BoardRow>) -> Vec<BoardRow> {
    rows.sort_by_key(|row| std::cmp::Reverse(row.since));
    rows
}

/// One promotion's page.
pub async fn promotion(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let Some(id) = PromotionId::parse(&id) else {
        let viewer = app.identity.viewer(&headers).await.ok();
        return problem(
            &app,
            viewer.as_ref(),
            &EngineError::Unknown(id),
            Asked::ToSee,
        );
    };
    let viewer = match admitted(&app, &headers, &app.links.promotion(&id)).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
    };
    match render(&app, &viewer, &id, None).await {
        Ok(page) => html(StatusCode::OK, page),
        Err(error) => problem(&app, Some(&viewer), &error, Asked::ToSee),
    }
}

/// One promotion's page, with what was refused on it.
pub(super) async fn render(
    app: &App,
    viewer: &Viewer,
    id: &PromotionId,
    refused: Option<&Refused<'_>>,
) -> Result<String, EngineError> {
    let (promotion, journal) = app.engine.load_promotion(id).await?;
    let (viewer, unverifiable) = match verb::with_operators_groups(app, viewer, &promotion).await {
        Ok(viewer) => (viewer, None),
        // They are shown what they may see in any case, and why there may be no form.
        Err(why) => (viewer.clone(), Some(ui::whole_sentence(&why.to_string()))),
    };
    let viewer = &viewer;
    let csrf = verb::token(app, viewer, &promotion).await?;
    let now = app.engine.time().await;
    let stopped = app.engine.stopped(&promotion, now).await?;
    let held_ahead = app.engine.hold_ahead(&promotion).await?;
    let configured = app.engine.config.route(&promotion.route().name);
    Ok(ui::promotion_page(&PromotionView {
        held_ahead: held_ahead.as_deref(),
        configured: configured.map(|configured| &configured.route),
        stopped: stopped.as_ref().map(|why| why.message.as_str()),
        promotion: &promotion,
        lines: &journal.lines,
        viewer: Some(viewer),
        csrf: Some(&csrf),
        problem: refused
            .map(|refused| refused.sentence)
            .or(unverifiable.as_deref()),
        kept: refused.map(|refused| refused.kept),
        held: held_since(app, &promotion).await?.as_ref(),
        now,
        links: &app.links,
    }))
}

/// The pages' style.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", ui::STYLE)
}

/// The pages' refresh.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", ui::SCRIPT)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

pub(super) fn is_month(text: &str) -> bool {
    format!("{text}-01")
        .parse::<jiff::civil::Date>()
        .is_ok_and(|date| date.strftime("%Y-%m").to_string() == text)
}

/// The month before, as far back as anything can be.
fn month_before(month: &str) -> Option<String> {
    let first: jiff::civil::Date = format!("{month}-01").parse().ok()?;
    let before = first
        .checked_sub(1.day())
        .ok()
        .filter(|date| date.year() >= 2026)?;
    Some(before.strftime("%Y-%m").to_string())
}

/// Anything, as a part of an address.
pub(super) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
