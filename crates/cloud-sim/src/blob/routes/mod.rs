//! The blob service on the wire: `serve` takes a request, which `asked` reads; `containers`, `read` and `write` do it, a
//! function each; `answer`, `refusal` and `xml` write what comes back.

mod answer;
pub(super) mod asked;
mod body;
mod containers;
mod copy_source;
mod read;
mod refusal;
mod serve;
mod write;
mod xml;

pub(crate) use serve::{PLANE, routes};
