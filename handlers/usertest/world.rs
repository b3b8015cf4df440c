//! The world of a test: a candidate, a target, a clock that jumps. It answers every effect at once, as the test says.
//!
//! What it measures and what a deployment answers is judged by the code of `effects/`.

use jiff::Timestamp;
use promotion::analysis::{MetricSpec, Provider, Taken};
use promotion::{
    Author, BlobPlace, CandidateEvidence, Champion, DeploymentName, Effect, Failure, FileEntry,
    JobReply, Landing, Lineage, LoadReply, LoadTest, Look, Manifest, ModelName, ModelVersion,
    Notice, Opening, Outcome, Person, PersonId, Registration, Report, RunEvidence, RunId,
    ServingModel, SmokeReply, SmokeTest, SourceModel, Traffic, WayBackProof,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::config::{FakeChampion, Reading, Shown, UserTest};
use crate::effects::{Figures, Found, load_reply, measurement, reply, too_early};

/// Files of a small model.
const FILES: [&str; 3] = ["MLmodel", "model.pkl", "requirements.txt"];

pub(super) struct World<'t> {
    test: &'t UserTest,
    source: SourceModel,
    manifest: Manifest,
    evidence: CandidateEvidence,
    landed: Manifest,
    endpoint_exists: bool,
    deployments: BTreeMap<DeploymentName, ServingModel>,
    traffic: Traffic,
    /// The candidate's deployment.
    ours: DeploymentName,
    read: BTreeMap<String, Cursor>,
    /// The candidate's shares of the traffic, one after the other.
    pub(super) shares: Vec<u8>,
    /// The cards that people got.
    pub(super) cards: Vec<Notice>,
    /// Metrics that were measured and that the test says nothing of.
    pub(super) untold: BTreeSet<String>,
}

/// How far what a metric shows has been read.
struct Cursor {
    index: usize,
    at: Timestamp,
}

/// One person for each name.
pub(super) fn person(name: &str) -> Person {
    Person {
        id: PersonId::new(name.to_lowercase()),
        name: name.to_owned(),
    }
}

impl<'t> World<'t> {
    pub(super) fn new(
        test: &'t UserTest,
        opening: &Opening,
        run: Option<RunId>,
        ours: DeploymentName,
    ) -> Self {
        let candidate = &opening.candidate;
        let run = run.unwrap_or_else(|| run_of(&candidate.version));
        let champion = test.champion.as_ref();
        let champion = champion.map(|champion| serving(champion, &candidate.model));
        let traffic = champion.as_ref();
        let traffic = traffic.map(|serving| Traffic::all_to(&serving.deployment));
        let place = BlobPlace {
            account: "source".to_owned(),
            container: "azureml".to_owned(),
            prefix: format!("ExperimentRun/dcid.{run}/model"),
        };
        Self {
            test,
            manifest: manifest(&test.candidate.files, "source"),
            source: source(test, &run, place),
            evidence: evidence(test, run),
            landed: Manifest::new(vec![]),
            endpoint_exists: champion.is_some(),
            deployments: champion
                .map(|serving| (serving.deployment.clone(), serving))
                .into_iter()
                .collect(),
            traffic: traffic.unwrap_or_default(),
            ours,
            read: BTreeMap::new(),
            shares: vec![],
            cards: vec![],
            untold: BTreeSet::new(),
        }
    }

