//! Event Grid: tells webhooks what happened in a workspace.
//!
//! At least once, in no order: failed deliveries are retried on Event Grid's schedule by the cloud's time. **Invariant:**
//! what an endpoint answers with 400, 401, 403 or 413 is never sent again; nobody gets it then, so it is logged as
//! dropped. Start with [`Grid`].

mod delivery;
mod event;
mod grid;

pub use event::EventSchema;
pub(crate) use event::{Event, model_registered, run_completed};
pub use grid::{DeliveryReport, DeliveryState};
pub(crate) use grid::{Grid, Order};
