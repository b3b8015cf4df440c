//! Verbs by API: a form of ours, or JSON from a program.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use promotion::PromotionId;
use std::sync::Arc;

use super::answer::{self, Against, heard_status, not_heard, refused};
use super::dry_run::{Mode, no_dry_run};
use super::what_if::what_if;
use crate::app::App;
use crate::engine::EngineError;
use crate::identity::Sender;
use crate::triggers::approval::status;
use crate::triggers::board::{self, Refused};
use crate::triggers::decision;
use crate::triggers::page::{self, Asked, Sent, html, problem, to_page, unsent};
use crate::triggers::verb::{NotHeard, Verb, Wish, heard, tell};
use crate::ui;

/// What is sent with a verb, for whoever sent something else.
const EXAMPLE: &str = r#"{"reason": "…"}"#;

/// Abort, roll back, resume, reopen or replay.
pub async fn verb(
    State(app): State<Arc<App>>,
    Path((id, verb)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(verb) = Verb::parse(&verb) else {
        return answer::error(
            StatusCode::NOT_FOUND,
            "UnknownVerb",
            "The verbs are abort, roll-back, resume, reopen and replay.",
        );
    };
    let Some(id) = PromotionId::parse(&id) else {
        return answer::engine(&EngineError::Unknown(id));
    };
    let mode = match Mode::read(query.as_deref()) {
        Ok(mode) => mode,
        Err(response) => return response,
    };
    match (mode, wished(&headers, &body, mode)) {
        (_, Err(response)) => response,
        (Mode::Real, Ok((Sender::Form, wish))) => by_form(&app, &headers, &id, verb, &wish).await,
        (Mode::Real, Ok((Sender::Json, wish))) => by_json(&app, &headers, &id, verb, &wish).await,
        (Mode::DryRun, Ok((Sender::Form, _))) => answer::json_only(),
        (Mode::DryRun, Ok((Sender::Json, wish))) if verb == Verb::Replay => {
            what_if(&app, &headers, &id, &wish).await
        }
        (Mode::DryRun, Ok((Sender::Json, _))) => no_dry_run(),
    }
}

/// What comes with a verb; whoever only asks what would happen needs to say nothing.
pub(super) fn wished(
    headers: &HeaderMap,
    body: &[u8],
    mode: Mode,
) -> Result<(Sender, Wish), Response> {
    match (mode, kind(headers)) {
        (Mode::DryRun, "" | "application/json") if body.is_empty() => {
            Ok((Sender::Json, Wish::default()))
        }
        (Mode::DryRun | Mode::Real, _) => read(headers, body, EXAMPLE),
    }
}

/// A form, or JSON like `example`; nothing else can be sent by a foreign page without asking first.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    headers: &HeaderMap,
    body: &[u8],
    example: &str,
) -> Result<(Sender, T), Response> {
    let unreadable =
        |message: String| answer::error(StatusCode::BAD_REQUEST, "Unreadable", &message);
    match kind(headers) {
        "application/json" => match object(body) {
            Ok(read) => Ok((Sender::Json, read)),
            Err(why) => Err(unreadable(format!(
                "The body {why}: send a JSON object like {example}."
            ))),
        },
        "application/x-www-form-urlencoded" => match axum_form(body) {
            Ok(read) => Ok((Sender::Form, read)),
            Err(error) => Err(unreadable(format!(
                "The form is not what it should be: {error}."
            ))),
        },
        _ => Err(answer::json_only()),
    }
}

/// Whether a person's form is sent.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    kind(headers) == "application/x-www-form-urlencoded"
}

fn kind(headers: &HeaderMap) -> &str {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// An object and nothing else: serde would take a list for one, value by value.
fn object<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    match body.trim_ascii_start().first() {
        None => Err("is empty".to_owned()),
        Some(b'{') => serde_json::from_slice(body)
            .map_err(|error| format!("is not what it should be ({error})")),
        Some(_) => Err("is no JSON object".to_owned()),
    }
}

