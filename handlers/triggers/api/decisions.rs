//! `promotions/{id}/decisions`: what is asked, for whoever has to judge it, and their answer.

#[cfg(test)]
pub(super) mod fuzz;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use promotion::{Attempt, FROZEN, Promotion, PromotionId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

use super::address::Parameters;
use super::answer::{
    self, Against, engine, error, heard_status, json_only, not_heard, refused_saying,
};
use super::dry_run::{Mode, no_dry_run};
use super::read::seen;
use super::write::read;
use crate::app::App;
use crate::engine::EngineError;
use crate::identity::Sender;
use crate::triggers::approval::status;
use crate::triggers::decision::{self, Answer, Question, Says, decide, log_refusal};
use crate::triggers::verb::{NotHeard, who_asks, whole_comment};
use crate::ui::{self, capped};

/// What is sent, for whoever sent something else.
const EXAMPLE: &str =
    r#"{"decision": "approve", "digest": "0123456789ab…", "comment": "why it is fine"}"#;

/// Fewer digits than these could be another question's.
const SHORTEST_DIGEST: usize = 12;
/// All of a SHA-256.
const WHOLE_DIGEST: usize = 64;

/// A program's answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    decision: String,
    digest: String,
    #[serde(default)]
    attempt: Option<u32>,
    #[serde(default)]
    comment: String,
}

/// What is asked at the moment, with the digest that an answer names.
pub async fn asked(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let found = match seen(&app, &headers, &id).await {
        Ok((found, _)) => found,
        Err(response) => return response,
    };
    match Parameters::read(query.as_deref(), &[]) {
        Ok(_) => match question(&app, &found, app.engine.time().await).await {
            Ok(question) => Json(question).into_response(),
            Err(why) => engine(&why),
        },
        Err(response) => response,
    }
}

async fn question(
    app: &App,
    promotion: &Promotion,
    now: jiff::Timestamp,
) -> Result<Value, EngineError> {
    let text = ui::QuestionText::of(promotion, now);
    let stopped = app.engine.stopped(promotion, now).await?;
    let stopped = stopped.map(|why| match text.open {
        true if why.code == FROZEN => ui::cannot_start(&why.message),
        true => ui::starts_later(&why.message),
        false => ui::stopped_now(&why.message),
    });
    let held = app.engine.hold_ahead(promotion).await?;
    let to_review = ui::overrides_to_review(promotion).into_iter();
    let to_review = to_review.map(|(attempt, digest, says)| {
        json!({
            "attempt": attempt,
            "digest": digest,
            "says": says,
            "page": app.links.approval(promotion.id(), attempt, digest),
        })
    });
    let pinned = promotion.stage().pinned();
    let gates = pinned.map(|pinned| pinned.verdicts.iter().map(gate).collect::<Vec<_>>());
    Ok(json!({
        "id": promotion.id(),
        "attempt": promotion.attempt(),
        "stage": ui::stage_name(promotion),
        "open": text.open,
        "says": text.says,
        "model": promotion.candidate().model,
        "version": promotion.candidate().version,
        "route": promotion.route().name,
        "from": promotion.route().source.stage,
        "to": promotion.route().target.stage,
        "digest": pinned.map(|pinned| &pinned.digest),
        "expiresAt": pinned.map(|pinned| pinned.expires_at),
        "needs": text.needs,
        "serves": text.serves,
        "trainedBy": text.trained_by,
        "gates": gates,
        "steps": text.steps,
        "wayBack": text.way_back,
        "answers": text.answers,
        "overrides": text.overrides,
        "review": text.review,
        "toReview": to_review.collect::<Vec<_>>(),
        "again": text.again,
        "stopped": stopped,
        "held": held,
        "page": pinned.map(|pinned| app.links.approval(promotion.id(), promotion.attempt(), &pinned.digest)),
    }))
}

fn gate(verdict: &promotion::Verdict) -> Value {
    let text = ui::verdict(verdict);
    json!({ "gate": text.name, "result": text.result, "says": text.sentence })
}

/// An answer.
pub async fn decision(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Mode::read(query.as_deref()) {
        Ok(Mode::Real) => {}
        Ok(Mode::DryRun) => return no_dry_run(),
        Err(response) => return response,
    }
    let answered = match read::<Answered>(&headers, &body, EXAMPLE) {
        Ok((Sender::Json, answered)) => answered,
        Ok((Sender::Form, _)) => return json_only(),
        Err(response) => return response,
    };
    match taken(&app, &headers, &id, &answered).await {
        Ok(response) | Err(response) => response,
    }
}

/// Not heard: in the log, for whoever looks for those who knock.
fn unheard(id: &str, why: &NotHeard) -> Response {
    let id = PromotionId::new(capped(id, 200));
    decision::log_unheard("api", &id, heard_status(why).0, &why.to_string());
    not_heard(why)
}

async fn taken(
    app: &App,
    headers: &HeaderMap,
    id: &str,
    answered: &Answered,
) -> Result<Response, Response> {
    let viewer = who_asks(app, headers, Sender::Json).await;
    let viewer = viewer.map_err(|why| unheard(id, &why))?;
    whole_comment(&answered.comment).map_err(|why| unheard(id, &why))?;
    let id = PromotionId::parse(id).ok_or_else(|| engine(&EngineError::Unknown(id.to_owned())))?;
    let says = Says::parse(&answered.decision).ok_or_else(|| {
        error(
            StatusCode::BAD_REQUEST,
            "BadDecision",
            "`decision` is `approve`, `reject`, `revoke`, `override` or `review`.",
        )
    })?;
    let question = Question {
        digest: digest(&answered.digest)?,
        attempt: answered.attempt.map(attempt).transpose()?,
        id,
    };
    let answer = Answer {
        says,
        comment: &answered.comment,
        click: None,
        round: None,
    };
    let told = decide(app, &viewer, &question, &answer).await;
    let promotion = match told.map_err(|why| unheard(question.id.as_str(), &why))? {
        Ok(promotion) => promotion,
        Err(why) => {
            let sentence = decision::refusal(app, &question.id, &viewer, says, &why).await;
            let person = &viewer.person.id;
            log_refusal(
                "api",
                &question.id,
                person,
                says.name(),
                status(&why),
                &sentence,
            );
            return Err(refused_saying(&why, &sentence));
        }
    };
    let now = app.engine.time().await;
    let against = Against::if_known(app, &promotion, now).await;
    let body = Json(answer::promotion(app, &promotion, &against, now));
    Ok((StatusCode::ACCEPTED, body).into_response())
}

/// The beginning of a digest, long enough that it can be no other's.
fn digest(text: &str) -> Result<String, Response> {
    let text = text.trim();
    let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if hex && (SHORTEST_DIGEST..=WHOLE_DIGEST).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(error(
        StatusCode::BAD_REQUEST,
        "BadDigest",
        "`digest` is the decision digest that you were shown, or its first 12 digits or more, in lower case; GET of this \
         address shows it.",
    ))
}

fn attempt(number: u32) -> Result<Attempt, Response> {
    if number > 0 {
        return Ok(Attempt::new(number));
    }
    Err(error(
        StatusCode::BAD_REQUEST,
        "BadAttempt",
        "`attempt` is the attempt's number, counted from 1.",
    ))
}
