//! A simulated Azure on loopback: machine learning, blobs, queue, identity, Event Grid, Teams.
//!
//! One process, one listener; the first segment of a path names the plane. State files know no HTTP, route files know
//! no rules. Start at [`Cloud::start`]; [`admission`] is what every request passes first.
//!
//! Invariant: nothing here is shared with the clients it serves; both are held against Azure's documents.

mod admission;
mod blob;
mod clock;
mod cloud;
mod faults;
mod identity;
mod line;
mod recording;
mod servicebus;
mod world;

pub use blob::{BlobView, Store as BlobStore};
pub use clock::SimClock;
pub use cloud::{Cloud, CloudOptions};
pub use faults::{Fault, Faults, Rule};
pub use identity::{Caller, Identity, Refusal};
pub use servicebus::{DeadLetter, Disturbance, QueueView, Queues};
