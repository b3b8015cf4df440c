//! The world of a story: who trained what, who serves, and what the outside answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use promotion::analysis::{
    BesideSpec, Measured, Measurement, MetricRule, MetricSpec, Provider, Reading, Taken,
};
use promotion::{
    ApprovalRule, Author, BlobPlace, Candidate, CandidateEvidence, Cause, Champion, CodeSpec,
    Concurrency, Consent, Deadlines, DeploymentName, DeploymentSpec, Digest, Effect,
    EnvironmentSpec, Escalation, Failure, FileEntry, GateSpec, Held, JobReply, Landing, Lineage,
    Look, Manifest, ModelName, ModelVersion, NoChampion, OnDrift, Opening, Outcome, Party, Person,
    PersonId, Registration, Report, Requirement, Role, RolloutSpec, Route, RouteName, RunEvidence,
    RunId, Seconds, Serving, ServingModel, SmokeReply, Source, SourceModel, SourceStage, StageName,
    Step, TargetStage, Traffic, WayBackProof, WorkspaceId,
};

use super::rollouts::{batch_rollout, rollout};
use crate::ui::{FrozenView, Links, Viewer};

pub(super) const APPROVER: &str = "Model.Approver";

/// What the outside answers.
pub(super) struct World {
    pub(super) model: String,
    pub(super) version: String,
    pub(super) route: String,
    pub(super) gates: Vec<GateSpec>,
    pub(super) min_approvals: u32,
    /// Who must be among them.
    pub(super) required: Vec<Requirement>,
    /// Who may answer as well after a while.
    pub(super) escalation: Option<Escalation>,
    /// Who may go past that.
    pub(super) overriders: Vec<Party>,
    pub(super) consent: Consent,
    pub(super) metrics: BTreeMap<String, Option<f64>>,
    pub(super) tags: BTreeMap<String, f64>,
    pub(super) trained_by: Author,
    pub(super) registered_by: Option<String>,
    pub(super) job_link: Option<String>,
    pub(super) champion: Champion,
    pub(super) files: Vec<FileEntry>,
    pub(super) smoke: SmokeReply,
    /// What looking at the way back comes to.
    pub(super) proof: WayBackProof,
    pub(super) on_drift: OnDrift,
    pub(super) serving: Serving,
    /// What the test jobs come to, by the deployment's name; others come to five rows.
    pub(super) jobs: Vec<JobReply>,
    pub(super) steps: Vec<Step>,
    /// What its deployment brings along.
    pub(super) brought: Option<(CodeSpec, EnvironmentSpec)>,
    /// What is measured beside them.
    pub(super) beside: Option<BesideSpec>,
    /// What measurements come to.
    pub(super) comes_to: Measured,
    /// Reports to give instead of success, by the effect's kind.
    pub(super) faults: Vec<(&'static str, Report)>,
    /// What the endpoint has.
    pub(super) traffic: Traffic,
}

impl Default for World {
    fn default() -> Self {
        Self {
            model: "diabetes".to_owned(),
            version: "2".to_owned(),
            route: "diabetes-to-prod".to_owned(),
            gates: vec![at_most("rmse", 60.0), beats_champion("rmse")],
            min_approvals: 1,
            required: vec![],
            escalation: None,
            overriders: vec![],
            consent: Consent::People,
            metrics: BTreeMap::from([("rmse".to_owned(), Some(53.369_71))]),
            tags: BTreeMap::new(),
            trained_by: Author::Person {
                person: person("a", "Tina Trainer"),
            },
            registered_by: Some("Tina Trainer".to_owned()),
            job_link: Some("https://ml.azure.com/runs/happy_sun_1".to_owned()),
            champion: serving(54.6129),
            files: vec![file("MLmodel", 412), file("coefficients.json", 1_284)],
            smoke: SmokeReply {
                passed: true,
                status: 200,
                answer: "[151.2, 98.7]".to_owned(),
                elapsed_ms: 35,
                problem: None,
            },
            proof: WayBackProof {
                deployment: DeploymentName::new("champion-v1"),
                status: Some(200),
                problem: None,
            },
            on_drift: OnDrift::Pause,
            serving: Serving::Online,
            jobs: vec![],
            steps: vec![
                Step::SetWeight(10),
                Step::Pause(Seconds(600)),
                Step::SetWeight(100),
            ],
            brought: None,
            beside: None,
            comes_to: Measured::Successful,
            faults: vec![],
            traffic: Traffic::all_to(&DeploymentName::new("champion-v1")),
        }
    }
}

pub(super) fn at_most(metric: &str, max: f64) -> GateSpec {
    GateSpec::Metric {
        metric: metric.to_owned(),
        min: None,
        max: Some(max),
        source: Source::Run,
    }
}

pub(super) fn beats_champion(metric: &str) -> GateSpec {
    GateSpec::Champion {
        metric: metric.to_owned(),
        greater_is_better: false,
        min_relative_change: 0.01,
        when_no_champion: NoChampion::Pass,
        source: Source::Run,
    }
}

pub(super) fn serving(rmse: f64) -> Champion {
    Champion::Serving(ServingModel {
        deployment: DeploymentName::new("champion-v1"),
        model: ModelName::new("diabetes"),
        version: ModelVersion::new("1"),
        promotion: None,
        deployed_by: None,
        journaled: BTreeMap::new(),
        run: Some(RunId::new("calm_moon_0")),
        run_metrics: BTreeMap::from([("rmse".to_owned(), rmse)]),
        tags: BTreeMap::new(),
    })
}

pub(super) fn file(path: &str, size: u64) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        size,
        etag: "0x8DC1".to_owned(),
        md5: Some("1B2M2Y8AsgTpgAmY7PhCfg==".to_owned()),
    }
}