    /// Carries an effect out.
    pub(super) fn perform(&mut self, effect: &Effect, now: Timestamp) -> Report {
        Report::Done(match effect {
            Effect::SeeVoters { relied } => Outcome::VotersSeen {
                relied: relied.clone(),
            },
            Effect::ObserveCandidate { .. } => Outcome::CandidateSeen {
                source: self.source.clone(),
                manifest: self.manifest.clone(),
                evidence: self.evidence.clone(),
            },
            Effect::ObserveTarget {
                workspace,
                datastore,
                ..
            } => Outcome::TargetSeen {
                landing: self.landing(workspace.as_str(), datastore.as_deref()),
                champion: self.champion(),
            },
            Effect::RecallEvidence { .. } => Outcome::EvidenceRecalled {
                metrics: BTreeMap::new(),
            },
            Effect::ObserveManifest { place } if *place == self.source.place => {
                Outcome::ManifestSeen {
                    manifest: self.manifest.clone(),
                }
            }
            Effect::ObserveManifest { .. } => Outcome::ManifestSeen {
                manifest: self.landed.clone(),
            },
            Effect::CopyFiles { .. } => {
                self.landed = manifest(&self.test.candidate.files, "target");
                Outcome::Copied
            }
            Effect::RegisterModel { .. } => Outcome::Registered,
            Effect::TakeTurn { .. } => Outcome::TurnTaken,
            Effect::TakeLease { .. } => Outcome::LeaseTaken,
            Effect::ReleaseLease { .. } => Outcome::LeaseReleased,
            Effect::CreateEndpoint { .. } => {
                self.endpoint_exists = true;
                Outcome::EndpointReady
            }
            Effect::CreateDeployment {
                deployment,
                model,
                version,
                ..
            } => self.create(deployment, model, version),
            Effect::SmokeTest { test, .. } => Outcome::SmokeTested(self.smoke_test(test)),
            // What a job comes to is nothing that a test tells: it is as is hoped.
            Effect::TestJob { test, job, .. } => Outcome::JobTested(JobReply {
                deployment: job.deployment.clone(),
                rows: test.min_rows.unwrap_or(1).max(1),
                columns: vec!["number".to_owned()],
                errors: 0,
                problem: None,
            }),
            Effect::LoadTest { test, .. } => Outcome::LoadTested(self.load_test(test)),
            Effect::Measure { since, metrics, .. } => self.measure(*since, metrics, now),
            Effect::SetTraffic { traffic, .. } => self.set_traffic(traffic),
            Effect::VerifyTraffic { .. } => Outcome::TrafficSeen {
                traffic: self.traffic.clone(),
                copied: Traffic::default(),
                last_change: None,
                changed: vec![],
            },
            Effect::ProveWayBack { back, .. } => prove(back),
            Effect::DeleteDeployment { deployment, .. } => {
                self.deployments.remove(deployment);
                Outcome::Deleted
            }
            Effect::EndKeepPrevious { .. } => Outcome::KeepPreviousEnded,
            Effect::Notify { notice } => {
                self.cards.push(*notice);
                Outcome::Notified
            }
            Effect::RegisterCode { .. } => Outcome::CodeRegistered {
                registration: Registration::Made,
            },
            Effect::RegisterEnvironment { .. } => Outcome::EnvironmentRegistered {
                registration: Registration::Made,
            },
            Effect::ObserveJob { .. }
            | Effect::RegisterOutput { .. }
            | Effect::OpenPromotions { .. } => {
                let why = format!("`{}` is no effect of a promotion", effect.kind());
                return Report::Failed(Failure::new("AnIntakes", why));
            }
        })
    }

    fn landing(&self, workspace: &str, datastore: Option<&str>) -> Landing {
        Landing {
            workspace_path: workspace.to_owned(),
            location: "westeurope".to_owned(),
            datastore: datastore.unwrap_or("workspaceblobstore").to_owned(),
            account: "target".to_owned(),
            container: "models".to_owned(),
            endpoint_exists: self.endpoint_exists,
        }
    }

    fn champion(&self) -> Champion {
        let shares: Vec<_> = self.traffic.shares().collect();
        match shares.as_slice() {
            [] => Champion::None,
            [(deployment, 100)] if self.deployments.contains_key(*deployment) => {
                Champion::Serving(self.deployments[*deployment].clone())
            }
            _ => Champion::Unclear {
                detail: self.traffic.to_string(),
            },
        }
    }

    fn create(
        &mut self,
        deployment: &DeploymentName,
        model: &ModelName,
        version: &ModelVersion,
    ) -> Outcome {
        let made = ServingModel {
            deployment: deployment.clone(),
            model: model.clone(),
            version: version.clone(),
            promotion: None,
            deployed_by: None,
            journaled: BTreeMap::new(),
            run: Some(run_of(version)),
            run_metrics: self.test.candidate.metrics.clone(),
            tags: self.test.candidate.tags.clone(),
        };
        self.deployments.insert(deployment.clone(), made);
        Outcome::DeploymentReady
    }

    fn smoke_test(&self, asked: &SmokeTest) -> SmokeReply {
        match &self.test.smoke_test {
            Some(answer) => {
                let body = answer.body.to_string();
                reply(answer.status, body.as_bytes(), Duration::ZERO, asked)
            }
            None => SmokeReply {
                passed: true,
                status: 200,
                answer: String::new(),
                elapsed_ms: 0,
                problem: None,
            },
        }
    }

