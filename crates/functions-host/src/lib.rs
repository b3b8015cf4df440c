//! A local Azure Functions host for custom handlers, exact on the wire.
//!
//! It reads an app folder as it is deployed (`host.json`, `<function>/function.json`, the handler's executable), starts
//! the handler as the real host does and speaks its HTTP contract: envelopes for events, messages and timers, a
//! streaming proxy for HTTP functions.
//!
//! **Invariant:** what the real host would do differently is refused by the name of the fact ("E11 is not built"),
//! never done silently another way.
//!
//! Start at [`Host::start`]; `worker` owns the process, `front` the listener, `listeners` the queue and the timers,
//! `invocation` the envelope.

mod app;
mod clock;
mod error;
mod front;
mod host;
mod http_client;
mod ids;
mod invocation;
mod listeners;
mod log;
mod options;
mod parts;
mod platform;
mod stopping;
mod worker;

pub use error::HostError;
pub use host::{Host, StopReason};
pub use log::{Level, LogLine, LogSink};
pub use options::{AccessTokens, ExitZero, HostOptions, IdTokens, Persona};
pub use platform::PlatformState;