pub(super) fn person(id: &str, name: &str) -> Person {
    Person {
        id: PersonId::new(format!("00000000-0000-4000-8000-00000000000{id}")),
        name: name.to_owned(),
    }
}

pub(super) fn viewer(id: &str, name: &str, role: Option<&str>) -> Viewer {
    Viewer {
        person: person(id, name),
        held: Held {
            roles: role.map(|role| Role(role.to_owned())).into_iter().collect(),
            ..Held::default()
        },
    }
}

/// A board on which nothing is frozen, and nobody may freeze.
pub(super) fn unfrozen() -> FrozenView {
    FrozenView {
        standing: Some(Vec::new()),
        offered: Vec::new(),
    }
}

pub(super) fn ada() -> Viewer {
    viewer("b", "Ada Approver", Some(APPROVER))
}

pub(super) fn ben() -> Viewer {
    viewer("c", "Ben Approver", Some(APPROVER))
}

pub(super) fn links() -> Links {
    Links::new("http://127.0.0.1:7071")
}

pub(super) fn record() -> Digest {
    Digest::of(b"record")
}

fn workspace(stage: &str) -> WorkspaceId {
    WorkspaceId::new(format!(
        "/subscriptions/s/resourceGroups/rg-ml-{stage}/providers/Microsoft.MachineLearningServices/workspaces/ml-{stage}"
    ))
}

impl World {
    pub(super) fn opening(&self) -> Opening {
        Opening {
            candidate: Candidate {
                workspace: workspace("dev"),
                model: ModelName::new(&self.model),
                version: ModelVersion::new(&self.version),
            },
            route: self.route(),
            cause: Cause::Event {
                key: "2026-11-23/4f1d".to_owned(),
                again: None,
            },
        }
    }

    fn with_brought(&self, rollout: RolloutSpec) -> RolloutSpec {
        RolloutSpec {
            deployment: DeploymentSpec {
                code: self.brought.clone().map(|(code, _)| code),
                environment: self.brought.clone().map(|(_, environment)| environment),
                ..rollout.deployment
            },
            ..rollout
        }
    }

    pub(super) fn route(&self) -> Route {
        Route {
            name: RouteName::new(&self.route),
            source: SourceStage {
                stage: StageName::new("dev"),
                workspace: workspace("dev"),
            },
            target: TargetStage {
                stage: StageName::new("prod"),
                workspace: workspace("prod"),
                datastore: None,
            },
            model: ModelName::new(&self.model),
            gates: self.gates.clone(),
            approval: ApprovalRule {
                min_approvals: self.min_approvals,
                approvers: vec![Party::Role(Role(APPROVER.to_owned()))],
                prevent_self_review: true,
                expires_after: Seconds(72 * 3600),
                required: self.required.clone(),
                remind_every: None,
                escalation: self.escalation.clone(),
                overriders: self.overriders.clone(),
                consent: self.consent,
            },
            operators: vec![Party::Role(Role(APPROVER.to_owned()))],
            concurrency: Concurrency::Supersede,
            rollout: RolloutSpec {
                steps: self.steps.clone(),
                beside: self.beside.clone(),
                on_drift: self.on_drift,
                ..match self.serving {
                    Serving::Online => self.with_brought(rollout()),
                    Serving::Batch => batch_rollout(),
                }
            },
            deadlines: Deadlines {
                copy: Seconds(7200),
                deployment: Seconds(2700),
                turn: Seconds(14 * 24 * 3600),
                calls: Seconds(3600),
                traffic: Seconds(3600),
                deletion: Seconds(24 * 3600),
                messages: Seconds(24 * 3600),
                resume: Seconds(7 * 24 * 3600),
            },
        }
    }

