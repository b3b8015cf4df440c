//! The champion: the model of the deployment that has all the traffic.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::evidence::{Evidence, MetricSource};
use crate::ids::{DeploymentName, ModelName, ModelVersion, PromotionId, RunId};

/// Who serves now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Champion {
    /// No endpoint, or no deployment with traffic.
    None,
    /// One deployment has all of it.
    Serving(ServingModel),
    /// Several share it, or it cannot be read.
    Unclear {
        /// What was found.
        detail: String,
    },
}

/// A model that serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServingModel {
    /// The deployment with all the traffic.
    pub deployment: DeploymentName,
    /// Its model's name.
    pub model: ModelName,
    /// Its model's version.
    pub version: ModelVersion,
    /// The promotion that its version's properties name.
    pub promotion: Option<PromotionId>,
    /// The promotion that made its deployment, by the deployment's own tag; absent in journals of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed_by: Option<PromotionId>,
    /// The metrics that [`ServingModel::promotion`] journaled.
    #[serde(with = "crate::number::by_name")]
    pub journaled: BTreeMap<String, f64>,
    /// The source run that its version's properties name.
    pub run: Option<RunId>,
    /// That run's metrics.
    #[serde(with = "crate::number::by_name")]
    pub run_metrics: BTreeMap<String, f64>,
    /// The version's numeric tags.
    #[serde(with = "crate::number::by_name")]
    pub tags: BTreeMap<String, f64>,
}

impl ServingModel {
    /// The journaled evidence, else the source run's, else (where the gate takes tags) the version's tags.
    pub(crate) fn metric(&self, metric: &str, tags_count: bool) -> Option<Evidence> {
        let journaled = self.promotion.as_ref().zip(self.journaled.get(metric));
        let run = self.run.as_ref().zip(self.run_metrics.get(metric));
        let tag = self.tags.get(metric).filter(|_| tags_count);
        journaled
            .map(|(promotion, value)| {
                (
                    *value,
                    MetricSource::Journal {
                        promotion: promotion.clone(),
                    },
                )
            })
            .or_else(|| run.map(|(run, value)| (*value, MetricSource::Run { run: run.clone() })))
            .or_else(|| tag.map(|value| (*value, MetricSource::Tags)))
            .map(|(value, source)| Evidence { value, source })
    }
}

impl Champion {
    /// The deployment that serves, if exactly one does.
    pub fn deployment(&self) -> Option<&DeploymentName> {
        self.serving().map(|serving| &serving.deployment)
    }

    /// The model that serves, where there is one.
    pub(crate) fn serving(&self) -> Option<&ServingModel> {
        match self {
            Self::Serving(serving) => Some(serving),
            Self::None | Self::Unclear { .. } => None,
        }
    }

    /// Whether the same deployment of the same version serves in both.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Serving(a), Self::Serving(b)) => {
                (&a.deployment, &a.model, &a.version) == (&b.deployment, &b.model, &b.version)
            }
            (Self::None | Self::Serving(_) | Self::Unclear { .. }, _) => false,
        }
    }
}
