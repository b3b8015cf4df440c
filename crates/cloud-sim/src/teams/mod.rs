//! The Teams channel: a Workflows webhook that takes cards, a bot's connector, and a page that shows what came by either.
//!
//! As the real one, the webhook answers 202 to whatever it gets and fails later. **Invariant:** a message that the flow
//! could not post is kept and marked, never silently lost. State in `channel`, the wire in `routes`, HTML in `page`, of what
//! `view` puts together.

mod assets;
mod bot;
mod channel;
mod markdown;
mod page;
mod plain;
mod routes;
mod view;

pub(crate) use bot::Threads;
pub use bot::{Answered, Member, Post, Version};
pub(crate) use channel::{Channel, Message};
pub(crate) use routes::{PLANE, page_routes, routes};
