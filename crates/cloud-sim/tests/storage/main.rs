//! The storage half of the simulated cloud, over real HTTP: blobs, queue, identity, clock, faults.

mod blob_copy;
mod blob_lists;
mod blobs;
mod cloud;
mod queue;
mod sky;
