//! The host's envelope ⇄ typed values: the only place that knows the wire of the Functions host.
//!
//! The invariant: every answer to an enveloped invocation is a JSON object with its content type, for the host waits for
//! ever on an empty one. Metadata is never trusted: a message's body can overwrite it.

mod answer;
mod envelope;

pub use answer::{Invocation, failed, succeeded};
pub use envelope::{Envelope, EnvelopeError};
