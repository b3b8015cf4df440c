//! Where state lives: one storage account, two containers.
//!
//! `journals` holds append blobs and never deletes; `state` holds everything that can be rebuilt or is overwritten under a
//! condition. The invariant: a marker's due time is never later than what its journal implies, so the sweep finds whatever
//! a crash left. Start with [`Store`].

mod begun;
mod cards;
mod control;
mod events;
mod freezes;
mod holds;
mod journals;
mod markers;
mod metadata;
mod newest;
mod queue;
mod store;
mod strangers;
mod targets;
mod watermarks;

pub use cards::{CardPlace, CardStore};
pub use control::{FormKey, FormKeys};
pub use events::{EventStore, Kept, KeptEvent};
pub use freezes::{Freeze, FreezeStore, Freezes, Frozen, Lifting, PastFreeze, Scope, Thawed};
pub use holds::{Change, HeldBy, Hold, Lifted};
pub use journals::{Append, Created, Journal, JournalName, Journals};
pub use markers::{Announced, Found, Marked, Marker, Markers, Summary};
pub use newest::{EventPlace, Looked, Newest};
pub use queue::WakeUps;
pub use store::{Store, StoreError};
pub use targets::{Garbage, Holder, Leases, Taken, Target, TargetBlob};
pub use watermarks::{Watermark, WatermarkStore, Watermarks};
