//! The engine: load → decide → append → perform → schedule. The only caller of `decide`.
//!
//! The invariant: an effect is performed only after the record that plans it is in the journal, and what came of it is
//! appended before anything that follows from it is performed. A crash anywhere costs time: the marker brings it back.
//! Start at [`Engine::advance`].

mod advance;
mod announcing;
mod clearance;
mod closing;
mod freezes;
mod holds;
mod leases;
mod opening;
mod ours;
mod reconcile;
mod registered;
mod runtime;
mod schedule;
mod standing;
mod stranded;
mod subject;
mod sweep;
mod tellers;
mod turns;
mod verbs;
mod what_if;

pub use freezes::text as freeze_text;
pub use holds::{hold_of, text as hold_text};
pub use opening::{Delivery, Expected, Opened};
pub use reconcile::Reconciled;
pub use registered::Registered;
pub use runtime::{Engine, EngineError};
pub use standing::{Implied, Place};
pub use sweep::Swept;
pub use tellers::Tellers;
pub use verbs::Verdict;
pub use what_if::Foreseen;
