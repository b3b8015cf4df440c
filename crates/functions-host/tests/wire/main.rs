//! The host on its wire: a probe handler says what it was called with, and the tests are named after the facts.

mod answers;
mod envelope;
mod event_grid;
mod http_functions;
mod queue;
mod refused;
mod sign_in;
mod support;
mod timer;
mod worker;
