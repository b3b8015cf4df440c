//! A tiny world in memory: a candidate, a target, a lease. It answers every effect at once, unless the script says else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use promotion::analysis::{Measured, Measurement, MetricSpec, Taken};
use promotion::*;

use crate::sample::{RMSE, candidate, file, numbers, person};

pub(crate) struct World {
    pub(crate) source: SourceModel,
    pub(crate) manifest: Manifest,
    pub(crate) evidence: CandidateEvidence,
    pub(crate) landed: Option<Manifest>,
    pub(crate) registered: bool,
    /// Code and environments that are registered, by name.
    pub(crate) assets: BTreeSet<String>,
    pub(crate) endpoint_exists: bool,
    pub(crate) deployments: BTreeMap<DeploymentName, ServingModel>,
    /// Deployments that Liftlock did not make.
    pub(crate) foreign: Vec<DeploymentName>,
    pub(crate) traffic: Traffic,
    /// What is copied to a deployment besides.
    pub(crate) mirror: Option<Mirror>,
    /// Whose turn it is, by name. Nobody gives it back.
    pub(crate) turn: Option<String>,
    /// Who holds the target, by name.
    pub(crate) lease: Option<String>,
    pub(crate) recalled: BTreeMap<String, f64>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) told: Vec<PromotionId>,
    /// When it is, for whoever measures.
    pub(crate) now: Timestamp,
    /// What a candidate's measurement comes to with so much traffic or more; less is as it should be.
    pub(crate) measures: Option<(u8, Measured)>,
    /// What a metric's measurements come to, whatever the traffic.
    pub(crate) comes_to: BTreeMap<&'static str, Measured>,
    script: BTreeMap<&'static str, VecDeque<Report>>,
}

pub(crate) const US: &str = "us";

pub(crate) fn champion() -> DeploymentName {
    DeploymentName::new("champion-v1")
}

pub(crate) fn predecessor() -> PromotionId {
    PromotionId::new("diabetes-1.diabetes-to-prod-0123456789")
}

