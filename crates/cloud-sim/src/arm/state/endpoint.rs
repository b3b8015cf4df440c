//! Online endpoints and the rules of their traffic.
//!
//! Weights are whole percentages of existing deployments and sum to 0 or 100; with one deployment that leaves 0 or 100.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::monitor::{Record, Share};

use super::ids::key;
use super::{Deployment, ProvisioningState, Refusal, RunsOn, Stamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthMode {
    Key,
    AmlToken,
    AadToken,
}

impl AuthMode {
    /// The SDK sends `key`, `Key` or `aadToken`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "key" => Some(Self::Key),
            "amltoken" => Some(Self::AmlToken),
            "aadtoken" => Some(Self::AadToken),
            _ => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Key => "Key",
            Self::AmlToken => "AMLToken",
            Self::AadToken => "AADToken",
        }
    }
}

/// What whoever puts the endpoint asks for.
#[derive(Debug, Clone)]
pub(crate) struct EndpointSpec {
    pub(crate) auth_mode: AuthMode,
    pub(crate) identity: String,
    pub(crate) description: Option<String>,
    pub(crate) public_network_access: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) properties: Map<String, Value>,
    /// ARM id of the cluster that its deployments run on; none: machines of Azure ML.
    pub(crate) compute: Option<String>,
    /// Percentages by deployment, zeros left out.
    pub(crate) traffic: BTreeMap<String, u32>,
    /// Percentages of copied requests, zeros left out.
    pub(crate) mirror: BTreeMap<String, u32>,
}

/// The weights that a call asks for, before they are checked.
#[derive(Debug, Default)]
pub(crate) struct AskedTraffic {
    /// Percent by deployment.
    pub(crate) live: BTreeMap<String, i64>,
    /// Percent of copied requests by deployment.
    pub(crate) mirror: BTreeMap<String, i64>,
}

#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) spec: EndpointSpec,
    pub(crate) state: ProvisioningState,
    pub(crate) keys: [String; 2],
    pub(crate) token: String,
    pub(crate) deployments: BTreeMap<String, Deployment>,
    /// Credits of the weighted round robin.
    balance: BTreeMap<String, i64>,
    /// What it served, for whoever measures it.
    pub(crate) record: Record,
    pub(crate) operation_uri: Option<String>,
    pub(crate) stamp: Stamp,
}

impl Endpoint {
    /// An endpoint that is being created: it serves nothing yet.
    pub(crate) fn new(
        name: &str,
        mut spec: EndpointSpec,
        secret: &dyn Fn() -> String,
        stamp: Stamp,
    ) -> Self {
        spec.traffic.clear();
        spec.mirror.clear();
        Self {
            name: name.into(),
            spec,
            state: ProvisioningState::Creating,
            keys: [secret(), secret()],
            token: secret(),
            deployments: BTreeMap::new(),
            balance: BTreeMap::new(),
            record: Record::default(),
            operation_uri: None,
            stamp,
        }
    }

    pub(crate) fn deployment(&self, name: &str) -> Result<&Deployment, Refusal> {
        self.deployments
            .get(&key(name))
            .ok_or_else(|| Refusal::not_found("online deployment", name))
    }

    pub(crate) fn deployment_mut(&mut self, name: &str) -> Result<&mut Deployment, Refusal> {
        self.deployments
            .get_mut(&key(name))
            .ok_or_else(|| Refusal::not_found("online deployment", name))
    }

    /// What its deployments run on.
    pub(crate) fn runs_on(&self) -> RunsOn {
        match self.spec.compute {
            None => RunsOn::Managed,
            Some(_) => RunsOn::Kubernetes,
        }
    }

    /// Percentage that the deployment gets now.
    pub(crate) fn weight(&self, deployment: &str) -> u32 {
        self.spec
            .traffic
            .get(&key(deployment))
            .copied()
            .unwrap_or(0)
    }

