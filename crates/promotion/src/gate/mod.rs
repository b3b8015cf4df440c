//! Gates: policy checks on a candidate. A gate's verdict carries value, threshold and the source of its evidence.
//!
//! The invariant: what is not known is inconclusive and blocks; only a finite number from a named source ever passes.

mod champion;
mod metric;
mod spec;
mod verdict;

pub use spec::{GateSpec, NoChampion, Source};
pub(crate) use verdict::judge;
pub use verdict::{Verdict, VerdictResult, Why};
