//! Blob storage, path-style: `/blob/{account}/{container}/{blob}`.
//!
//! State: `store` (`direct` for tests and seeds) and what it is made of (`entry`, `blocks`, `conditions`, `listing`).
//! Who may: `access` and `sas`. Wire: `routes`.
//! Invariant: a write that is refused changes nothing, and each one that is not gives a new version.

mod access;
mod blocks;
mod checksum;
mod conditions;
mod direct;
mod entry;
mod error;
mod listing;
mod routes;
mod sas;
mod store;

pub use direct::BlobView;
pub(crate) use routes::{PLANE, routes};
pub use store::Store;
