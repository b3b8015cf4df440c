//! The storage half of the simulated cloud, over real HTTP: blobs, queue, identity, clock, faults.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod blob_copy;
mod blob_lists;
mod blobs;
mod cloud;
mod directory;
mod plain_queue;
mod queue;
mod sky;
