//! What Azure Monitor knows of the endpoints: who calls them, how their deployments answer, what of it has arrived.
//!
//! Simulated callers cost nothing: the history of traffic, callers and faults is kept, and a minute is worked out from it
//! when somebody asks. Requests that really came in are counted on top. **Invariant:** what was measured stays as it was;
//! a change shows in the minutes behind it only. Knows no HTTP and no clock. Start with [`Record`]; the assumption about
//! how late measurements arrive stands in `arrival.rs`, what a healthy deployment does in `metric.rs`.

mod arrival;
mod fault;
mod load;
mod metric;
mod record;
mod steps;
mod tally;

pub(crate) use arrival::Arrival;
pub use fault::ServingFault;
pub(crate) use load::{Health, Load};
pub(crate) use metric::{Dimension, Metric};
pub(crate) use record::{Record, Share, minute_of};
pub(crate) use steps::KEPT;
pub(crate) use tally::{StatusClass, Tally};
