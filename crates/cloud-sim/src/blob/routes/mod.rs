//! The blob service on the wire: `asked` reads a request, `perform` does it, `answer` and `xml` write what comes back.

mod answer;
pub(super) mod asked;
mod copy_source;
mod perform;
mod xml;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use http::request::Parts;

use self::asked::{Asked, Operation};
use super::access;
use super::error::BlobError;
use crate::admission::Plane;
use crate::world::World;

pub(crate) const PLANE: Plane = Plane {
    operation,
    refusal: answer::refusal,
};

/// One route for all: what is asked for is in path, query and headers together.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/{*path}", any(serve))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    if copy_source::is_read_for_a_copy(&parts.headers) {
        return "blob.readCopySource".into();
    }
    Operation::of(parts).name().into()
}

async fn serve(State(world): State<Arc<World>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let served = match Asked::parse(&parts) {
        Ok(asked) => admit_and_perform(&world, &asked, &parts, body).await,
        Err(error) => Err(error),
    };
    let answer = served
        .unwrap_or_else(|error| answer::refusal(error.status(), error.code(), &error.to_string()));
    answer::dress(answer, &parts.headers)
}

async fn admit_and_perform(
    world: &World,
    asked: &Asked,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<Response, BlobError> {
    let caller = access::authorise(world, asked, &parts.headers)?;
    perform::perform(world, asked, &parts.headers, body, caller).await
}

/// A header's text; one that is not text counts as absent, as an unreadable one would.
fn header<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

const CREATED: StatusCode = StatusCode::CREATED;
