//! What online deployments run on: machines of Azure ML, or a Kubernetes cluster that is attached to the workspace.

use serde_json::{Value, json};

/// What a deployment runs on, and all deployments of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunsOn {
    Managed,
    Kubernetes,
}

impl RunsOn {
    /// ARM's `endpointComputeType`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "Managed" => Some(Self::Managed),
            "Kubernetes" => Some(Self::Kubernetes),
            _ => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Managed => "Managed",
            Self::Kubernetes => "Kubernetes",
        }
    }

    /// The resource's `kind`; the SDK's documentation tells the two apart as "K8s" and "Managed", seen in no answer.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Managed => "Managed",
            Self::Kubernetes => "K8S",
        }
    }

    /// The instance type and the scale settings that are taken where none are asked for: on Kubernetes the number of
    /// instances follows the load (OpenAPI, `OnlineDeployment.scaleSettings`).
    pub(crate) fn defaults(self) -> (&'static str, Value) {
        match self {
            Self::Managed => ("Standard_DS3_v2", json!({"scaleType": "Default"})),
            Self::Kubernetes => (
                "defaultinstancetype",
                json!({
                    "scaleType": "TargetUtilization", "minInstances": 1, "maxInstances": 1,
                    "targetUtilizationPercentage": 70, "pollingInterval": "PT1S",
                }),
            ),
        }
    }
}
