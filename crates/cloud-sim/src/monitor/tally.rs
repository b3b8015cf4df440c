//! The requests of one minute: how many of which class, and how long they took.

use std::collections::BTreeMap;
use std::fmt;

use http::StatusCode;

/// `2xx` … `5xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StatusClass(u16);

impl StatusClass {
    pub(crate) const OK: Self = Self(2);
    pub(crate) const SERVER_ERROR: Self = Self(5);

    pub(crate) fn of(status: StatusCode) -> Self {
        Self(status.as_u16() / 100)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digit = text.to_ascii_lowercase();
        let class = digit.strip_suffix("xx")?.parse().ok()?;
        (1..=5).contains(&class).then_some(Self(class))
    }
}

impl fmt::Display for StatusClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}xx", self.0)
    }
}

/// Counts are expected values and need not be whole.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    by_class: BTreeMap<StatusClass, f64>,
    /// Sum over all requests of their latencies, as multiples of a healthy deployment's.
    latencies: f64,
}

impl Tally {
    pub(crate) fn add(&mut self, class: StatusClass, requests: f64, latency: f64) {
        *self.by_class.entry(class).or_default() += requests;
        self.latencies += requests * latency;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (class, requests) in &other.by_class {
            *self.by_class.entry(*class).or_default() += requests;
        }
        self.latencies += other.latencies;
    }

    /// How many, of this class or of all.
    pub(crate) fn requests(&self, class: Option<StatusClass>) -> f64 {
        match class {
            Some(class) => self.by_class.get(&class).copied().unwrap_or(0.0),
            None => self.by_class.values().sum(),
        }
    }

    /// How many times as long as a healthy deployment the requests took on average; `None`: there were none.
    pub(crate) fn latency(&self) -> Option<f64> {
        let requests = self.requests(None);
        (requests > 0.0).then(|| self.latencies / requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_a_digit_and_two_letters() {
        assert_eq!(StatusClass::parse("5xx"), Some(StatusClass::SERVER_ERROR));
        assert_eq!(StatusClass::parse("2XX"), Some(StatusClass::OK));
        let bad = ["", "5", "xx", "6xx", "0xx", "503", "5xxx"];
        assert!(bad.iter().all(|text| StatusClass::parse(text).is_none()));
    }
}
