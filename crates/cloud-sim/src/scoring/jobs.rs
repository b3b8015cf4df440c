//! `POST /scoring/{endpoint}/jobs`: a job of a batch endpoint, by its default deployment or the one that is named.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arm::{Actor, ActorKind, BatchJobAsked, Created, Occasion, Refusal};
use crate::world::World;

use super::routes::{DEPLOYMENT, refusal};

const REQUEST_ID: &str = "repeatability_request-id";

#[derive(Deserialize)]
struct Body {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    input_data: Map<String, Value>,
    output_data: Map<String, Value>,
}

pub(super) async fn start(
    State(world): State<Arc<World>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if world
        .identity
        .check(&headers, &["https://ml.azure.com"])
        .is_err()
    {
        let message = "Access denied due to a missing or invalid token.";
        return refusal(StatusCode::UNAUTHORIZED, "access_denied", message);
    }
    match begin(&world, &name, &headers, &body) {
        Ok(answer) => answer,
        Err(refused @ Refusal::NotFound { .. }) => {
            refusal(StatusCode::NOT_FOUND, "NotFound", &refused.to_string())
        }
        Err(refused) => refusal(StatusCode::BAD_REQUEST, "UserError", &refused.to_string()),
    }
}

fn begin(world: &World, name: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refusal> {
    let text = |header: &str| headers.get(header)?.to_str().ok().map(str::to_owned);
    let body: Body = serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("The body is no batch job: {error}.")))?;
    let uri = |data: &Map<String, Value>, what: &str| {
        let only = data
            .values()
            .next()
            .and_then(|data| data.get("uri")?.as_str());
        let missing = || Refusal::invalid(format!("The job names no {what}."));
        only.map(str::to_owned).ok_or_else(missing)
    };
    let asked = BatchJobAsked {
        request_id: text(REQUEST_ID),
        input_uri: uri(&body.properties.input_data, "input")?,
        output_uri: uri(&body.properties.output_data, "output")?,
    };
    let mut estate = world.estate();
    // Endpoint names are unique in a region, so the first one found is the one.
    let at = estate
        .workspaces
        .iter()
        .position(|workspace| workspace.batch_endpoint(name).is_ok())
        .ok_or_else(|| Refusal::not_found("batch endpoint", name))?;
    let by = Actor {
        name: "caller".into(),
        kind: ActorKind::ManagedIdentity,
    };
    let occasion = Occasion {
        now: world.clock.now(),
        by: &by,
        new_id: &|| world.new_id(),
    };
    let read =
        |account: &str, container: &str, blob: &str| world.read_blob(account, container, blob);
    let named = text(DEPLOYMENT);
    let (job, created) = estate.start_job(at, name, named.as_deref(), asked, &occasion, &read)?;
    let status = match created {
        Created::Yes => StatusCode::CREATED,
        Created::No => StatusCode::OK,
    };
    let id = format!("{}/jobs/{job}", estate.workspaces[at].id.arm_id());
    let body = json!({"id": id, "name": job, "properties": {"status": "Running"}});
    Ok((status, Json(body)).into_response())
}
