//! The one entry: checks who calls and how, then hands the call to its resource.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};

use crate::admission::Plane;
use crate::arm::{Actor, ActorKind, Refusal};
use crate::world::World;

use super::answer::{error_answer, refusal_answer};
use super::{
    Address, Answer, Call, Resource, assets, batch_deployments, batch_endpoints, datastores,
    deployments, endpoints, jobs, metrics, models, operations, workspaces,
};

/// ARM takes no larger bodies.
const BODY_LIMIT: usize = 4 << 20;

const AUDIENCES: [&str; 2] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
];

pub(crate) const PLANE: Plane = Plane {
    operation,
    refusal: error_answer,
};

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/{*path}", any(serve))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    let address = Address::parse(parts.uri.path());
    address.map_or(Cow::Borrowed("arm.unknown"), |a| {
        Cow::Owned(a.operation_name(&parts.method))
    })
}

async fn serve(State(world): State<Arc<World>>, request: Request) -> Response {
    let mut response = match receive(&world, request).await {
        Ok(call) => answer(&world, &call)
            .map_or_else(|refusal| refusal_answer(&refusal), Answer::into_response),
        Err(refusal) => refusal_answer(&refusal),
    };
    let id = HeaderValue::from_str(&world.new_id()).expect("a UUID is plain ASCII");
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-ms-request-id"), id);
    response
}

async fn receive(world: &World, request: Request) -> Result<Call, Refusal> {
    let (parts, body) = request.into_parts();
    let caller = world
        .identity
        .check(&parts.headers, &AUDIENCES)
        .map_err(|why| Refusal::Unauthorized {
            code: "AuthenticationFailed",
            message: format!("Authentication failed: {why}."),
        })?;
    let query = parts.uri.query().unwrap_or_default();
    let call = Call {
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body: read_json(body).await?,
        by: Actor {
            name: caller.display_name,
            kind: ActorKind::ManagedIdentity,
        },
        now: world.clock.now(),
        arm_url: format!("{}/arm", world.base_url),
        base_url: world.base_url.clone(),
        method: parts.method,
    };
    if call.query("api-version").is_none_or(str::is_empty) {
        return Err(Refusal::Invalid {
            code: "MissingApiVersionParameter",
            message:
                "The api-version query parameter (?api-version=) is required for all requests."
                    .into(),
        });
    }
    Ok(call)
}

async fn read_json(body: axum::body::Body) -> Result<Option<serde_json::Value>, Refusal> {
    let malformed = |why: String| Refusal::Invalid {
        code: "InvalidRequestContent",
        message: why,
    };
    let bytes = axum::body::to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|e| malformed(e.to_string()))?;
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|e| malformed(format!("The request body is not JSON: {e}.")))
}

fn answer(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let unknown = || Refusal::NotFound {
        code: "InvalidResourceType",
        message: format!("The resource type of '{}' could not be found.", call.path),
    };
    match Address::parse(&call.path).ok_or_else(unknown)? {
        Address::OperationStatus(id) => operations::status(&world.estate(), call, &id),
        Address::OperationResult(id) => operations::result(&world.estate(), call, &id),
        Address::In(workspace, resource) => {
            let at = world.estate().find(&workspace)?;
            match resource {
                Resource::Workspace if call.method == Method::GET => {
                    Ok(workspaces::get(&world.estate(), call, at))
                }
                Resource::Workspace => Err(call.not_allowed()),
                Resource::Model(name) => models::container(world, call, at, &name),
                Resource::Versions(name) => models::list(world, call, at, &name),
                Resource::Version(name, version) => {
                    models::version(world, call, at, (&name, &version))
                }
                Resource::Job(name) => jobs::job(&world.estate(), call, at, &name),
                Resource::Datastores => datastores::list(&world.estate(), call, at),
                Resource::Datastore(name) => datastores::get(&world.estate(), call, at, &name),
                Resource::Endpoints => endpoints::list(&world.estate(), call, at),
                Resource::Endpoint(name) => endpoints::endpoint(world, call, at, &name),
                Resource::EndpointKeys(name) => endpoints::keys(&world.estate(), call, at, &name),
                Resource::EndpointToken(name) => endpoints::token(&world.estate(), call, at, &name),
                Resource::EndpointMetrics(name) => metrics::list(&world.estate(), call, at, &name),
                Resource::Deployments(name) => deployments::list(&world.estate(), call, at, &name),
                Resource::Deployment(endpoint, name) => {
                    deployments::deployment(world, call, at, (&endpoint, &name))
                }
                Resource::BatchEndpoints => batch_endpoints::list(&world.estate(), call, at),
                Resource::BatchEndpoint(name) => batch_endpoints::endpoint(world, call, at, &name),
                Resource::BatchDeployments(name) => {
                    batch_deployments::list(&world.estate(), call, at, &name)
                }
                Resource::BatchDeployment(endpoint, name) => {
                    batch_deployments::deployment(world, call, at, (&endpoint, &name))
                }
                Resource::Assets(kind, name) => {
                    assets::list(&world.estate(), call, at, kind, &name)
                }
                Resource::Asset(kind, name, version) => {
                    assets::version(world, call, at, kind, (&name, &version))
                }
            }
        }
    }
}
