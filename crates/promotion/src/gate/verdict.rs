//! What a gate answers, and how all of a route's gates are judged.

use serde::{Deserialize, Serialize};

use super::{GateSpec, champion, metric};
use crate::champion::Champion;
use crate::evidence::{CandidateEvidence, Evidence, MetricSource};

/// One gate's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// What was asked.
    pub gate: GateSpec,
    /// The answer.
    pub result: VerdictResult,
    /// The candidate's value, with its source.
    pub value: Option<Evidence>,
    /// The champion's value, with its source.
    pub champion: Option<Evidence>,
    /// The bound that the value was held against, in the metric's own unit.
    #[serde(default, with = "crate::number::optional")]
    pub threshold: Option<f64>,
}

/// A gate's answer in one word, and why it is not "passed".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", content = "why", rename_all = "camelCase")]
pub enum VerdictResult {
    /// Within bounds, from a named source.
    Passed,
    /// Out of bounds.
    Failed,
    /// Not known: blocks as well.
    Inconclusive(Why),
}

/// Why a gate could not answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Why {
    /// The source has no such metric.
    MetricMissing {
        /// Where it was looked for.
        source: MetricSource,
    },
    /// The version names no run that its files provably came from.
    NoProvenRun {
        /// What is missing.
        detail: String,
    },
    /// Neither NaN nor infinity is evidence.
    NotFinite,
    /// Several deployments share the traffic, or one of them cannot be read.
    ChampionUnclear {
        /// What was found.
        detail: String,
    },
    /// The champion's own value is not to be had.
    ChampionValueMissing,
    /// No relative change can be stated against zero.
    ChampionIsZero,
    /// The source's files are not those first seen under this version.
    BytesChanged {
        /// When they were first seen.
        since: jiff::Timestamp,
    },
}

impl Verdict {
    /// Whether it lets the candidate through.
    pub fn passed(&self) -> bool {
        self.result == VerdictResult::Passed
    }

    pub(super) fn inconclusive(gate: &GateSpec, why: Why) -> Self {
        Self {
            gate: gate.clone(),
            result: VerdictResult::Inconclusive(why),
            value: None,
            champion: None,
            threshold: None,
        }
    }
}

/// Every gate's answer. `bytes_changed`: since when the source's files differ from those pinned first, if they do.
pub(crate) fn judge(
    gates: &[GateSpec],
    candidate: &CandidateEvidence,
    opponent: &Champion,
    bytes_changed: Option<jiff::Timestamp>,
) -> Vec<Verdict> {
    gates
        .iter()
        .map(|gate| match bytes_changed {
            // The run's metrics belong to the bytes it wrote, not to what lies there now.
            Some(since) => Verdict::inconclusive(gate, Why::BytesChanged { since }),
            None => match gate {
                GateSpec::Metric { .. } => metric::judge(gate, candidate),
                GateSpec::Champion { .. } => champion::judge(gate, candidate, opponent),
            },
        })
        .collect()
}
