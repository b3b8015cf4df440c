//! One call of the handler: the envelope, the request, what counts as success.
//!
//! **Invariant:** an invocation succeeds only with a 2xx answer that holds a JSON object; everything else fails it, and
//! an empty answer leaves it hanging until the function's time-out kills the handler, as in the real host.
//!
//! Start at [`Invoker::invoke`].

mod answer;
mod envelope;
mod invoke;
mod request;
mod values;

pub(crate) use envelope::{Envelope, Metadata};
pub(crate) use invoke::{InvocationFailure, Invoker};
pub(crate) use request::{HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID_HEADER};
pub(crate) use values::{date_time, date_time_offset, date_time_precise};
