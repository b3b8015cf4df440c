//! The Teams channel: a Workflows webhook that takes cards, and a page that shows them.
//!
//! As the real one, the webhook answers 202 to whatever it gets and fails later. **Invariant:** a message that the flow
//! could not post is kept and marked, never silently lost. State in `channel`, the wire in `routes`, HTML in `page`.

mod assets;
mod channel;
mod markdown;
mod page;
mod plain;
mod routes;

pub(crate) use channel::{Channel, Message};
pub(crate) use routes::{PLANE, page_routes, routes};
