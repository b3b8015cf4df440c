//! Service Bus: queues with and without sessions, sent to over REST as in Azure, received by a small JSON API that stands in
//! for AMQP.
//!
//! State: `backlog` (what is in a queue), `sessions` and `plain` (the locks of either kind), `queues` (all of them, and who
//! waits). Wire: `send`, `receive` and `receive_plain`.
//! Invariant: at most one receiver holds a session or a message; a session's messages are given one at a time, in order.

mod backlog;
mod direct;
mod entity;
mod plain;
mod queues;
mod receive;
mod receive_plain;
mod routes;
mod send;
mod sessions;

pub use backlog::DeadLetter;
pub use direct::Peeked;
pub use queues::{Disturbance, QueueView, Queues};
pub(crate) use routes::{PLANE, routes};