pub(crate) fn serving(deployment: &DeploymentName, version: &str) -> ServingModel {
    ServingModel {
        deployment: deployment.clone(),
        model: candidate().model,
        version: ModelVersion::new(version),
        promotion: None,
        deployed_by: None,
        journaled: BTreeMap::new(),
        run: Some(RunId::new(format!("run-{version}"))),
        run_metrics: numbers(&[("rmse", 58.0)]),
        tags: BTreeMap::new(),
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let run = RunId::new("run-2");
        Self {
            source: SourceModel {
                model_type: "mlflow_model".to_owned(),
                place: BlobPlace {
                    account: "stdev".to_owned(),
                    container: "azureml".to_owned(),
                    prefix: "ExperimentRun/dcid.run-2/model".to_owned(),
                },
                lineage: Lineage {
                    run: Some(run.clone()),
                    job_link: None,
                    trained_by: Author::Person {
                        person: person("Tina"),
                    },
                    registered_by: Some("Robo Registrar".to_owned()),
                    changed_by: None,
                    run_changed_by: None,
                    claimed_by: None,
                },
            },
            manifest: Manifest::new(vec![file("MLmodel", "e1"), file("model.json", "e2")]),
            evidence: CandidateEvidence {
                run: RunEvidence::Proven {
                    run,
                    metrics: BTreeMap::from([("rmse".to_owned(), Some(RMSE))]),
                },
                tags: BTreeMap::new(),
            },
            landed: None,
            registered: false,
            assets: BTreeSet::new(),
            endpoint_exists: true,
            deployments: BTreeMap::from([(champion(), serving(&champion(), "1"))]),
            foreign: vec![],
            traffic: Traffic::all_to(&champion()),
            mirror: None,
            turn: None,
            lease: None,
            recalled: BTreeMap::new(),
            notices: vec![],
            told: vec![],
            now: Timestamp::UNIX_EPOCH,
            measures: None,
            comes_to: BTreeMap::new(),
            script: BTreeMap::new(),
        }
    }

    /// Nothing serves yet, not even an endpoint.
    pub(crate) fn empty() -> Self {
        Self {
            endpoint_exists: false,
            deployments: BTreeMap::new(),
            traffic: Traffic::default(),
            ..Self::new()
        }
    }

    /// The next effect of this kind is answered so, and not carried out.
    pub(crate) fn answer_next(&mut self, kind: &'static str, report: Report) {
        self.script.entry(kind).or_default().push_back(report);
    }

    /// Nothing is scripted any more.
    pub(crate) fn behave(&mut self) {
        self.script.clear();
    }

    pub(crate) fn champion_mut(&mut self) -> &mut ServingModel {
        self.deployments.get_mut(&champion()).unwrap()
    }

    pub(crate) fn serves(&self) -> Champion {
        let shares: Vec<_> = self.traffic.shares().collect();
        match shares.as_slice() {
            [] => Champion::None,
            [(deployment, 100)] => Champion::Serving(
                self.deployments
                    .get(deployment)
                    .cloned()
                    .unwrap_or_else(|| serving(deployment, "2")),
            ),
            _ => Champion::Unclear {
                detail: self.traffic.to_string(),
            },
        }
    }

    pub(crate) fn landing(&self) -> Landing {
        Landing {
            workspace_path: "/subscriptions/S/resourcegroups/rg/workspaces/ml-prod".to_owned(),
            location: "westeurope".to_owned(),
            datastore: "workspaceblobstore".to_owned(),
            account: "stprod".to_owned(),
            container: "blobs".to_owned(),
            endpoint_exists: self.endpoint_exists,
        }
    }

    pub(crate) fn perform(&mut self, effect: &Effect) -> Report {
        match self
            .script
            .get_mut(effect.kind())
            .and_then(VecDeque::pop_front)
        {
            Some(scripted) => scripted,
            None => self.carry_out(effect),
        }
    }

    fn shows(&self, traffic: &Traffic, mirror: Option<&Mirror>) -> bool {
        let copied = self.mirror.as_ref().map_or(0, |mirror| mirror.percent);
        self.traffic == *traffic && mirror.is_none_or(|mirror| mirror.percent == copied)
    }

    fn set_traffic(&mut self, wanted: &Traffic, mirror: Option<&Mirror>) -> Outcome {
        let mut shares = wanted.shares();
        let missing = shares.find(|(name, _)| !self.deployments.contains_key(*name));
        if let Some((name, _)) = missing {
            return Outcome::DeploymentMissing {
                deployment: name.clone(),
                traffic: self.traffic.clone(),
            };
        }
        self.traffic = wanted.clone();
        if let Some(mirror) = mirror {
            self.mirror = Some(mirror.clone()).filter(|mirror| mirror.percent > 0);
        }
        Outcome::TrafficSet
    }

    fn measure(
        &self,
        deployment: &DeploymentName,
        metrics: &[MetricSpec],
        expects: Option<&Expected>,
    ) -> Outcome {
        assert!(self.deployments.contains_key(deployment), "it is not there");
        let came_to = match self.measures {
            Some((from, came_to)) if self.traffic.of(deployment) >= from => came_to,
            Some(_) | None => Measured::Successful,
        };
        let taken = metrics.iter().map(|metric| Taken {
            metric: metric.name.clone(),
            measurement: Measurement {
                at: self.now,
                came_to: self
                    .comes_to
                    .get(metric.name.as_str())
                    .copied()
                    .unwrap_or(came_to),
                value: Some(0.05),
                samples: Some(500),
                threshold: metric.threshold(),
                query: metric.name.clone(),
                message: None,
            },
        });
        Outcome::Measured {
            taken: taken.collect(),
            target: match expects.map(|expects| self.drift(expects)) {
                None => Look::NotTaken,
                Some(None) => Look::AsExpected,
                Some(Some(drift)) => Look::Drifted(Box::new(drift)),
            },
        }
    }

    #[expect(clippy::too_many_lines, reason = "one answer for each effect")]
    fn carry_out(&mut self, effect: &Effect) -> Report {
        let changes_target = matches!(
            effect,
            Effect::CreateEndpoint { .. }
                | Effect::CreateDeployment { .. }
                | Effect::SetTraffic { .. }
                | Effect::DeleteDeployment { .. }
        );
        let ours = self.lease.as_deref() == Some(US);
        assert!(
            ours || !changes_target,
            "{} without the lease",
            effect.kind()
        );
        Report::Done(match effect {
            Effect::SeeVoters { relied, .. } => Outcome::VotersSeen {
                relied: relied.clone(),
            },
            Effect::ObserveCandidate { .. } => Outcome::CandidateSeen {
                source: self.source.clone(),
                manifest: self.manifest.clone(),
                evidence: self.evidence.clone(),
            },
            Effect::ObserveTarget { .. } => Outcome::TargetSeen {
                landing: self.landing(),
                champion: self.serves(),
            },
            Effect::RecallEvidence { .. } => Outcome::EvidenceRecalled {
                metrics: self.recalled.clone(),
            },
            Effect::ObserveManifest { place } => Outcome::ManifestSeen {
                manifest: self.files_at(place),
            },
            Effect::CopyFiles { manifest, .. } => {
                let files = manifest.files().iter();
                let copies = files.map(|source| file(&source.path, "copied"));
                self.landed = Some(Manifest::new(copies.collect()));
                Outcome::Copied
            }
            Effect::RegisterModel { .. } => {
                self.registered = true;
                Outcome::Registered
            }
            Effect::TakeTurn { .. } => return self.take_turn(),
            Effect::TakeLease { .. } => return self.take_lease(),
            Effect::ReleaseLease { .. } => {
                self.lease.take_if(|owner| owner == US);
                Outcome::LeaseReleased
            }
            Effect::CreateEndpoint { .. } => {
                self.endpoint_exists = true;
                Outcome::EndpointReady
            }
            Effect::CreateDeployment {
                deployment,
                version,
                ..
            } => {
                let model = serving(deployment, version.as_str());
                self.deployments.insert(deployment.clone(), model);
                Outcome::DeploymentReady
            }
            Effect::SmokeTest { .. } => Outcome::SmokeTested(smoke_reply(true)),
            Effect::TestJob { job, .. } => {
                if !self.deployments.contains_key(&job.deployment) {
                    return Report::Failed(Failure::new("NotFound", "it is not there"));
                }
                Outcome::JobTested(job_reply(&job.deployment))
            }
            Effect::LoadTest {
                deployment, test, ..
            } => {
                assert_eq!(self.traffic.of(deployment), 0, "it has traffic");
                Outcome::LoadTested(LoadReply::hoped(test))
            }
            Effect::Measure {
                deployment,
                metrics,
                expects,
                ..
            } => self.measure(deployment, metrics, expects.as_deref()),
            Effect::SetTraffic {
                traffic,
                mirror,
                expects,
                ..
            } => match expects.as_deref().and_then(|expects| self.drift(expects)) {
                Some(drift) if !self.shows(traffic, mirror.as_ref()) => {
                    Outcome::Drifted(Box::new(drift))
                }
                Some(_) | None => self.set_traffic(traffic, mirror.as_ref()),
            },
            Effect::ProveWayBack { back, .. } => self.prove(back),
            Effect::VerifyTraffic { expects, .. } => Outcome::TrafficSeen {
                traffic: self.traffic.clone(),
                copied: Traffic::new(
                    self.mirror
                        .iter()
                        .map(|mirror| (mirror.deployment.clone(), mirror.percent)),
                ),
                last_change: None,
                changed: self.changed(expects),
            },
            Effect::DeleteDeployment { deployment, .. } => self.delete(deployment),
            Effect::EndKeepPrevious { promotion } => {
                self.told.push(promotion.clone());
                Outcome::KeepPreviousEnded
            }
            Effect::Notify { notice } => {
                self.notices.push(*notice);
                Outcome::Notified
            }
            Effect::RegisterCode { code, .. } => Outcome::CodeRegistered {
                registration: self.keep_asset(&code.asset),
            },
            Effect::RegisterEnvironment { environment, .. } => Outcome::EnvironmentRegistered {
                registration: match environment {
                    EnvironmentSpec::Defined { asset, .. } => self.keep_asset(asset),
                    EnvironmentSpec::Registered { .. } => Registration::Reused,
                    EnvironmentSpec::Registry { .. } => unreachable!("it needs nothing"),
                },
            },
            Effect::ObserveJob { .. }
            | Effect::RegisterOutput { .. }
            | Effect::OpenPromotions { .. } => unreachable!("an intake's"),
        })
    }

    fn keep_asset(&mut self, asset: &AssetVersion) -> Registration {
        if self.assets.insert(asset.name.clone()) {
            Registration::Made
        } else {
            Registration::Reused
        }
    }

    fn files_at(&self, place: &BlobPlace) -> Manifest {
        if *place == self.source.place {
            self.manifest.clone()
        } else {
            self.landed.clone().unwrap_or(Manifest::new(vec![]))
        }
    }

    fn take_turn(&mut self) -> Report {
        if let Some(other) = self.turn.as_ref().filter(|who| *who != US) {
            let message = format!("`{other}` has it and is shifting");
            return Report::Waiting(Failure::new("NotItsTurn", message));
        }
        self.turn = Some(US.to_owned());
        Report::Done(Outcome::TurnTaken)
    }

    fn take_lease(&mut self) -> Report {
        match &self.lease {
            Some(owner) if owner != US => Report::Waiting(Failure::new(
                "TargetLeased",
                format!("`{owner}` is at work there"),
            )),
            _ => {
                self.lease = Some(US.to_owned());
                Report::Done(Outcome::LeaseTaken)
            }
        }
    }

    fn delete(&mut self, deployment: &DeploymentName) -> Outcome {
        let detail = if self.foreign.contains(deployment) {
            "it was not made by Liftlock"
        } else if self.traffic.of(deployment) > 0 {
            "it has traffic"
        } else if self
            .mirror
            .as_ref()
            .is_some_and(|mirror| mirror.deployment == *deployment)
        {
            "requests are copied to it"
        } else {
            self.deployments.remove(deployment);
            return Outcome::Deleted;
        };
        Outcome::LeftAlone {
            detail: detail.to_owned(),
        }
    }
}

pub(crate) fn job_reply(deployment: &DeploymentName) -> JobReply {
    JobReply {
        deployment: deployment.clone(),
        rows: 5,
        columns: vec!["number".to_owned(), "number".to_owned()],
        errors: 0,
        problem: None,
    }
}

pub(crate) fn smoke_reply(passed: bool) -> SmokeReply {
    SmokeReply {
        passed,
        status: if passed { 200 } else { 500 },
        answer: "[1.0, 2.0]".to_owned(),
        elapsed_ms: 12,
        problem: (!passed).then(|| "the condition did not hold".to_owned()),
    }
}
