//! What a person may tell the line, by form or by JSON: stop for a scope and a reason, and go on.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use promotion::{ModelName, Party, Refused, Route, StageName};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

use super::approval::status;
use super::verb::{lacks_role, log_unsure, may_not};
use crate::app::App;
use crate::config::{Config, length_of_time};
use crate::engine::EngineError;
use crate::state::{Freeze, Frozen, PastFreeze, Scope, Thawed};
use crate::ui::{self, Kept, REASON, Viewer, capped};

/// How much of what somebody sent is quoted back.
const SHOWN: usize = 80;

/// What comes with a wish to freeze.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FreezeWish {
    pub(super) scope: ScopeWish,
    #[serde(default)]
    pub(super) reason: String,
    /// Until when; this or how long.
    #[serde(default, deserialize_with = "moment")]
    pub(super) until: Option<Timestamp>,
    /// How long, like `4h`; absent, and in forms empty: until somebody lifts it.
    #[serde(default, rename = "for")]
    pub(super) lasting: Option<String>,
    /// In forms only.
    #[serde(default)]
    pub(super) csrf: String,
}

/// What comes with a wish to lift.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftWish {
    #[serde(default)]
    pub(super) reason: String,
    /// In forms only.
    #[serde(default)]
    pub(super) csrf: String,
}

/// What is to be frozen: `{}`, `{"stage": "prod"}` or `{"model": "diabetes"}`; in forms `everything`, `stage:prod` or
/// `model:diabetes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScopeWish(pub(super) Scope);

impl FreezeWish {
    /// How long, as it was sent.
    pub(super) fn lasting(&self) -> &str {
        self.lasting.as_deref().unwrap_or_default()
    }

    /// Whether a length was sent and says nothing: of a program that is a slip, and would freeze for ever.
    pub(super) fn lasts_nothing(&self) -> bool {
        self.lasting.is_some() && self.lasting().trim().is_empty()
    }

    /// What was typed into the form.
    pub(super) fn kept(&self) -> Kept<'_> {
        Kept {
            form: "freeze".to_owned(),
            reason: &self.reason,
            scope: in_forms(&self.scope.0),
            lasting: self.lasting(),
        }
    }
}

impl LiftWish {
    /// What was typed into the form of this freeze.
    pub(super) fn kept(&self, id: &str) -> Kept<'_> {
        Kept {
            form: format!("lift-{id}"),
            reason: &self.reason,
            ..Kept::default()
        }
    }
}

/// Why nothing was frozen or lifted, for a person and for a program.
#[derive(Debug)]
pub(super) struct NotDone {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) sentence: String,
}

/// What was done: the freeze, and whether it is a new one.
pub(super) type FreezeTold = Result<(Freeze, bool), NotDone>;

/// Freezes.
pub(super) async fn freeze(
    app: &App,
    viewer: &Viewer,
    wish: &FreezeWish,
) -> Result<FreezeTold, EngineError> {
    let ScopeWish(scope) = &wish.scope;
    let config = &app.engine.config;
    let (parties, known) = (operators_of(config, scope), is_known(config, scope));
    if let Some(why) = may_not(&parties, viewer, "freeze") {
        return Ok(Err(why.into()));
    }
    if !known {
        return Ok(Err(unknown(config, scope)));
    }
    let reason = capped(&wish.reason, REASON);
    if reason.is_empty() {
        return Ok(Err(Refused::ReasonMissing { event: "freeze" }.into()));
    }
    let until = match end(wish, app.engine.time().await) {
        Ok(until) => until,
        Err(why) => return Ok(Err(why)),
    };
    let by = viewer.person.clone();
    let frozen = app.engine.freeze(scope.clone(), by, reason.clone(), until);
    let frozen = frozen.await.inspect_err(|error| {
        log_unsure("freeze", viewer, &in_forms(scope), &reason, error);
    })?;
    Ok(match frozen {
        Frozen::Set(freeze) => {
            log_set(&freeze);
            Ok((freeze, true))
        }
        Frozen::EndMoved { freeze, before } => {
            log_moved(&freeze, before);
            Ok((freeze, false))
        }
        Frozen::Already(freeze) => Ok((freeze, false)),
        Frozen::TooMany(most) => Err(NotDone {
            status: StatusCode::CONFLICT,
            code: "TooMany",
            sentence: format!("There are {most} freezes already; lift some of them first."),
        }),
    })
}

