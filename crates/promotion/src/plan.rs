//! The plan: everything a rollout will do, with names and weights chosen, before anyone is asked.

use serde::{Deserialize, Serialize};

use crate::analysis::{BesideSpec, MetricSpec};
use crate::asset::CodeSpec;
use crate::batch::{self, PlannedBatchTest};
use crate::candidate::Candidate;
use crate::champion::Champion;
use crate::digest::Digest;
use crate::drift::OnDrift;
use crate::ids::{Attempt, DeploymentName, PromotionId};
use crate::load_test::LoadTest;
use crate::manifest::{BlobPlace, Manifest};
use crate::report::Landing;
use crate::requests::Requests;
use crate::route::{DeploymentSpec, EndpointSpec, Route, Seconds, SmokeTest, Step};
use crate::traffic::{Mirror, Traffic};

/// What a rollout will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Where the files go.
    pub destination: BlobPlace,
    /// What the registered version will say of that place.
    pub model_uri: String,
    /// The region that endpoint and deployment are made in.
    pub location: String,
    /// The endpoint, and whether it has to be made.
    pub endpoint: EndpointSpec,
    /// Whether it was there when the plan was made.
    pub endpoint_exists: bool,
    /// The candidate's deployment.
    pub deployment: DeploymentName,
    /// What that deployment is made of.
    pub deployment_spec: DeploymentSpec,
    /// What it must answer before it has traffic.
    pub smoke_test: Option<SmokeTest>,
    /// Traffic, pauses and analyses, in order.
    pub steps: Vec<PlannedStep>,
    /// What is measured beside them; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<BesideSpec>,
    /// The traffic that the way back restores.
    pub way_back: Traffic,
    /// How long the previous deployment stays warm.
    pub keep_previous: Seconds,
    /// What becomes of it where somebody else changes the endpoint.
    #[serde(default, skip_serializing_if = "OnDrift::is_pause")]
    pub on_drift: OnDrift,
    /// Of a batch endpoint: the jobs that test the candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_test: Option<PlannedBatchTest>,
}

/// One step with its weights resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PlannedStep {
    /// Give the endpoint exactly this traffic.
    SetTraffic(Traffic),
    /// Copy so many of the champion's requests to the candidate, in percent.
    Mirror(u8),
    /// Wait so long.
    Pause(Seconds),
    /// Wait until a person resumes it.
    PauseUntilResumed,
    /// Measure until it can be told.
    Analysis(Vec<MetricSpec>),
    /// Wait so long while it is measured beside the steps.
    Bake(Seconds),
    /// Send the candidate many requests.
    LoadTest(LoadTest),
}

impl PlannedStep {
    /// What it measures, where it is an analysis.
    pub(crate) fn metrics(&self) -> Option<&[MetricSpec]> {
        match self {
            Self::Analysis(metrics) => Some(metrics),
            Self::SetTraffic(_)
            | Self::Mirror(_)
            | Self::Pause(_)
            | Self::PauseUntilResumed
            | Self::Bake(_)
            | Self::LoadTest(_) => None,
        }
    }
}

impl Plan {
    /// That so much is copied to the candidate; where no step mirrors, what is mirrored is nobody's business.
    pub(crate) fn mirrored(&self, percent: u8) -> Option<Mirror> {
        let mirrors = |step: &PlannedStep| matches!(step, PlannedStep::Mirror(_));
        self.steps.iter().any(mirrors).then(|| Mirror {
            deployment: self.deployment.clone(),
            percent,
        })
    }

    /// Where code goes: beside the model's files, in a folder of its content. Whether Azure takes code from another datastore
    /// than the workspace's default one has not been tried.
    pub(crate) fn place_of(&self, code: &CodeSpec) -> BlobPlace {
        BlobPlace {
            account: self.destination.account.clone(),
            container: self.destination.container.clone(),
            prefix: format!("liftlock/code/{}", code.digest),
        }
    }

