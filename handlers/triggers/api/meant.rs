//! Which route a start means: the one that it names, or the only one of its model. Where several take the model nothing is
//! begun: who starts says which.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use promotion::{
    Aggregate as _, Candidate, ModelName, ModelVersion, Party, PromotionId, Refused, Route,
    RouteName,
};
use serde_json::json;
use std::collections::BTreeSet;

use super::answer::{engine, error, refused};
use crate::app::App;
use crate::config::Config;
use crate::engine::EngineError;
use crate::triggers::verb::lacks_role;
use crate::ui::{Viewer, capped};

/// The routes that may be meant: at least one.
#[derive(Debug)]
pub(super) struct Meant<'c>(Vec<&'c Route>);

impl<'c> Meant<'c> {
    /// By the route's name, the model's, or both.
    pub(super) fn find(
        config: &'c Config,
        viewer: &Viewer,
        route: Option<&str>,
        model: Option<&str>,
    ) -> Result<Self, Response> {
        match (route, model) {
            (Some(route), model) => {
                let found = named(config, viewer, route)?;
                match model.filter(|model| found.model != ModelName::new(*model)) {
                    Some(other) => Err(of_another_model(found, other)),
                    None => Ok(Self(vec![found])),
                }
            }
            (None, Some(model)) => of_model(config, viewer, model).map(Self),
            (None, None) => Err(error(
                StatusCode::BAD_REQUEST,
                "NothingNamed",
                "Say which `model`, or by which `route`, for example {\"model\": \"diabetes\", \"version\": \"2\", \"reason\": \"…\"}.",
            )),
        }
    }

    /// Whoever may start promotions on some of them.
    pub(super) fn operators(&self) -> Vec<Party> {
        let all = self.0.iter().flat_map(|route| route.operators.iter());
        all.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The one; where there are several it is said what would happen by each.
    pub(super) async fn one(
        self,
        app: &App,
        viewer: &Viewer,
        version: &ModelVersion,
    ) -> Result<&'c Route, Response> {
        if let [route] = self.0.as_slice() {
            return Ok(route);
        }
        let allowed = self.0.iter().filter(|route| may_start(route, viewer));
        let (mut says, mut rows) = (Vec::new(), Vec::new());
        for route in allowed {
            let workspace = &route.source.workspace;
            let id = PromotionId::of(&route.name, workspace, &route.model, version);
            let would = would(app, &id).await.map_err(|why| engine(&why))?;
            let (name, source, target) = (&route.name, &route.source.stage, &route.target.stage);
            says.push(format!("`{name}` ({source} → {target}): `{id}` {would}"));
            rows.push(
                json!({ "route": name, "from": source, "to": target, "id": id, "would": would }),
            );
        }
        let message = format!(
            "Several routes take this model; say which with `route`. {}.",
            says.join("; ")
        );
        let body =
            json!({ "error": { "code": "SeveralRoutes", "message": message, "routes": rows } });
        Err((StatusCode::BAD_REQUEST, Json(body)).into_response())
    }
}

/// A version of the route's model in its source.
pub(super) fn candidate(route: &Route, version: &ModelVersion) -> Candidate {
    Candidate {
        workspace: route.source.workspace.clone(),
        model: route.model.clone(),
        version: version.clone(),
    }
}

/// What a start would do with it.
async fn would(app: &App, id: &PromotionId) -> Result<&'static str, EngineError> {
    match app.engine.load_promotion(id).await {
        Ok((found, _)) if found.is_closed() => Ok("has ended"),
        Ok(_) => Ok("is open already"),
        Err(EngineError::Unknown(_)) => Ok("would begin"),
        Err(other) => Err(other),
    }
}

fn may_start(route: &Route, viewer: &Viewer) -> bool {
    lacks_role(&route.operators, viewer).is_none()
}

fn named<'c>(config: &'c Config, viewer: &Viewer, name: &str) -> Result<&'c Route, Response> {
    if let Some(configured) = config.route(&RouteName::new(name)) {
        return Ok(&configured.route);
    }
    let routes = startable(config, viewer).map_err(|why| refused(&why))?;
    let names = routes.map(|route| format!("`{}`", route.name));
    let message = format!(
        "There is no route `{}`; there are {}.",
        capped(name, 80),
        names.collect::<Vec<_>>().join(", ")
    );
    Err(error(StatusCode::NOT_FOUND, "UnknownRoute", &message))
}

fn of_model<'c>(
    config: &'c Config,
    viewer: &Viewer,
    name: &str,
) -> Result<Vec<&'c Route>, Response> {
    let model = ModelName::new(name);
    let all = config.routes.iter().map(|configured| &configured.route);
    let found: Vec<_> = all.filter(|route| route.model == model).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let routes = startable(config, viewer).map_err(|why| refused(&why))?;
    let models: BTreeSet<String> = routes.map(|route| format!("`{}`", route.model)).collect();
    let message = format!(
        "No route takes a model `{}`; routes take {}.",
        capped(name, 80),
        models.into_iter().collect::<Vec<_>>().join(", ")
    );
    Err(error(StatusCode::NOT_FOUND, "UnknownModel", &message))
}

/// The routes that somebody may start promotions on; whoever may on none learns of none.
fn startable<'c>(
    config: &'c Config,
    viewer: &Viewer,
) -> Result<impl Iterator<Item = &'c Route>, Refused> {
    if let Some(why) = lacks_role(&config.operators(), viewer) {
        return Err(why);
    }
    let routes = config.routes.iter().map(|known| &known.route);
    Ok(routes.filter(move |route| may_start(route, viewer)))
}

fn of_another_model(route: &Route, asked: &str) -> Response {
    let message = format!(
        "The route `{}` takes the model `{}`, not `{}`; leave one of the two out.",
        route.name,
        route.model,
        capped(asked, 80)
    );
    error(StatusCode::BAD_REQUEST, "OtherModel", &message)
}