fn axum_form<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut pairs = serde_json::Map::new();
    for (key, value) in url::form_urlencoded::parse(body) {
        // As in JSON: whoever says two things has not said which counts.
        let before = pairs.insert(key.into_owned(), value.into_owned().into());
        if before.is_some() {
            return Err("something stands in it twice".to_owned());
        }
    }
    serde_json::from_value(pairs.into()).map_err(|error| error.to_string())
}

async fn by_json(
    app: &App,
    headers: &HeaderMap,
    id: &PromotionId,
    verb: Verb,
    wish: &Wish,
) -> Response {
    let (viewer, shown) = match heard(app, headers, Sender::Json, id, wish).await {
        Ok(heard) => heard,
        Err(why) => {
            decision::log_unheard("api", id, heard_status(&why).0, &why.to_string());
            return not_heard(&why);
        }
    };
    match tell(app, id, verb, &viewer, shown, wish).await {
        Ok(Ok(promotion)) => {
            let now = app.engine.time().await;
            let against = Against::if_known(app, &promotion, now).await;
            let body = answer::promotion(app, &promotion, &against, now);
            (StatusCode::ACCEPTED, axum::Json(body)).into_response()
        }
        Ok(Err(why)) => {
            let person = &viewer.person.id;
            let sentence = ui::refusal(&why);
            decision::log_refusal("api", id, person, verb.path(), status(&why), &sentence);
            refused(&why)
        }
        Err(why) => not_heard(&why),
    }
}

/// The page that the form came from: by GET where it worked, with the sentence on it where it did not.
async fn by_form(
    app: &App,
    headers: &HeaderMap,
    id: &PromotionId,
    verb: Verb,
    wish: &Wish,
) -> Response {
    let pause = (!wish.pause.is_empty()).then(|| ("pause", wish.pause.clone()));
    let sent = Sent {
        action: app.links.verb(id, verb.path()),
        back: app.links.promotion(id),
        csrf: &wish.csrf,
        hidden: pause.into_iter().collect(),
        kept: wish.kept(verb),
    };
    let viewer = match app.identity.viewer(headers).await {
        Ok(viewer) => viewer,
        Err(why) => {
            decision::log_unheard("page", id, page::not_signed_in(&why).0, &why.to_string());
            let what = what_it_does(app, verb, id).await;
            return unsent(app, headers, &why, &sent, &what);
        }
    };
    let told = match heard(app, headers, Sender::Form, id, wish).await {
        Ok((viewer, shown)) => tell(app, id, verb, &viewer, shown, wish).await,
        Err(why) => Err(why),
    };
    let (status, sentence) = match told {
        Ok(Ok(_)) => {
            return to_page(&app.links.promotion(id));
        }
        Ok(Err(why)) => (status(&why), ui::refusal(&why)),
        Err(NotHeard::Engine(error)) => {
            return problem(app, Some(&viewer), &error, Asked::ToChange);
        }
        Err(why) => (heard_status(&why).0, ui::whole_sentence(&why.to_string())),
    };
    let person = &viewer.person.id;
    decision::log_refusal("page", id, person, verb.path(), status, &sentence);
    let refused = Refused {
        sentence: &sentence,
        kept: &sent.kept,
    };
    match board::render(app, &viewer, id, Some(&refused)).await {
        Ok(page) => html(status, page),
        Err(error) => problem(app, Some(&viewer), &error, Asked::ToSee),
    }
}

/// `Roll back diabetes 2`; of what cannot be read, its id.
async fn what_it_does(app: &App, verb: Verb, id: &PromotionId) -> String {
    let what = match app.engine.load_promotion(id).await {
        Ok((promotion, _)) => ui::candidate(promotion.candidate()),
        Err(_) => id.to_string(),
    };
    format!("{} {what}", ui::sentence(&verb.path().replace('-', " ")))
}
