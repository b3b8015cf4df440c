//! An endpoint's traffic: which deployment has how many percent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::ids::DeploymentName;

/// Percent by deployment. Deployments without traffic are not in it, so equal splits are equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Traffic(BTreeMap<DeploymentName, u8>);

/// Requests that are copied to a deployment whose answers nobody gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mirror {
    /// Which.
    pub deployment: DeploymentName,
    /// How many of the endpoint's, in percent.
    pub percent: u8,
}

/// Traffic that we wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct TrafficWrite {
    /// What.
    pub traffic: Traffic,
    /// What is copied to the candidate besides.
    pub mirror: Option<Mirror>,
    /// When it was planned; its calls may land from then on.
    pub at: Timestamp,
    /// Whether it has read back.
    pub settled: bool,
    /// Whether it is not wanted any more: it has waited, and is planned anew once all that it rests on was looked at again. As far
    /// as anybody knows it was not sent; a call whose sender died may still land.
    pub(crate) withdrawn: bool,
    /// What the endpoint was found to show where it should have shown something else: this sets it right.
    pub(crate) instead_of: Option<FoundInstead>,
    /// What was written before it; nothing, where that is known no more.
    pub(crate) before: Option<Box<TrafficWrite>>,
}

/// What an endpoint shows that somebody else has changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundInstead {
    pub(crate) traffic: Traffic,
    /// Requests copied to the candidate, in percent.
    pub(crate) copied: u8,
}

impl Traffic {
    /// Leaves out what has none.
    pub fn new(shares: impl IntoIterator<Item = (DeploymentName, u8)>) -> Self {
        Self(
            shares
                .into_iter()
                .filter(|(_, percent)| *percent > 0)
                .collect(),
        )
    }

    /// Everything to one deployment.
    pub fn all_to(deployment: &DeploymentName) -> Self {
        Self::new([(deployment.clone(), 100)])
    }

    /// `weight` percent to the candidate and the rest to the champion.
    pub(crate) fn split(candidate: &DeploymentName, weight: u8, champion: &DeploymentName) -> Self {
        Self::new([
            (candidate.clone(), weight),
            (champion.clone(), 100 - weight),
        ])
    }

    /// A deployment's percent.
    pub fn of(&self, deployment: &DeploymentName) -> u8 {
        self.0.get(deployment).copied().unwrap_or(0)
    }

    /// Deployments with traffic.
    pub fn shares(&self) -> impl Iterator<Item = (&DeploymentName, u8)> {
        self.0.iter().map(|(name, percent)| (name, *percent))
    }

    /// Whether nothing serves.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        let parts: Vec<String> = self
            .shares()
            .map(|(name, percent)| format!("{percent} % {name}"))
            .collect();
        f.write_str(&parts.join(", "))
    }
}
