//! A simulated Azure on loopback: machine learning, blobs, queue, identity, Event Grid, Teams.
//!
//! One process, one listener; the first segment of a path names the plane. State files know no HTTP, route files know
//! no rules. Start at [`Cloud::start`]; `admission` is what every request passes first.
//!
//! Invariant: nothing here is shared with the clients it serves; both are held against Azure's documents.

mod admission;
mod arm;
mod blob;
mod clock;
mod cloud;
mod control;
mod eventgrid;
mod faults;
mod graph;
mod identity;
mod inside;
mod line;
mod ml;
mod monitor;
mod page;
mod recording;
mod region;
mod scoring;
mod seed;
mod servicebus;
mod teams;
mod world;

pub use arm::{JobFate, JobFault, OperationKind, Timings, WorkspaceId};
pub use blob::{BlobView, Store as BlobStore};
pub use clock::SimClock;
pub use cloud::{Cloud, CloudOptions};
pub use control::{
    AssetView, CloudView, ControlHook, DeploymentView, EndpointView, JobView, Kept, ModelView,
    NotPossible, OperationView, Registered, Trained, VersionView, WorkspaceView,
};
pub use eventgrid::{DeliveryReport, DeliveryState, EventSchema};
pub use faults::{Fault, Faults, Rule};
pub use graph::{Directory, Kind, Person};
pub use identity::{
    BotKey, Caller, Identity, KeyName, KeySets, Refusal, SignIns, Signature, jws, jws_of_text,
};
pub use monitor::ServingFault;
pub use seed::ModelKind;
pub use servicebus::{DeadLetter, Disturbance, Peeked, QueueView, Queues};
pub use teams::{Answered, Member, Post, Version};
