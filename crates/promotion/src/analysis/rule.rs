//! How often a metric is measured, and what is borne: Argo Rollouts' fields and defaults.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

use crate::route::Seconds;

/// After an error it is measured again this much later, whatever the interval (Argo Rollouts' `DefaultErrorRetryInterval`).
pub(super) const ERROR_RETRY: Seconds = Seconds(10);

/// The rule for one metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricRule {
    /// Between two measurements; absent: one measurement.
    pub interval: Option<Seconds>,
    /// Before the first one.
    pub initial_delay: Seconds,
    /// How many.
    pub count: Count,
    /// More failed measurements than this and the metric has failed; absent: it cannot fail.
    pub failure_limit: Option<u32>,
    /// More inconclusive ones than this and the metric is inconclusive.
    pub inconclusive_limit: u32,
    /// More errors in a row than this and the metric is in error.
    pub consecutive_error_limit: u32,
    /// So many successes in a row and the metric has succeeded; absent: only its count ends it.
    pub consecutive_success_limit: Option<NonZeroU32>,
    /// It is measured and shown, and decides nothing.
    pub dry_run: bool,
}

/// How many measurements end a metric. Errors do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Count {
    /// So many.
    Times(NonZeroU32),
    /// None: it is measured until the analysis is ended from outside.
    UntilTheEnd,
}

/// Why these values make no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARule {
    /// A second measurement needs a time.
    #[error("`count` of more than 1 needs an `interval`")]
    CountWithoutInterval,
    /// Nothing ends it, and nothing begins the next measurement.
    #[error("a metric without an end needs an `interval`")]
    EndlessWithoutInterval,
    /// The row would be longer than all measurements.
    #[error("`consecutiveSuccessLimit` is greater than `count`: it could not be reached")]
    RowLongerThanCount,
}

impl MetricRule {
    /// Argo Rollouts' defaults: one measurement, and nothing is borne but four errors in a row.
    pub fn once() -> Self {
        Self {
            interval: None,
            initial_delay: Seconds(0),
            count: Count::Times(NonZeroU32::MIN),
            failure_limit: Some(0),
            inconclusive_limit: 0,
            consecutive_error_limit: 4,
            consecutive_success_limit: None,
            dry_run: false,
        }
    }

    /// The same at every interval until the analysis is ended from outside.
    pub fn every(interval: Seconds) -> Self {
        Self {
            interval: Some(interval),
            count: Count::UntilTheEnd,
            ..Self::once()
        }
    }

    /// Whether it can be measured as it says.
    ///
    /// # Errors
    ///
    /// What is missing or out of reach.
    pub fn checked(self) -> Result<Self, NotARule> {
        match (self.count, self.interval) {
            (Count::Times(times), None) if times.get() > 1 => {
                return Err(NotARule::CountWithoutInterval);
            }
            (Count::UntilTheEnd, None) => return Err(NotARule::EndlessWithoutInterval),
            (Count::Times(_) | Count::UntilTheEnd, _) => {}
        }
        match (self.count, self.consecutive_success_limit) {
            (Count::Times(times), Some(row)) if row > times => Err(NotARule::RowLongerThanCount),
            (Count::Times(_) | Count::UntilTheEnd, _) => Ok(self),
        }
    }
}
