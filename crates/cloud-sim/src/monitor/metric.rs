//! The metrics of online endpoints that are simulated: those of Microsoft's list that tell deployments apart.
//!
//! A healthy deployment answers in 24 ms on average, half of its requests within 20 ms, 99 % within 80 ms. A fault
//! multiplies all of these alike, and a minute in which it changes shows their mean.

use super::{Arrival, StatusClass, Tally};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    Requests,
    Latency,
    LatencyP50,
    LatencyP90,
    LatencyP95,
    LatencyP99,
}

/// By what requests are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    Deployment,
    StatusCodeClass,
}

impl Dimension {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StatusCodeClass => "statusCodeClass",
        }
    }
}

impl Metric {
    pub(crate) const ALL: [Self; 6] = [
        Self::Requests,
        Self::Latency,
        Self::LatencyP50,
        Self::LatencyP90,
        Self::LatencyP95,
        Self::LatencyP99,
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|metric| metric.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requests => "RequestsPerMinute",
            Self::Latency => "RequestLatency",
            Self::LatencyP50 => "RequestLatency_P50",
            Self::LatencyP90 => "RequestLatency_P90",
            Self::LatencyP95 => "RequestLatency_P95",
            Self::LatencyP99 => "RequestLatency_P99",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Requests => "Requests Per Minute",
            Self::Latency => "Request Latency",
            Self::LatencyP50 => "Request Latency P50",
            Self::LatencyP90 => "Request Latency P90",
            Self::LatencyP95 => "Request Latency P95",
            Self::LatencyP99 => "Request Latency P99",
        }
    }

    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Requests => "Count",
            Self::Latency
            | Self::LatencyP50
            | Self::LatencyP90
            | Self::LatencyP95
            | Self::LatencyP99 => "MilliSeconds",
        }
    }

    /// The dimensions by which it may be filtered.
    pub(crate) fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Requests => &[Dimension::Deployment, Dimension::StatusCodeClass],
            Self::Latency
            | Self::LatencyP50
            | Self::LatencyP90
            | Self::LatencyP95
            | Self::LatencyP99 => &[Dimension::Deployment],
        }
    }

    /// The minute's average as far as it has arrived. Where nothing was asked there are no requests, and no latency.
    pub(crate) fn average(
        self,
        tally: &Tally,
        class: Option<StatusClass>,
        arrival: Arrival,
    ) -> Option<f64> {
        let share = match arrival {
            Arrival::Nothing => return None,
            Arrival::Half => 0.5,
            Arrival::All => 1.0,
        };
        match self.healthy_milliseconds() {
            None => Some(tally.requests(class) * share),
            Some(healthy) => tally.latency().map(|factor| healthy * factor),
        }
    }

    /// `None` for what is no latency.
    fn healthy_milliseconds(self) -> Option<f64> {
        match self {
            Self::Requests => None,
            Self::Latency => Some(24.0),
            Self::LatencyP50 => Some(20.0),
            Self::LatencyP90 => Some(40.0),
            Self::LatencyP95 => Some(50.0),
            Self::LatencyP99 => Some(80.0),
        }
    }
}
