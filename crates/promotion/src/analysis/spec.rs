//! What a metric measures, and what its value is held against.
//!
//! Conditions are CEL, which the core keeps as text and never runs: whoever measures judges, and reports what it came to.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::http::HttpMetric;
use super::rule::MetricRule;
use crate::requests::Requests;
use crate::route::Seconds;

/// One metric of an analysis, everything resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricSpec {
    /// Its name, unique in its analysis.
    pub name: String,
    /// Where its value comes from.
    pub provider: Provider,
    /// What the value is made of besides the candidate's; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// A CEL expression over `result`; absent: whatever does not fail succeeds.
    pub success_condition: Option<String>,
    /// A CEL expression over `result`; absent: whatever does not succeed fails.
    pub failure_condition: Option<String>,
    /// Of fewer requests than this nobody can tell.
    pub min_samples: u32,
    /// How often it is measured, and what is borne.
    pub rule: MetricRule,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Provider {
    /// What the endpoint's own platform has measured of its deployments, minute by minute.
    Platform {
        /// What.
        reading: Reading,
        /// Over how many of the last whole minutes.
        window: Seconds,
    },
    /// What candidate and champion answer to the same requests, each asked by name.
    Predictions {
        /// The bodies to send.
        requests: Requests,
        /// How the answers are compared.
        comparison: Comparison,
    },
    /// What an HTTP address answers, as JSON.
    Http(HttpMetric),
}

/// How the numbers in two sets of answers are compared, each with the one in its place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Comparison {
    /// The share that agrees, from 0 to 1.
    Agreement {
        /// How far apart two numbers may be and agree, as a share of the greater one.
        tolerance: f64,
    },
    /// The mean distance.
    MeanDifference,
    /// The greatest distance.
    MaxDifference,
    /// The population stability index of the candidate's numbers, in ten bins that hold equally many of the champion's.
    StabilityIndex,
}

/// What a platform measures of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reading {
    /// Requests in the window.
    Requests,
    /// The share of them that was answered so, from 0 to 1.
    ShareOf {
        /// `5xx` and the like.
        status_class: String,
    },
    /// How long answers took, in milliseconds: the mean over the window's minutes.
    Latency(Quantile),
}

/// Of a minute's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quantile {
    /// The mean.
    Mean,
    /// Half of them are faster.
    P50,
    /// Nine of ten are.
    P90,
    /// Nineteen of twenty.
    P95,
    /// Ninety-nine of a hundred.
    P99,
}

/// How the champion's value, over the same minutes, comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Against {
    /// The candidate's by the champion's.
    ChampionRatio,
    /// The candidate's less the champion's.
    ChampionDifference,
}

/// Metrics that are measured beside the steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BesideSpec {
    /// The step that it begins with, from 0: those before it are not watched.
    pub starting_step: usize,
    /// What is measured.
    pub metrics: Vec<MetricSpec>,
}

/// One analysis of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AnalysisId {
    /// The one that this step is, from 0.
    Step(usize),
    /// The one beside the steps: its first, second, … beginning, from 1.
    Beside(u32),
}

impl MetricSpec {
    /// The conditions in words, as they are kept with each measurement.
    pub fn threshold(&self) -> String {
        let success = self.success_condition.clone();
        let failure = self.failure_condition.as_ref();
        let failure = failure.map(|condition| format!("fails if {condition}"));
        let parts: Vec<String> = success.into_iter().chain(failure).collect();
        parts.join("; ")
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests => f.write_str("requests"),
            Self::ShareOf { status_class } => write!(f, "share of {status_class} answers"),
            Self::Latency(quantile) => write!(f, "latency ({}) in ms", quantile.name()),
        }
    }
}

impl Comparison {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agreement { .. } => "agreement",
            Self::MeanDifference => "mean difference",
            Self::MaxDifference => "greatest difference",
            Self::StabilityIndex => "population stability index",
        }
    }
}

impl Quantile {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }
}
