//! A route as a promotion keeps it: everything it needs to go its whole way, resolved from the configuration when the
//! attempt began. A change of `liftlock.yaml` reaches promotions that start after it, never one under way.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::analysis::{BesideSpec, MetricSpec};
use crate::approval_rule::ApprovalRule;
use crate::asset::{CodeSpec, EnvironmentSpec};
use crate::batch::{BatchSettings, BatchTest, Serving};
use crate::drift::OnDrift;
use crate::gate::GateSpec;
use crate::ids::{ComputeId, EndpointName, ModelName, RouteName, StageName, TargetId, WorkspaceId};
use crate::load_test::LoadTest;
use crate::people::Party;

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Seconds {
    /// `at` and this much later.
    pub fn after(self, at: jiff::Timestamp) -> jiff::Timestamp {
        at.saturating_add(jiff::SignedDuration::from_secs(i64::from(self.0)))
            .expect("whole seconds are within range")
    }
}

/// From one stage to the next: which model, which gates, whose approval, which rollout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// Its name in `liftlock.yaml`.
    pub name: RouteName,
    /// Where candidates come from.
    pub source: SourceStage,
    /// Where they go.
    pub target: TargetStage,
    /// The model that takes this route.
    pub model: ModelName,
    /// What a candidate must pass.
    pub gates: Vec<GateSpec>,
    /// Who must agree.
    pub approval: ApprovalRule,
    /// Who may abort, roll back, reopen, replay and start.
    pub operators: Vec<Party>,
    /// What becomes of a candidate whose target is another one's turn; absent in journals of older releases.
    #[serde(default)]
    pub concurrency: Concurrency,
    /// How it is brought to serve.
    pub rollout: RolloutSpec,
    /// How long Azure may take.
    pub deadlines: Deadlines,
}

impl Route {
    /// The target that this route's rollouts change.
    pub fn target_id(&self) -> TargetId {
        let endpoint = &self.rollout.endpoint;
        match endpoint.serving {
            Serving::Online => TargetId::of(&self.target.workspace, &endpoint.name),
            Serving::Batch => TargetId::of_batch(&self.target.workspace, &endpoint.name),
        }
    }
}

/// What becomes of a candidate whose target is another one's turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Concurrency {
    /// It takes the place of one that it outranks and whose quorum is not complete; behind a rollout it waits.
    #[default]
    Supersede,
    /// It waits.
    Queue,
    /// It ends.
    Reject,
}

impl Concurrency {
    /// The rule for one that cannot be judged yet: it takes nobody's place.
    pub(crate) fn without_superseding(self) -> Self {
        match self {
            Self::Supersede | Self::Queue => Self::Queue,
            Self::Reject => Self::Reject,
        }
    }
}

/// The stage that a candidate comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceStage {
    /// Its name in `liftlock.yaml`.
    pub stage: StageName,
    /// Its workspace.
    pub workspace: WorkspaceId,
}

/// The stage that a candidate goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetStage {
    /// Its name in `liftlock.yaml`.
    pub stage: StageName,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The datastore that copied files land in; absent: the workspace's default.
    pub datastore: Option<String>,
}

/// How a candidate is brought to serve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutSpec {
    /// The endpoint, created if absent.
    pub endpoint: EndpointSpec,
    /// The deployment to make on it.
    pub deployment: DeploymentSpec,
    /// What it must answer before it has traffic.
    pub smoke_test: Option<SmokeTest>,
    /// Weights, pauses and analyses, in order.
    pub steps: Vec<Step>,
    /// What is measured beside them; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<BesideSpec>,
    /// How long the previous deployment stays warm after the candidate is live.
    pub keep_previous: Seconds,
    /// What becomes of it where somebody else changes the endpoint; absent in journals of older releases.
    #[serde(default, skip_serializing_if = "OnDrift::is_pause")]
    pub on_drift: OnDrift,
    /// Of a batch endpoint: the job that its deployment must do before it is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_test: Option<BatchTest>,
}

/// An endpoint, from the user's own `az ml` file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointSpec {
    /// Its name, unique in its region.
    pub name: EndpointName,
    /// How callers prove themselves.
    pub auth_mode: AuthMode,
    /// Free text.
    pub description: Option<String>,
    /// Reachable from the internet; absent: Azure's default.
    pub public_network_access: Option<bool>,
    /// The user's own tags.
    pub tags: BTreeMap<String, String>,
    /// The Kubernetes compute that its deployments run on; absent: machines of Azure ML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeId>,
    /// How it serves; absent in journals of older releases, as wherever it is online.
    #[serde(default, skip_serializing_if = "Serving::is_online")]
    pub serving: Serving,
}

impl EndpointSpec {
    /// What its deployments run on.
    pub fn compute_type(&self) -> ComputeType {
        match self.compute {
            None => ComputeType::Managed,
            Some(_) => ComputeType::Kubernetes,
        }
    }
}

