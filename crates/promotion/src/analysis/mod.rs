//! Analysis: measurements of a candidate that serves, and what they come to; Argo Rollouts' semantics and defaults.
//!
//! Pure bookkeeping: whoever measures says what a measurement came to, and asks here what follows. The invariant: a verdict
//! once reached stays, whatever is measured after it. Where this is stricter than Argo Rollouts on purpose, the tests
//! (`tests/core/analysis.rs`) list it. Start at [`AnalysisRun`].

mod http;
mod metric;
mod rule;
mod run;
mod spec;

pub use http::{HttpMetric, Part, Template};
pub use metric::{Measured, Measurement, MetricRun, Taken, Tally};
pub use rule::{Count, MetricRule, NotARule};
pub use run::{AnalysisRun, Verdict};
pub use spec::{
    Against, AnalysisId, BesideSpec, Comparison, MetricSpec, Provider, Quantile, Reading,
};
