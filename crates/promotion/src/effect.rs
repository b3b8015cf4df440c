//! Effects: what is wanted of the outside world, so specific that performing one leaves nothing to choose.
//!
//! Each is safe to repeat; how, is its class. A new effect needs a variant here, a file in the shell's `effects/`, and an
//! outcome.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::analysis::{AnalysisId, MetricSpec};
use crate::asset::{CodeSpec, EnvironmentSpec};
use crate::batch::{BatchTest, Serving, TestedBy};
use crate::candidate::Candidate;
use crate::digest::Digest;
use crate::drift::{Expected, Serves};
use crate::ending::WayBackCause;
use crate::ids::{
    ComputeId, DeploymentName, EndpointName, ModelName, ModelVersion, PromotionId, RunId, TargetId,
    WorkspaceId,
};
use crate::intake::JobOutput;
use crate::load_test::LoadTest;
use crate::manifest::{BlobPlace, Manifest};
use crate::notice::Notice;
use crate::route::{Concurrency, DeploymentSpec, EndpointSpec, SmokeTest};
use crate::traffic::{Mirror, Traffic};
use crate::voters::Relied;

/// One planned effect of one promotion: its attempt, its number, its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectKey(pub(crate) String);

impl EffectKey {
    /// As it stands in the journal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wanted of the outside world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Effect {
    /// Read the candidate: its version, its files, its run, who trained it.
    ObserveCandidate {
        /// Which.
        candidate: Candidate,
    },
    /// Read the target: its endpoint, its traffic, who serves, where copied files go.
    ObserveTarget {
        /// The target stage's workspace.
        workspace: WorkspaceId,
        /// Its endpoint.
        endpoint: EndpointName,
        /// Where copied files go; absent: the workspace's default datastore.
        datastore: Option<String>,
        /// The Kubernetes compute that the endpoint is on if it is there; absent: it is a managed one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compute: Option<ComputeId>,
        /// How the endpoint serves.
        #[serde(default, skip_serializing_if = "Serving::is_online")]
        serving: Serving,
    },
    /// Read the metrics that an earlier promotion journaled.
    RecallEvidence {
        /// That promotion.
        promotion: PromotionId,
    },
    /// List the files of a folder.
    ObserveManifest {
        /// The folder.
        place: BlobPlace,
    },
    /// Copy files from account to account.
    CopyFiles {
        /// The source folder.
        from: BlobPlace,
        /// The destination folder.
        to: BlobPlace,
        /// What to copy, each file pinned by its entity tag.
        manifest: Manifest,
    },
    /// Register the copied files as a version of the same number.
    RegisterModel {
        /// The target stage's workspace.
        workspace: WorkspaceId,
        /// The model.
        model: ModelName,
        /// Its version.
        version: ModelVersion,
        /// `mlflow_model` and the like.
        model_type: String,
        /// Where its files lie.
        uri: String,
        /// The manifest that makes it this version and no other.
        manifest: Digest,
        /// Lineage: where it came from.
        properties: BTreeMap<String, String>,
    },
    /// Become the one who asks about the target and then changes it.
    TakeTurn {
        /// The target.
        target: TargetId,
        /// What to do where it is another one's.
        concurrency: Concurrency,
    },
    /// Become the only one who changes the target.
    TakeLease {
        /// The target.
        target: TargetId,
        /// A rollback by hand goes before a rollout that has not moved traffic.
        urgent: bool,
    },
    /// Let others change the target.
    ReleaseLease {
        /// The target.
        target: TargetId,
        /// Why nothing is promoted to it from then on, until a person lifts the hold; absent: nothing stands against that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<Box<WayBackCause>>,
    },
    /// Make the endpoint.
    CreateEndpoint {
        /// Where.
        workspace: WorkspaceId,
        /// The region.
        location: String,
        /// What.
        spec: EndpointSpec,
    },
    /// Make the candidate's deployment beside the others, without traffic.
    CreateDeployment {
        /// Where.
        workspace: WorkspaceId,
        /// The region.
        location: String,
        /// On which endpoint.
        endpoint: EndpointName,
        /// Under which name.
        deployment: DeploymentName,
        /// Of which model.
        model: ModelName,
        /// In which version.
        version: ModelVersion,
        /// Of what else.
        spec: DeploymentSpec,
    },
    /// Ask the deployment by name, while it has no traffic.
    SmokeTest {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// Which deployment.
        deployment: DeploymentName,
        /// What to ask and what to expect.
        test: SmokeTest,
    },
    /// Measure a deployment that serves.
    Measure {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// The candidate's deployment.
        deployment: DeploymentName,
        /// The champion's; absent: nothing serves beside it.
        champion: Option<DeploymentName>,
        /// For which analysis.
        analysis: AnalysisId,
        /// Nothing before this is measured.
        since: jiff::Timestamp,
        /// What is due.
        metrics: Vec<MetricSpec>,
        /// What the endpoint shows unless somebody else has changed it; absent: nothing is expected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expects: Option<Box<Expected>>,
    },
    /// Give the endpoint exactly this traffic.
    SetTraffic {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// What.
        traffic: Traffic,
        /// What is copied to the candidate besides; absent: it is nobody's business.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mirror: Option<Mirror>,
        /// What it shows before, unless somebody else has changed it; absent: whatever it shows is overwritten.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expects: Option<Box<Expected>>,
        /// How the endpoint serves.
        #[serde(default, skip_serializing_if = "Serving::is_online")]
        serving: Serving,
    },
    /// Read the endpoint's traffic once no delayed call of ours can land any more.
    VerifyTraffic {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// Not before.
        not_before: jiff::Timestamp,
        /// How the endpoint serves.
        #[serde(default, skip_serializing_if = "Serving::is_online")]
        serving: Serving,
        /// Deployments that are there besides, unless somebody else has changed that.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        expects: Vec<Serves>,
    },
    /// Look at what would serve again, and ask it by name, while it still has the traffic.
    ProveWayBack {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// The traffic that the way back restores.
        back: Traffic,
        /// What to ask; absent: the route has no smoke test, so nothing is known that it would answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<serde_json::Value>,
        /// How the endpoint serves.
        #[serde(default, skip_serializing_if = "Serving::is_online")]
        serving: Serving,
    },
    /// Delete a deployment that Liftlock made and that has no traffic.
    DeleteDeployment {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// Which deployment.
        deployment: DeploymentName,
        /// Not before; absent: at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<jiff::Timestamp>,
        /// How the endpoint serves.
        #[serde(default, skip_serializing_if = "Serving::is_online")]
        serving: Serving,
    },
    /// Tell the promotion before this one that its previous deployment is not needed any more.
    EndKeepPrevious {
        /// That promotion.
        promotion: PromotionId,
    },
    /// Tell people.
    Notify {
        /// What.
        notice: Notice,
    },
    /// Read a completed job: its outcome, its output, versions made from it.
    ObserveJob {
        /// Where.
        workspace: WorkspaceId,
        /// Which.
        run: RunId,
        /// The model that its output becomes.
        model: ModelName,
        /// The output's name.
        output: JobOutput,
    },
    /// Register a job's output as this version.
    RegisterOutput {
        /// Where.
        workspace: WorkspaceId,
        /// From which run.
        run: RunId,
        /// As which model.
        model: ModelName,
        /// As which version, chosen and journaled before.
        version: ModelVersion,
        /// `mlflow_model` and the like.
        model_type: String,
        /// Where its files lie.
        uri: String,
    },
    /// Open, for every route that matches, the promotion of this version.
    OpenPromotions {
        /// Where.
        workspace: WorkspaceId,
        /// Which model.
        model: ModelName,
        /// Which version.
        version: ModelVersion,
    },
    /// Have a batch deployment score the sample data, and read what that came to.
    TestJob {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// On what.
        test: BatchTest,
        /// By which deployment, and where the result goes.
        job: TestedBy,
    },
    /// Upload the deployment's code and register it, unless it is there.
    RegisterCode {
        /// The target stage's workspace.
        workspace: WorkspaceId,
        /// Where its files go.
        place: BlobPlace,
        /// What.
        code: CodeSpec,
        /// Which promotion it was registered for first.
        promotion: PromotionId,
    },
    /// Register the deployment's environment, unless it is there; one that is only referred to has to be.
    RegisterEnvironment {
        /// The target stage's workspace.
        workspace: WorkspaceId,
        /// What.
        environment: EnvironmentSpec,
        /// Which promotion it was registered for first.
        promotion: PromotionId,
    },
    /// Send the deployment many requests by name, while it has no traffic.
    LoadTest {
        /// Where.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointName,
        /// Which deployment.
        deployment: DeploymentName,
        /// What to send, how fast, and what to expect.
        test: LoadTest,
        /// The deployment whose callers' requests are sent; absent: these are in the test.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collected_of: Option<DeploymentName>,
    },
    /// See whether those still hold what their word rests on whom the next act relies on.
    SeeVoters {
        /// Whose word it is.
        relied: Vec<Relied>,
    },
}