/// Lifts.
pub(super) async fn lift(
    app: &App,
    viewer: &Viewer,
    id: &str,
    wish: &LiftWish,
) -> Result<Result<PastFreeze, NotDone>, EngineError> {
    let freezes = app.engine.freezes().await?;
    let Some(known) = freezes.find(id) else {
        // Whoever may lift nothing learns of nothing.
        let all = app.engine.config.operators();
        return Ok(Err(
            may_not(&all, viewer, "unfreeze").map_or_else(|| no_such(id), NotDone::from)
        ));
    };
    let parties = operators_of(&app.engine.config, &known.scope);
    if let Some(why) = may_not(&parties, viewer, "unfreeze") {
        return Ok(Err(why.into()));
    }
    let reason = capped(&wish.reason, REASON);
    if reason.is_empty() {
        return Ok(Err(Refused::ReasonMissing { event: "lift" }.into()));
    }
    let by = viewer.person.clone();
    let thawed = app.engine.lift_freeze(id, by, reason.clone()).await;
    let thawed = thawed.inspect_err(|error| {
        log_unsure("unfreeze", viewer, id, &reason, error);
    })?;
    Ok(match thawed {
        Thawed::Lifted(past) => {
            log_lifted(&past);
            Ok(past)
        }
        Thawed::Already(past) => Ok(past),
        Thawed::Unknown => Err(no_such(id)),
    })
}

/// Set, moved and lifted are each a line of the log: the blob keeps only what stands, and for a while what stood.
fn log_set(freeze: &Freeze) {
    tracing::info!(
        freeze = freeze.id,
        scope = in_forms(&freeze.scope),
        by = freeze.by.id.as_str(),
        reason = freeze.reason,
        until = until(freeze.until),
        "freeze set"
    );
}

/// Only whoever has set it moves its end.
fn log_moved(freeze: &Freeze, before: Option<Timestamp>) {
    tracing::info!(
        freeze = freeze.id,
        scope = in_forms(&freeze.scope),
        by = freeze.by.id.as_str(),
        reason = freeze.reason,
        before = until(before),
        until = until(freeze.until),
        "freeze's end moved"
    );
}

fn log_lifted(past: &PastFreeze) {
    let freeze = &past.freeze;
    let lifting = past.lifted.as_ref();
    tracing::info!(
        freeze = freeze.id,
        scope = in_forms(&freeze.scope),
        by = lifting.map(|lifting| lifting.by.id.as_str()),
        reason = lifting.map(|lifting| lifting.reason.as_str()),
        set_by = freeze.by.id.as_str(),
        until = until(freeze.until),
        "freeze lifted"
    );
}

fn until(end: Option<Timestamp>) -> String {
    end.map_or_else(|| "lifted".to_owned(), |end| end.to_string())
}

/// Who may freeze this and lift that: the operators of any route that it covers; where none is configured any more, those
/// of any route at all, or nobody could lift it.
pub(super) fn operators_of(config: &Config, scope: &Scope) -> Vec<Party> {
    let covers = |route: &Route| scope.covers(&route.target.stage, &route.model);
    let parties = config.operators_of(covers);
    if parties.is_empty() {
        config.operators()
    } else {
        parties
    }
}

/// What this person may freeze, each as forms name it and as people do.
pub(super) fn offered(config: &Config, viewer: &Viewer) -> Vec<(String, String)> {
    let routes = || config.routes.iter().map(|configured| &configured.route);
    let stages: BTreeSet<&StageName> = routes().map(|route| &route.target.stage).collect();
    let models: BTreeSet<&ModelName> = routes().map(|route| &route.model).collect();
    let stages = stages.into_iter().map(|stage| Scope::Stage {
        stage: stage.clone(),
    });
    let models = models.into_iter().map(|model| Scope::Model {
        model: model.clone(),
    });
    // The narrowest first.
    let all = models.chain(stages).chain([Scope::Everything]);
    all.filter(|scope| lacks_role(&operators_of(config, scope), viewer).is_none())
        .map(|scope| (in_forms(&scope), ui::sentence(&named(&scope))))
        .collect()
}

/// A scope as people name it: `stage prod`.
pub(super) fn named(scope: &Scope) -> String {
    match scope {
        Scope::Everything => "everything".to_owned(),
        Scope::Stage { stage } => format!("stage {stage}"),
        Scope::Model { model } => format!("model {model}"),
    }
}

/// A scope as forms name it.
pub(super) fn in_forms(scope: &Scope) -> String {
    match scope {
        Scope::Everything => "everything".to_owned(),
        Scope::Stage { stage } => format!("stage:{stage}"),
        Scope::Model { model } => format!("model:{model}"),
    }
}

/// A scope as it is sent to freeze.
pub(super) fn scope_json(scope: &Scope) -> Value {
    match scope {
        Scope::Everything => json!({}),
        Scope::Stage { stage } => json!({ "stage": stage }),
        Scope::Model { model } => json!({ "model": model }),
    }
}

/// A moment, or nothing; what is none is told by an example instead of the parser's words.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    let read = text.parse().map(Some);
    read.map_err(|_| D::Error::custom("`until` is a moment like 2026-12-24T18:00:00Z"))
}

