//! Evidence: a number, and where it comes from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::gate::{Source, Why};
use crate::ids::{PromotionId, RunId};

/// One metric's value with its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// In the metric's own unit.
    #[serde(with = "crate::number")]
    pub value: f64,
    /// Where it was read.
    pub source: MetricSource,
}

/// Where a metric was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "from",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum MetricSource {
    /// The `MLflow` run whose outputs hold the version's files.
    Run {
        /// The run.
        run: RunId,
    },
    /// The version's own tags.
    Tags,
    /// The evidence that an earlier promotion journaled.
    Journal {
        /// That promotion.
        promotion: PromotionId,
    },
}

/// What is known of a candidate's metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateEvidence {
    /// The run's metrics, where the version provably came from it.
    pub run: RunEvidence,
    /// The numeric tags of the version.
    #[serde(with = "crate::number::by_name")]
    pub tags: BTreeMap<String, f64>,
}

/// Whether the version's files provably came out of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "proof",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum RunEvidence {
    /// They lie in this run's outputs.
    Proven {
        /// The run.
        run: RunId,
        /// Its metrics' last values; what JSON has no number for (NaN, infinity) is `None`.
        metrics: BTreeMap<String, Option<f64>>,
    },
    /// They do not, or no run is named.
    Unproven {
        /// What is missing.
        detail: String,
    },
}

impl CandidateEvidence {
    /// The value of `metric` from `source`, or why there is none.
    pub(crate) fn metric(&self, metric: &str, source: Source) -> Result<Evidence, Why> {
        match (source, &self.run) {
            (Source::Tags, _) => match self.tags.get(metric) {
                Some(&value) => Ok(Evidence {
                    value,
                    source: MetricSource::Tags,
                }),
                None => Err(Why::MetricMissing {
                    source: MetricSource::Tags,
                }),
            },
            (Source::Run, RunEvidence::Unproven { detail }) => Err(Why::NoProvenRun {
                detail: detail.clone(),
            }),
            (Source::Run, RunEvidence::Proven { run, metrics }) => {
                let source = MetricSource::Run { run: run.clone() };
                match metrics.get(metric) {
                    Some(Some(value)) => Ok(Evidence {
                        value: *value,
                        source,
                    }),
                    Some(None) => Err(Why::NotFinite),
                    None => Err(Why::MetricMissing { source }),
                }
            }
        }
    }
}
