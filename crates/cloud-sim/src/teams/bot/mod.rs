//! A bot in the channel: what it posts through the Bot Connector, and what people do with its cards.
//!
//! As the real service: a card is replaced for everybody by a PUT, for one person by the answer to their click, and
//! nothing is idempotent but the PUT. **Invariant:** nobody's click changes the shared card; only the bot does. State in
//! `threads`, the connector's wire in `connector`, clicks in `clicks` and `invoke`, the verbs of tests in `api`.

mod api;
mod clicks;
mod connector;
mod invoke;
mod members;
mod threads;

pub use clicks::Answered;
pub(super) use clicks::{Click, click, look, pass_on};
pub(super) use connector::{operation, refusal, routes};
pub use members::Member;
pub(crate) use threads::Threads;
pub use threads::{Post, Version};
