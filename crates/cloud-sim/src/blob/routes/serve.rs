//! From a request to its answer: read it, ask whether it may, do it.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::HeaderMap;
use http::request::Parts;

use super::answer::{self, Answer};
use super::asked::{Asked, Operation};
use super::{containers, copy_source, read, refusal, write};
use crate::admission::Plane;
use crate::blob::access;
use crate::blob::error::BlobError;
use crate::identity::Caller;
use crate::world::World;

pub(crate) const PLANE: Plane = Plane {
    operation,
    refusal: refusal::refusal,
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
    answer::dress(served.unwrap_or_else(refusal::refuse), &parts.headers)
}

async fn admit_and_perform(world: &World, asked: &Asked, parts: &Parts, body: Body) -> Answer {
    let caller = access::authorise(world, asked, &parts.headers)?;
    perform(world, asked, &parts.headers, body, caller).await
}

async fn perform(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
    body: Body,
    caller: Option<Caller>,
) -> Answer {
    match asked.operation {
        Operation::UserDelegationKey => {
            containers::user_delegation_key(asked, headers, body, caller).await
        }
        Operation::CreateContainer => containers::create_container(world, asked),
        Operation::ContainerProperties => containers::container_properties(world, asked),
        Operation::ListBlobs => containers::list(world, asked),
        Operation::PutBlob => write::put_blob(world, asked, headers, body).await,
        Operation::PutBlock => write::put_block(world, asked, headers, body).await,
        Operation::PutBlockFromUrl => write::put_block_from_url(world, asked, headers).await,
        Operation::PutBlockList => write::put_block_list(world, asked, headers, body).await,
        Operation::GetBlockList => read::get_block_list(world, asked),
        Operation::AppendBlock => write::append(world, asked, headers, body).await,
        Operation::GetBlob => read::get(world, asked, headers),
        Operation::GetProperties => read::head(world, asked, headers),
        Operation::SetMetadata => write::set_metadata(world, asked, headers),
        Operation::DeleteBlob => write::delete(world, asked, headers),
        Operation::NotBuilt => Err(BlobError::NotBuilt),
    }
}
