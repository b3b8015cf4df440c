//! What can be wrong with a model version once it serves, without its deployment failing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How deployments of one model version answer from a moment on. No randomness: shares are met exactly.
///
/// Several faults of one deployment add up their errors, to all answers at most, and their shifts, and multiply their
/// latencies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServingFault {
    /// The model's name, in any case.
    pub model: String,
    /// Its version in the workspace where it serves.
    pub version: String,
    /// Share of answers that are 503, from 0 to 1; anything else counts as the nearer of these.
    #[serde(default)]
    pub errors: f64,
    /// What latencies are multiplied by; a factor that is not positive counts as 1.
    #[serde(default = "unchanged")]
    pub latency: f64,
    /// What is added to every prediction; a number that is not finite counts as 0.
    #[serde(default)]
    pub shift: f64,
    /// Only while the deployment has this percentage of the traffic or more. Requests that name their deployment, as
    /// smoke tests do, follow no traffic: they meet the fault only where this is 0.
    #[serde(default)]
    pub from_weight: u32,
    /// Not before; when it is planted, if absent or past.
    pub since: Option<Timestamp>,
}

fn unchanged() -> f64 {
    1.0
}

impl ServingFault {
    /// Fails this share of answers, at any weight, from now on.
    pub fn errors(model: &str, version: &str, share: f64) -> Self {
        Self {
            model: model.into(),
            version: version.into(),
            errors: share,
            latency: unchanged(),
            shift: 0.0,
            from_weight: 0,
            since: None,
        }
    }

    /// Answers so many times as slowly, at any weight, from now on.
    pub fn slow(model: &str, version: &str, factor: f64) -> Self {
        Self {
            latency: factor,
            ..Self::errors(model, version, 0.0)
        }
    }

    /// Predicts so much more, at any weight, from now on.
    pub fn shifted(model: &str, version: &str, by: f64) -> Self {
        Self {
            shift: by,
            ..Self::errors(model, version, 0.0)
        }
    }

    /// Whether it meets a deployment of this model (by its version's ARM id) that has this weight.
    pub(super) fn meets(&self, model: &str, weight: u32) -> bool {
        let mut words = model.rsplit('/');
        let (version, _, name) = (words.next(), words.next(), words.next());
        weight >= self.from_weight
            && version == Some(self.version.as_str())
            && name.is_some_and(|name| name.eq_ignore_ascii_case(&self.model))
    }

    pub(super) fn usable_errors(&self) -> f64 {
        if self.errors.is_nan() {
            return 0.0;
        }
        self.errors.clamp(0.0, 1.0)
    }

    pub(super) fn usable_shift(&self) -> f64 {
        if self.shift.is_finite() {
            self.shift
        } else {
            0.0
        }
    }

    pub(super) fn usable_latency(&self) -> f64 {
        if self.latency.is_finite() && self.latency > 0.0 {
            self.latency
        } else {
            unchanged()
        }
    }
}
