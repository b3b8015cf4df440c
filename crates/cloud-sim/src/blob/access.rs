//! Who may do what: a bearer token of the storage audience may do all, a signature what it says.
//!
//! Roles are not simulated. Invariant: without either, nothing is read or written.

use http::HeaderMap;

use super::error::BlobError;
use super::routes::asked::{Asked, Operation};
use super::sas::Sas;
use crate::clock::wall_now;
use crate::identity::{Caller, Refusal};
use crate::world::World;

const AUDIENCE: &str = "https://storage.azure.com";

/// The caller, where a token names one.
pub(crate) fn authorise(
    world: &World,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Option<Caller>, BlobError> {
    match Sas::of(&asked.query) {
        Some(sas) => {
            // Clients measure life in their own time: the real one or this cloud's.
            let nows = [wall_now(), world.clock.now()];
            sas.check(&asked.address, permissions(asked.operation), &nows)
                .map(|()| None)
        }
        None => bearer(world, headers).map(Some),
    }
}

fn bearer(world: &World, headers: &HeaderMap) -> Result<Caller, BlobError> {
    world
        .identity
        .check(headers, &[AUDIENCE])
        .map_err(|refusal| match refusal {
            Refusal::Missing => BlobError::NoAuthenticationInformation,
            Refusal::Forged | Refusal::Expired | Refusal::WrongAudience => {
                BlobError::InvalidAuthenticationInfo
            }
        })
}

/// The letters of which a signature needs one.
fn permissions(operation: Operation) -> &'static [char] {
    match operation {
        Operation::GetBlob | Operation::GetProperties | Operation::GetBlockList => &['r'],
        Operation::PutBlob
        | Operation::PutBlock
        | Operation::PutBlockFromUrl
        | Operation::PutBlockList => &['w', 'c'],
        Operation::AppendBlock => &['a', 'w'],
        Operation::SetMetadata => &['w'],
        Operation::DeleteBlob => &['d'],
        Operation::ListBlobs => &['l'],
        // A signature made with a delegated key never opens these.
        Operation::CreateContainer
        | Operation::ContainerProperties
        | Operation::UserDelegationKey
        | Operation::NotBuilt => &[],
    }
}
