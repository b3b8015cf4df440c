//! The host on its wire: a probe handler says what it was called with, and the tests are named after the facts.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod answers;
mod envelope;
mod event_grid;
mod http_functions;
mod plain_queue;
mod queue;
mod refused;
mod sign_in;
mod support;
mod timer;
mod worker;