fn end(wish: &FreezeWish, now: Timestamp) -> Result<Option<Timestamp>, NotDone> {
    let bad = |sentence: String| NotDone {
        status: StatusCode::BAD_REQUEST,
        code: "BadEnd",
        sentence,
    };
    match (wish.until, wish.lasting().trim()) {
        (None, "") => Ok(None),
        (Some(until), "") if until <= now => Err(bad(format!(
            "It is to end at {until}, which is over already; name a moment to come, or none."
        ))),
        (Some(until), "") => Ok(Some(until)),
        (Some(_), _) => Err(bad(
            "Say until when (`until`) or for how long (`for`), not both: one of them says when it ends.".to_owned(),
        )),
        (None, lasting) => match length_of_time(lasting) {
            Ok(seconds) => Ok(Some(now + SignedDuration::from_secs(seconds.0.into()))),
            Err(why) => {
                let shown = capped(lasting, SHOWN);
                Err(bad(format!("It is to last `{shown}`, which {why}.")))
            }
        },
    }
}

fn is_known(config: &Config, scope: &Scope) -> bool {
    let mut routes = config.routes.iter().map(|configured| &configured.route);
    match scope {
        Scope::Everything => true,
        Scope::Stage { stage } => routes.any(|route| route.target.stage == *stage),
        Scope::Model { model } => routes.any(|route| route.model == *model),
    }
}

fn unknown(config: &Config, scope: &Scope) -> NotDone {
    let routes = || config.routes.iter().map(|configured| &configured.route);
    let listed = |names: BTreeSet<&str>| {
        let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
        quoted.join(", ")
    };
    let stages = || listed(routes().map(|route| route.target.stage.as_str()).collect());
    let models = || listed(routes().map(|route| route.model.as_str()).collect());
    let (code, sentence) = match scope {
        Scope::Everything => ("UnknownScope", "There are no routes.".to_owned()),
        Scope::Stage { stage } => {
            let shown = capped(stage.as_str(), SHOWN);
            let known = stages();
            let sentence = format!("No route leads to a stage `{shown}`; routes lead to {known}.");
            ("UnknownStage", sentence)
        }
        Scope::Model { model } => {
            let shown = capped(model.as_str(), SHOWN);
            let known = models();
            let sentence = format!("No route takes a model `{shown}`; routes take {known}.");
            ("UnknownModel", sentence)
        }
    };
    NotDone {
        status: StatusCode::NOT_FOUND,
        code,
        sentence,
    }
}

fn no_such(id: &str) -> NotDone {
    let shown = capped(id, SHOWN);
    NotDone {
        status: StatusCode::NOT_FOUND,
        code: "UnknownFreeze",
        sentence: format!(
            "There is no freeze `{shown}`; the board, `liftlock status` and GET /api/v1/freezes show those that stand."
        ),
    }
}

impl From<Refused> for NotDone {
    fn from(why: Refused) -> Self {
        let reason = matches!(why, Refused::ReasonMissing { .. });
        let code = if reason { "ReasonMissing" } else { "Refused" };
        Self {
            status: status(&why),
            code,
            sentence: ui::refusal(&why),
        }
    }
}

impl<'de> Deserialize<'de> for ScopeWish {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = ScopeWish;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a scope: {} for everything, {\"stage\": \"…\"} or {\"model\": \"…\"}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ScopeWish, E> {
                let scope = match text.split_once(':') {
                    None if text == "everything" => Scope::Everything,
                    Some(("stage", stage)) => Scope::Stage {
                        stage: StageName::new(stage),
                    },
                    Some(("model", model)) => Scope::Model {
                        model: ModelName::new(model),
                    },
                    None | Some(_) => {
                        return Err(E::custom(
                            "a scope is everything, stage:<name> or model:<name>",
                        ));
                    }
                };
                Ok(ScopeWish(scope))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ScopeWish, A::Error> {
                let mut scope = Scope::Everything;
                while let Some((key, name)) = map.next_entry::<String, String>()? {
                    if scope != Scope::Everything {
                        return Err(A::Error::custom("a scope is one stage or one model"));
                    }
                    scope = match key.as_str() {
                        "stage" => Scope::Stage {
                            stage: StageName::new(name),
                        },
                        "model" => Scope::Model {
                            model: ModelName::new(name),
                        },
                        other => return Err(A::Error::unknown_field(other, &["stage", "model"])),
                    };
                }
                Ok(ScopeWish(scope))
            }
        }
        from.deserialize_any(Reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_said_in_one_of_three_ways() {
        let stage = Scope::Stage {
            stage: StageName::new("prod"),
        };
        let read = |text: &str| serde_json::from_str::<ScopeWish>(text).ok().map(|s| s.0);
        assert_eq!(read("{}"), Some(Scope::Everything));
        assert_eq!(read("\"everything\""), Some(Scope::Everything));
        assert_eq!(read(r#"{"stage": "prod"}"#), Some(stage.clone()));
        assert_eq!(read("\"stage:prod\""), Some(stage));
        for other in [
            "null",
            "\"\"",
            "\"prod\"",
            "[]",
            r#"{"stage": "a", "model": "b"}"#,
            r#"{"route": "a"}"#,
            r#"{"stage": 7}"#,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