    pub(crate) fn new(
        id: &PromotionId,
        attempt: Attempt,
        route: &Route,
        candidate: &Candidate,
        manifest: &Manifest,
        landing: &Landing,
        champion: &Champion,
    ) -> Self {
        let deployment = deployment_name(id, attempt);
        let folder = |text: &str| text.replace(['/', '\\'], "-");
        let (model, version) = (
            folder(candidate.model.as_str()),
            folder(candidate.version.as_str()),
        );
        let prefix = format!("liftlock/{model}/{version}/{}", manifest.digest().short(32));
        Self {
            model_uri: format!(
                "azureml:/{}/datastores/{}/paths/{prefix}",
                landing.workspace_path, landing.datastore
            ),
            destination: BlobPlace {
                account: landing.account.clone(),
                container: landing.container.clone(),
                prefix,
            },
            location: landing.location.clone(),
            endpoint: route.rollout.endpoint.clone(),
            endpoint_exists: landing.endpoint_exists,
            steps: resolve(&route.rollout.steps, &deployment, champion.deployment()),
            // Without a champion there is nothing to compare with and no step to watch.
            beside: champion
                .deployment()
                .and_then(|_| route.rollout.beside.clone()),
            way_back: champion
                .deployment()
                .map(Traffic::all_to)
                .unwrap_or_default(),
            batch_test: batch::planned((id, attempt), route, landing, &deployment, champion),
            deployment,
            deployment_spec: route.rollout.deployment.clone(),
            smoke_test: route.rollout.smoke_test.clone(),
            keep_previous: route.rollout.keep_previous,
            on_drift: route.rollout.on_drift,
        }
    }
}

/// Without a champion all traffic goes over at once: 0 or 100 is all that Azure takes then. What it bears is tried before.
fn resolve(
    steps: &[Step],
    candidate: &DeploymentName,
    champion: Option<&DeploymentName>,
) -> Vec<PlannedStep> {
    let Some(champion) = champion else {
        let before = steps.iter().filter_map(|step| match step {
            // Where nobody serves nobody has called.
            Step::LoadTest(test) => match test.requests {
                Requests::Given(_) => Some(PlannedStep::LoadTest(test.clone())),
                Requests::Collected(_) => None,
            },
            Step::SetWeight(_)
            | Step::Mirror(_)
            | Step::Pause(_)
            | Step::PauseUntilResumed
            | Step::Analysis(_)
            | Step::Bake(_) => None,
        });
        let all = PlannedStep::SetTraffic(Traffic::all_to(candidate));
        return before.chain([all]).collect();
    };
    steps
        .iter()
        .map(|step| match step {
            Step::SetWeight(weight) => {
                PlannedStep::SetTraffic(Traffic::split(candidate, *weight, champion))
            }
            Step::Mirror(percent) => PlannedStep::Mirror(*percent),
            Step::Pause(length) => PlannedStep::Pause(*length),
            Step::PauseUntilResumed => PlannedStep::PauseUntilResumed,
            Step::Analysis(metrics) => PlannedStep::Analysis(metrics.clone()),
            Step::Bake(length) => PlannedStep::Bake(*length),
            Step::LoadTest(test) => PlannedStep::LoadTest(test.clone()),
        })
        .collect()
}

/// The deployment's name for one attempt: at most 32 characters, lower case, starting with a letter, used by nobody else
/// and never again.
pub fn deployment_name(id: &PromotionId, attempt: Attempt) -> DeploymentName {
    let hash = Digest::of_parts(&[id.as_str(), &attempt.to_string()]);
    let letters = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let readable: String = id
        .as_str()
        .chars()
        .take_while(|c| *c != '.')
        .map(letters)
        .take(12)
        .collect();
    DeploymentName::new(format!(
        "ll-{}-{}-{attempt}",
        readable.trim_matches('-'),
        hash.short(8)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_name_is_what_azure_takes() {
        for id in [
            "diabetes-2.to-prod-0123456789",
            "A_very_long_model_name-123456.route-0123456789",
            "ö-1.r-00",
        ] {
            let name = deployment_name(&PromotionId::new(id), Attempt::new(12));
            assert!((3..=32).contains(&name.as_str().len()), "{name}");
            assert!(
                name.as_str()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{name}"
            );
        }
    }

    #[test]
    fn every_attempt_has_its_own_deployment() {
        let id = PromotionId::new("m-1.r-0");
        assert_ne!(
            deployment_name(&id, Attempt::FIRST),
            deployment_name(&id, Attempt::FIRST.next())
        );
    }
}
