//! Service Bus: queues with sessions, sent to over REST as in Azure, received by a small JSON API that stands in for AMQP.
//!
//! State: `queue` (the rules of one queue) and `queues` (all of them, and who waits). Wire: `send` and `receive`.
//! Invariant: at most one receiver holds a session, and a session's messages are given one at a time, in order.

mod direct;
mod queue;
mod queues;
mod receive;
mod routes;
mod send;

pub use direct::Peeked;
pub use queue::DeadLetter;
pub use queues::{Disturbance, QueueView, Queues};
pub(crate) use routes::{PLANE, routes};
