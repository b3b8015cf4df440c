//! Load: how a candidate answers to many requests before it has traffic.
//!
//! The shell loads and judges; what it came to is remembered. Loading changes nothing, so one that was cut off is done again.

use serde::{Deserialize, Serialize};

use crate::requests::Requests;
use crate::route::Seconds;

/// Requests to the candidate by name, at a steady rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadTest {
    /// The bodies to send, in turn.
    pub requests: Requests,
    /// How many a second.
    pub rate: u32,
    /// For how long.
    pub duration: Seconds,
    /// A CEL expression over what it came to.
    pub success_condition: String,
}

/// What a load test came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadReply {
    /// Whether the condition held.
    pub passed: bool,
    /// Requests that were sent.
    pub sent: u32,
    /// Requests, of all that were to be sent, that were not answered well in time.
    pub errors: u32,
    /// Half of them were answered as fast, in milliseconds from the moment that each was to be sent at.
    pub p50_ms: u32,
    /// Nineteen of twenty.
    pub p95_ms: u32,
    /// Ninety-nine of a hundred.
    pub p99_ms: u32,
    /// How many a second were sent.
    #[serde(with = "crate::number")]
    pub rate: f64,
    /// Why it did not pass.
    pub problem: Option<String>,
}

impl LoadTest {
    /// How many requests there are to be sent.
    pub fn planned(&self) -> u32 {
        self.rate.saturating_mul(self.duration.0)
    }
}

impl LoadReply {
    /// One that went as is hoped.
    pub fn hoped(test: &LoadTest) -> Self {
        Self {
            passed: true,
            sent: test.planned(),
            errors: 0,
            p50_ms: 0,
            p95_ms: 0,
            p99_ms: 0,
            rate: f64::from(test.rate),
            problem: None,
        }
    }
}
