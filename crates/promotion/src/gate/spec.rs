//! What a gate asks, as configured.

use serde::{Deserialize, Serialize};

/// One gate of a route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum GateSpec {
    /// A metric within bounds.
    Metric {
        /// The metric's name.
        metric: String,
        /// Not less than this.
        #[serde(default, with = "crate::number::optional")]
        min: Option<f64>,
        /// Not more than this.
        #[serde(default, with = "crate::number::optional")]
        max: Option<f64>,
        /// Where its value comes from.
        source: Source,
    },
    /// A metric better than the champion's.
    Champion {
        /// The metric's name.
        metric: String,
        /// Which way is better.
        greater_is_better: bool,
        /// By how much of the champion's value at least; negative: may be that much worse.
        #[serde(with = "crate::number")]
        min_relative_change: f64,
        /// What to answer where nothing serves yet.
        when_no_champion: NoChampion,
        /// Where the values come from.
        source: Source,
    },
}

impl GateSpec {
    /// What it is called where several read one metric: `champion rmse`.
    pub fn name(&self) -> String {
        let kind = match self {
            Self::Metric { .. } => "metric",
            Self::Champion { .. } => "champion",
        };
        format!("{kind} {}", self.metric())
    }

    /// The metric that it reads.
    pub fn metric(&self) -> &str {
        match self {
            Self::Metric { metric, .. } | Self::Champion { metric, .. } => metric,
        }
    }
}

/// Where a metric comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The `MLflow` run that produced the version, proven by where its files lie.
    Run,
    /// The version's own tags: self-reported, and shown so.
    Tags,
}

/// What a champion gate answers where nothing serves yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoChampion {
    /// The first model has nobody to beat.
    Pass,
    /// Somebody has to look.
    Fail,
}