    /// Percentage of the endpoint's requests that is copied to the deployment.
    pub(crate) fn copied(&self, deployment: &str) -> u32 {
        self.spec.mirror.get(&key(deployment)).copied().unwrap_or(0)
    }

    /// From `at` on the traffic goes where it goes now: to be called whenever weights or models have changed.
    pub(crate) fn note_traffic(&mut self, at: Timestamp) {
        let served = self.deployments.iter();
        let shares = served.map(|(name, deployment)| Share {
            deployment: name.clone(),
            model: deployment.spec.model.clone(),
            // Copied requests are answered like any others; nobody gets the answers.
            weight: self.weight(name) + self.copied(name),
        });
        let shares = shares.filter(|share| share.weight > 0).collect();
        self.record.split(at, shares);
    }

    /// The asked weights under the keys of existing deployments, or why not.
    pub(crate) fn check_traffic(
        &self,
        asked: &BTreeMap<String, i64>,
    ) -> Result<BTreeMap<String, u32>, Refusal> {
        let mut weights = BTreeMap::new();
        for (name, &percent) in asked {
            let weight = u32::try_from(percent).ok().filter(|w| *w <= 100);
            let weight = weight.ok_or_else(|| {
                Refusal::invalid(format!("Traffic of deployment '{name}' must be a whole number from 0 to 100, not {percent}."))
            })?;
            self.check_target(name, weight)?;
            if weight > 0 {
                weights.insert(key(name), weight);
            }
        }
        match weights.values().sum::<u32>() {
            0 | 100 => Ok(weights),
            sum => Err(Refusal::invalid(format!(
                "Traffic values must sum to 0 or 100, not {sum}."
            ))),
        }
    }

    /// The asked copies under the keys of existing deployments: of one at most, and half of the requests at most.
    pub(crate) fn check_mirror(
        &self,
        asked: &BTreeMap<String, i64>,
    ) -> Result<BTreeMap<String, u32>, Refusal> {
        let mut copies = BTreeMap::new();
        for (name, &percent) in asked.iter().filter(|(_, percent)| **percent != 0) {
            let share = u32::try_from(percent).ok().filter(|share| *share <= 50);
            let share = share.ok_or_else(|| {
                Refusal::invalid(format!(
                    "Mirrored traffic of deployment '{name}' must be from 0 to 50, not {percent}."
                ))
            })?;
            self.check_target(name, share)?;
            copies.insert(key(name), share);
        }
        if self.spec.compute.is_some() && !copies.is_empty() {
            return Err(Refusal::invalid(
                "Traffic cannot be mirrored at a Kubernetes online endpoint.",
            ));
        }
        if copies.len() > 1 {
            return Err(Refusal::invalid(
                "Traffic can be mirrored to one deployment only.",
            ));
        }
        Ok(copies)
    }

    fn check_target(&self, name: &str, weight: u32) -> Result<(), Refusal> {
        let Some(deployment) = self.deployments.get(&key(name)) else {
            return Err(Refusal::invalid(format!(
                "Traffic names the deployment '{name}', which does not exist."
            )));
        };
        if weight > 0 && deployment.loaded.is_none() {
            let state = deployment.state.word();
            return Err(Refusal::invalid(format!(
                "Traffic cannot be sent to deployment '{name}': its provisioning state is {state}."
            )));
        }
        Ok(())
    }

    /// The next deployment by smooth weighted round robin: of 100 requests each gets exactly its percentage.
    pub(crate) fn pick(&mut self) -> Option<String> {
        for (name, weight) in &self.spec.traffic {
            *self.balance.entry(name.clone()).or_default() += i64::from(*weight);
        }
        let traffic = &self.spec.traffic;
        self.balance.retain(|name, _| traffic.contains_key(name));
        let (name, credit) = self.balance.iter_mut().max_by_key(|(_, credit)| **credit)?;
        *credit -= 100;
        Some(name.clone())
    }
}