    /// What the test says nothing of goes as is hoped, whatever the condition says.
    fn load_test(&self, test: &LoadTest) -> LoadReply {
        let Some(borne) = self.test.load_test else {
            return LoadReply::hoped(test);
        };
        let planned = test.planned();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a few thousand requests"
        )]
        let errors = (borne.error_rate * f64::from(planned)).round() as u32;
        let figures = Figures {
            sent: planned,
            errors,
            planned,
            latencies: borne.latencies,
            rate: f64::from(test.rate),
        };
        load_reply(&figures, test)
    }

    fn set_traffic(&mut self, wanted: &Traffic) -> Outcome {
        let mut shares = wanted.shares();
        let missing = shares.find(|(name, _)| !self.deployments.contains_key(*name));
        if let Some((name, _)) = missing {
            return Outcome::DeploymentMissing {
                deployment: name.clone(),
                traffic: self.traffic.clone(),
            };
        }
        let (before, share) = (self.traffic.of(&self.ours), wanted.of(&self.ours));
        if share != before {
            self.shares.push(share);
        }
        self.traffic = wanted.clone();
        Outcome::TrafficSet
    }

    fn measure(&mut self, since: Timestamp, metrics: &[MetricSpec], now: Timestamp) -> Outcome {
        let taken = metrics.iter().map(|metric| {
            let found = match too_early(metric, since, now) {
                Some(why) => Err(why.to_owned()),
                None => self.find(metric, now),
            };
            Taken {
                metric: metric.name.clone(),
                measurement: measurement(metric, found, "what the test says".to_owned(), now),
            }
        });
        Outcome::Measured {
            taken: taken.collect(),
            target: Look::NotTaken,
        }
    }

    fn find(&mut self, metric: &MetricSpec, now: Timestamp) -> Result<Found, String> {
        let Some(shown) = self.test.measurements.get(&metric.name) else {
            self.untold.insert(metric.name.clone());
            return Err("the test does not say what it shows".to_owned());
        };
        let weight = self.traffic.of(&self.ours);
        let cursor = self.read.entry(metric.name.clone());
        let shown = next(shown, cursor, weight, now);
        let samples = shown.samples.map(u64::from).or_else(|| enough(metric));
        match shown.reading {
            Reading::Value(value) => Ok(Found {
                value: Some(value),
                samples,
                why: None,
            }),
            Reading::Nothing => Ok(Found {
                value: None,
                samples,
                why: None,
            }),
            Reading::Trouble => Err("the test says that it cannot be measured".to_owned()),
        }
    }
}

/// Nobody else is at work in a test.
fn prove(back: &Traffic) -> Outcome {
    let serves = back.shares().next();
    let (deployment, _) = serves.expect("a way back is proven where something serves");
    Outcome::WayBackSeen(WayBackProof {
        deployment: deployment.clone(),
        status: None,
        problem: None,
    })
}

/// What is shown next. At one moment a metric shows one thing, whoever asks.
fn next<'s>(
    shown: &'s [Shown],
    cursor: std::collections::btree_map::Entry<'_, String, Cursor>,
    weight: u8,
    now: Timestamp,
) -> &'s Shown {
    let begin = Cursor { index: 0, at: now };
    let cursor = cursor
        .and_modify(|cursor| {
            let ahead = shown.get(cursor.index + 1);
            if cursor.at < now && ahead.is_some_and(|ahead| ahead.from_weight <= weight) {
                cursor.index += 1;
            }
            cursor.at = now;
        })
        .or_insert(begin);
    &shown[cursor.index]
}

/// As many requests as a metric asks for, where it counts them.
fn enough(metric: &MetricSpec) -> Option<u64> {
    let own = match &metric.provider {
        Provider::Platform { .. } => 0,
        Provider::Predictions { requests, .. } => requests.most(),
        Provider::Http(_) => return None,
    };
    Some(own.max(u64::from(metric.min_samples)))
}

fn run_of(version: &ModelVersion) -> RunId {
    RunId::new(format!("run-of-{version}"))
}

fn manifest(files: &[String], side: &str) -> Manifest {
    let small = || FILES.iter().map(|name| (*name).to_owned());
    let names: Vec<String> = match files {
        [] => small().collect(),
        files => files.to_vec(),
    };
    let entry = |path: String| FileEntry {
        path,
        size: 1024,
        etag: side.to_owned(),
        md5: None,
    };
    Manifest::new(names.into_iter().map(entry).collect())
}

fn source(test: &UserTest, run: &RunId, place: BlobPlace) -> SourceModel {
    let trained_by = test.candidate.trained_by.as_deref();
    SourceModel {
        model_type: "mlflow_model".to_owned(),
        place,
        lineage: Lineage {
            run: Some(run.clone()),
            job_link: None,
            trained_by: trained_by.map_or(Author::Unknown, |name| Author::Person {
                person: person(name),
            }),
            registered_by: test.candidate.registered_by.clone(),
            changed_by: None,
            run_changed_by: None,
            claimed_by: None,
        },
    }
}

fn evidence(test: &UserTest, run: RunId) -> CandidateEvidence {
    let metrics = test.candidate.metrics.iter();
    CandidateEvidence {
        run: RunEvidence::Proven {
            run,
            metrics: metrics
                .map(|(name, value)| (name.clone(), Some(*value)))
                .collect(),
        },
        tags: test.candidate.tags.clone(),
    }
}

fn serving(champion: &FakeChampion, model: &ModelName) -> ServingModel {
    let version = ModelVersion::new(champion.version.as_str());
    ServingModel {
        deployment: DeploymentName::new(format!("champion-v{version}")),
        model: model.clone(),
        run: Some(run_of(&version)),
        version,
        promotion: None,
        deployed_by: None,
        journaled: BTreeMap::new(),
        run_metrics: champion.metrics.clone(),
        tags: champion.tags.clone(),
    }
}