/// What deployments of an endpoint run on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ComputeType {
    /// Machines of Azure ML.
    #[default]
    Managed,
    /// An attached cluster.
    Kubernetes,
}

impl ComputeType {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_managed(&self) -> bool {
        *self == Self::Managed
    }
}

/// How callers of an endpoint prove themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuthMode {
    /// A key that does not expire.
    Key,
    /// A token of Azure ML that does.
    AmlToken,
    /// An Entra token.
    AadToken,
}

/// A deployment, from the user's own `az ml` file; model and name are ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentSpec {
    /// What it runs on; absent in journals of older releases, as wherever it is managed.
    #[serde(default, skip_serializing_if = "ComputeType::is_managed")]
    pub compute_type: ComputeType,
    /// The virtual machine's size, or the name of a Kubernetes instance type; absent: the cluster's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// How many of them.
    pub instance_count: u32,
    /// Free text.
    pub description: Option<String>,
    /// Whether Application Insights collects its logs.
    pub app_insights_enabled: bool,
    /// What its process finds in the environment.
    pub environment_variables: BTreeMap<String, String>,
    /// Concurrency and time-outs of scoring.
    pub request_settings: Option<RequestSettings>,
    /// The user's own tags.
    pub tags: BTreeMap<String, String>,
    /// What only a batch deployment says; absent: it is an online one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchSettings>,
    /// The code that answers; absent: the model brings it along, or the environment's image does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeSpec>,
    /// What it runs in; absent: what Azure makes of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentSpec>,
}

/// Concurrency and time-outs of scoring, in Azure's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestSettings {
    /// Requests at once on one instance.
    pub max_concurrent_requests_per_instance: Option<u32>,
    /// How long scoring may take, in milliseconds.
    pub request_timeout_ms: Option<u32>,
    /// How long a request may wait for its turn, in milliseconds.
    pub max_queue_wait_ms: Option<u32>,
}

/// One request to the candidate before it has traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SmokeTest {
    /// The body to send.
    pub request: serde_json::Value,
    /// A CEL expression over `result`, the answer's JSON.
    pub success_condition: String,
}

/// One step of a rollout, in Argo Rollouts' words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// The candidate's share of traffic, in percent.
    SetWeight(u8),
    /// Copy so many of the champion's requests to the candidate, in percent; nobody gets its answers.
    Mirror(u8),
    /// Wait so long.
    Pause(Seconds),
    /// Wait until a person resumes it.
    PauseUntilResumed,
    /// Measure until it can be told, and go on where all is as it should be.
    Analysis(Vec<MetricSpec>),
    /// Wait so long with all of the traffic, while it is measured beside the steps.
    Bake(Seconds),
    /// Send the candidate many requests before it has traffic.
    LoadTest(LoadTest),
}

impl Step {
    /// What it measures; nothing, where it is no analysis.
    pub fn metrics(&self) -> &[MetricSpec] {
        match self {
            Self::Analysis(metrics) => metrics,
            Self::SetWeight(_)
            | Self::Mirror(_)
            | Self::Pause(_)
            | Self::PauseUntilResumed
            | Self::Bake(_)
            | Self::LoadTest(_) => &[],
        }
    }
}

/// How long is waited before a promotion gives up, or tells people where it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deadlines {
    /// From approval to the last copied byte.
    pub copy: Seconds,
    /// For creating endpoint and deployment.
    pub deployment: Seconds,
    /// For the turn at the target, and for others to let it go.
    #[serde(default = "two_weeks")]
    pub turn: Seconds,
    /// For reading, registering, the smoke test, load tests, and for Azure to accept a deletion.
    #[serde(default = "an_hour")]
    pub calls: Seconds,
    /// For changing the traffic, for reading it back, and for letting the target go.
    #[serde(default = "an_hour")]
    pub traffic: Seconds,
    /// For a deletion that Azure has begun.
    #[serde(default = "a_day")]
    pub deletion: Seconds,
    /// For a message to people, and to another promotion.
    #[serde(default = "a_day")]
    pub messages: Seconds,
    /// For a person to resume a pause that has no end of its own.
    #[serde(default = "a_week")]
    pub resume: Seconds,
}

impl Deadlines {
    /// The same for everything.
    pub fn all(deadline: Seconds) -> Self {
        Self {
            copy: deadline,
            deployment: deadline,
            turn: deadline,
            calls: deadline,
            traffic: deadline,
            deletion: deadline,
            messages: deadline,
            resume: deadline,
        }
    }
}

// What promotions have that were opened before there were such deadlines.

fn two_weeks() -> Seconds {
    Seconds(14 * 24 * 60 * 60)
}

pub(crate) fn an_hour() -> Seconds {
    Seconds(60 * 60)
}

fn a_day() -> Seconds {
    Seconds(24 * 60 * 60)
}

fn a_week() -> Seconds {
    Seconds(7 * 24 * 60 * 60)
}