    pub(super) fn report(&mut self, effect: &Effect, now: Timestamp) -> Report {
        if let Some(at) = self
            .faults
            .iter()
            .position(|(kind, _)| *kind == effect.kind())
        {
            return self.faults.remove(at).1;
        }
        Report::Done(match effect {
            Effect::SeeVoters { relied } => Outcome::VotersSeen {
                relied: relied.clone(),
            },
            Effect::ObserveCandidate { .. } => self.seen(),
            Effect::ObserveTarget { .. } => Outcome::TargetSeen {
                landing: landing(),
                champion: self.champion.clone(),
            },
            Effect::ObserveManifest { .. } => Outcome::ManifestSeen {
                manifest: Manifest::new(self.files.clone()),
            },
            Effect::CopyFiles { .. } => Outcome::Copied,
            Effect::RegisterModel { .. } => Outcome::Registered,
            Effect::RegisterCode { .. } => Outcome::CodeRegistered {
                registration: Registration::Made,
            },
            Effect::RegisterEnvironment { .. } => Outcome::EnvironmentRegistered {
                registration: Registration::Reused,
            },
            Effect::TakeTurn { .. } => Outcome::TurnTaken,
            Effect::TakeLease { .. } => Outcome::LeaseTaken,
            Effect::ReleaseLease { .. } => Outcome::LeaseReleased,
            Effect::CreateEndpoint { .. } => Outcome::EndpointReady,
            Effect::CreateDeployment { .. } => Outcome::DeploymentReady,
            Effect::TestJob { job, .. } => {
                let mut told = self.jobs.iter();
                let told = told.find(|reply| reply.deployment == job.deployment);
                let usual = || job_reply(job.deployment.clone(), 5);
                Outcome::JobTested(told.cloned().unwrap_or_else(usual))
            }
            Effect::SmokeTest { .. } => Outcome::SmokeTested(self.smoke.clone()),
            Effect::SetTraffic { traffic, .. } => {
                self.traffic = traffic.clone();
                Outcome::TrafficSet
            }
            Effect::VerifyTraffic { .. } => Outcome::TrafficSeen {
                traffic: self.traffic.clone(),
                copied: Traffic::default(),
                last_change: None,
                changed: vec![],
            },
            Effect::Measure { metrics, .. } => Outcome::Measured {
                taken: metrics
                    .iter()
                    .map(|metric| {
                        let mut taken = good(metric, now);
                        taken.measurement.came_to = self.comes_to;
                        taken
                    })
                    .collect(),
                target: Look::NotTaken,
            },
            Effect::ProveWayBack { .. } => Outcome::WayBackSeen(self.proof.clone()),
            Effect::DeleteDeployment { .. } => Outcome::Deleted,
            Effect::Notify { .. } => Outcome::Notified,
            Effect::EndKeepPrevious { .. } => Outcome::KeepPreviousEnded,
            other => panic!("no promotion plans {}", other.kind()),
        })
    }

    fn seen(&self) -> Outcome {
        Outcome::CandidateSeen {
            source: SourceModel {
                model_type: "mlflow_model".to_owned(),
                place: BlobPlace {
                    account: "stdev".to_owned(),
                    container: "azureml".to_owned(),
                    prefix: "ExperimentRun/dcid.happy_sun_1/model".to_owned(),
                },
                lineage: Lineage {
                    run: Some(RunId::new("happy_sun_1")),
                    job_link: self.job_link.clone(),
                    trained_by: self.trained_by.clone(),
                    registered_by: self.registered_by.clone(),
                    changed_by: None,
                    run_changed_by: None,
                    claimed_by: None,
                },
            },
            manifest: Manifest::new(self.files.clone()),
            evidence: CandidateEvidence {
                run: RunEvidence::Proven {
                    run: RunId::new("happy_sun_1"),
                    metrics: self.metrics.clone(),
                },
                tags: self.tags.clone(),
            },
        }
    }
}

fn landing() -> Landing {
    Landing {
        workspace_path: "subscriptions/s/resourcegroups/rg-ml-prod/workspaces/ml-prod".to_owned(),
        location: "westeurope".to_owned(),
        datastore: "workspaceblobstore".to_owned(),
        account: "stprod".to_owned(),
        container: "azureml-blobstore".to_owned(),
        endpoint_exists: true,
    }
}

pub(super) fn job_reply(deployment: DeploymentName, rows: u32) -> JobReply {
    JobReply {
        deployment,
        rows,
        columns: vec!["number".to_owned(), "text".to_owned()],
        errors: 0,
        problem: None,
    }
}

/// A metric of the platform's, every minute beside the steps.
pub(super) fn metric(name: &str, success: Option<&str>, failure: Option<&str>) -> MetricSpec {
    MetricSpec {
        name: name.to_owned(),
        provider: Provider::Platform {
            reading: Reading::ShareOf {
                status_class: "5xx".to_owned(),
            },
            window: Seconds(300),
        },
        against: None,
        success_condition: success.map(str::to_owned),
        failure_condition: failure.map(str::to_owned),
        min_samples: 100,
        rule: MetricRule::every(Seconds(60)),
    }
}

/// As it should be.
pub(super) fn good(metric: &MetricSpec, at: Timestamp) -> Taken {
    Taken {
        metric: metric.name.clone(),
        measurement: Measurement {
            at,
            came_to: Measured::Successful,
            value: Some(0.002),
            samples: Some(500),
            threshold: metric.threshold(),
            query: "RequestsPerMinute 5xx/all".to_owned(),
            message: None,
        },
    }
}

pub(super) fn failure(message: &str) -> Failure {
    Failure::new("InternalServerError", message)
}

/// All that somebody holds, as what a route asks for.
pub(super) fn parties(viewer: &Viewer) -> Vec<Party> {
    viewer.held.roles.iter().cloned().map(Party::Role).collect()
}
