//! Blob Storage: an account by its endpoint, its containers, their blobs. Built on Microsoft's SDK, under our rules for
//! deadlines, retries and errors.
//!
//! **Invariant:** a SAS that came with the account's URL is kept on every request and shown nowhere; with one there is no
//! token. Without one every request is signed by our identity.

mod account;
mod append;
mod block;
mod container;
mod content;
mod sas;

pub use account::{Blobs, ETag, Metadata};
pub use append::Appended;
pub use block::{Block, BlockSource, SourceAuthorization};
pub use container::{BlobItem, BlobPage, Container, Creation};
pub use content::{Blob, BlobContent, BlobKind, BlobProperties, Condition, Deletion};
pub use sas::UserDelegationKey;
