//! One attempt: what was found, what the gates said, what people were asked and answered, how it ended.

use promotion::{
    CandidateEvidence, Ending, Fact, Line, Manifest, Outcome, Phase, Pinned, Plan, Promotion,
    RunEvidence, SourceModel, Verdict, Vote, VoteKind,
};
use serde::Serialize;
use std::collections::BTreeMap;

use super::grounds::Grounds;
use crate::ui::figures::{length, number, size};
use crate::ui::messages::{
    author, brought, champion, deployment, ending, machines, person, planned_step, quorum, served,
    test as batch_test, trained_by, verdict,
};
use crate::ui::moment::utc;
use crate::ui::text::{SENTENCE, capped, clean, name, sentence};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttemptPart {
    attempt: u32,
    began: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    began_rests_on: Option<String>,
    evidence: Vec<EvidencePart>,
    gates: Vec<GatePart>,
    asked: Option<AskedPart>,
    votes: Vec<VotePart>,
    endings: Vec<EndingPart>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EvidencePart {
    read_at: String,
    files_in: String,
    model_type: String,
    run: String,
    job: Option<String>,
    trained_by: String,
    registered_by: Option<String>,
    run_metrics: BTreeMap<String, String>,
    self_reported_metrics: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GatePart {
    #[serde(skip_serializing_if = "Option::is_none")]
    rests_on: Option<String>,
    gate: String,
    result: &'static str,
    value: String,
    source: String,
    threshold: String,
    champion: String,
    says: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    rests_on: Option<String>,
    at: String,
    until: String,
    decision_digest: String,
    quorum: String,
    trained_by: String,
    not_counted: Vec<String>,
    champion: String,
    plan: PlanPart,
    manifest: ManifestPart,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanPart {
    files_go_to: String,
    registered_as: String,
    endpoint: String,
    deployment: String,
    machines: String,
    smoke_test: Option<String>,
    /// Of a batch endpoint; absent from files of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    test_job: Option<String>,
    steps: Vec<String>,
    way_back: String,
    previous_stays_warm: String,
}

#[derive(Debug, Serialize)]
struct ManifestPart {
    digest: String,
    size: String,
    files: Vec<FilePart>,
}

#[derive(Debug, Serialize)]
struct FilePart {
    path: String,
    bytes: u64,
    etag: String,
    md5: Option<String>,
}

#[derive(Debug, Serialize)]
struct VotePart {
    person: String,
    vote: &'static str,
    at: String,
    comment: String,
}

#[derive(Debug, Serialize)]
struct EndingPart {
    at: String,
    ending: &'static str,
    says: String,
}

/// All of them, the first one first.
pub(super) fn attempts(
    promotion: &Promotion,
    lines: &[Line<Fact>],
    grounds: Grounds<'_>,
) -> Vec<AttemptPart> {
    let mut all: Vec<AttemptPart> = Vec::new();
    for line in lines {
        match &line.fact {
            Fact::Opened { .. } => {
                let opened = format!("Opened {}", crate::ui::messages::cause(promotion.cause()));
                all.push(AttemptPart::begin(1, line, &opened, grounds));
            }
            Fact::Reopened { .. } => {
                let number = u32::try_from(all.len() + 1).unwrap_or(u32::MAX);
                all.push(AttemptPart::begin(
                    number,
                    line,
                    &crate::ui::messages::fact(line),
                    grounds,
                ));
            }
            _ => {
                if let Some(attempt) = all.last_mut() {
                    attempt.add(line, grounds);
                }
            }
        }
    }
    all
}

impl AttemptPart {
    fn begin(attempt: u32, line: &Line<Fact>, how: &str, grounds: Grounds<'_>) -> Self {
        Self {
            attempt,
            began: format!("{}: {how}", utc(line.at)),
            began_rests_on: grounds.of_line(line),
            evidence: vec![],
            gates: vec![],
            asked: None,
            votes: vec![],
            endings: vec![],
        }
    }

    fn add(&mut self, line: &Line<Fact>, grounds: Grounds<'_>) {
        let rests_on = grounds.of_line(line);
        match &line.fact {
            Fact::Done { outcome, .. } => {
                if let Outcome::CandidateSeen {
                    source, evidence, ..
                } = outcome.as_ref()
                {
                    self.evidence.push(found(line, source, evidence));
                }
            }
            Fact::Pinned { pinned } => {
                self.gates = gates(&pinned.verdicts, rests_on.as_ref());
                self.asked = Some(asked(line, pinned, rests_on));
            }
            Fact::Voted { vote } => self.votes.push(voted(vote)),
            Fact::Entered {
                phase: Phase::Finishing { ending: end },
            } => {
                if let Ending::Blocked { verdicts } = end {
                    self.gates = gates(verdicts, rests_on.as_ref());
                }
                self.endings.push(EndingPart {
                    at: utc(line.at),
                    ending: end.name(),
                    says: ending(end),
                });
            }
            _ => {}
        }
    }
}

fn found(line: &Line<Fact>, source: &SourceModel, evidence: &CandidateEvidence) -> EvidencePart {
    let (run, run_metrics) = match &evidence.run {
        RunEvidence::Proven { run, metrics } => {
            let value = |value: &Option<f64>| value.map_or("not finite".to_owned(), number);
            let metrics = metrics
                .iter()
                .map(|(metric, found)| (name(metric), value(found)));
            (format!("{}, proven", name(run.as_str())), metrics.collect())
        }
        RunEvidence::Unproven { detail } => {
            (format!("not proven: {}", clean(detail)), BTreeMap::new())
        }
    };
    let tags = evidence.tags.iter();
    let lineage = &source.lineage;
    EvidencePart {
        read_at: utc(line.at),
        files_in: capped(
            &format!(
                "{}/{}/{}",
                source.place.account, source.place.container, source.place.prefix
            ),
            SENTENCE,
        ),
        model_type: name(&source.model_type),
        run,
        job: lineage.run.as_ref().map(|run| name(run.as_str())),
        trained_by: trained_by(&lineage.trained_by),
        registered_by: lineage.registered_by.as_deref().map(name),
        run_metrics,
        self_reported_metrics: tags
            .map(|(tag, value)| (name(tag), number(*value)))
            .collect(),
    }
}

fn gates(judged: &[Verdict], rests_on: Option<&String>) -> Vec<GatePart> {
    let parts = judged.iter().map(|judged| gate(judged, rests_on.cloned()));
    parts.collect()
}

fn gate(judged: &Verdict, rests_on: Option<String>) -> GatePart {
    let text = verdict(judged);
    GatePart {
        rests_on,
        gate: text.name,
        result: text.result,
        value: text.value,
        source: text.source,
        threshold: text.threshold,
        champion: text.champion,
        says: text.sentence,
    }
}

fn asked(line: &Line<Fact>, pinned: &Pinned, rests_on: Option<String>) -> AskedPart {
    let by_name = pinned.quorum.excluded_names.iter();
    let excluded = pinned.quorum.excluded.iter().map(person);
    AskedPart {
        rests_on,
        at: utc(line.at),
        until: utc(pinned.expires_at),
        decision_digest: pinned.digest.to_string(),
        quorum: quorum(&pinned.quorum),
        trained_by: author(&pinned.source.lineage.trained_by, &pinned.quorum),
        not_counted: excluded.chain(by_name.map(|called| name(called))).collect(),
        champion: champion(&pinned.champion),
        plan: plan(&pinned.plan),
        manifest: manifest(&pinned.manifest),
    }
}

fn plan(plan: &Plan) -> PlanPart {
    let to = &plan.destination;
    let created = if plan.endpoint_exists {
        ""
    } else {
        " (is created)"
    };
    let test = plan.smoke_test.as_ref();
    PlanPart {
        files_go_to: capped(
            &format!("{}/{}/{}", to.account, to.container, to.prefix),
            SENTENCE,
        ),
        registered_as: capped(&plan.model_uri, SENTENCE),
        endpoint: format!("{}{created}", name(plan.endpoint.name.as_str())),
        deployment: deployment(&plan.deployment),
        machines: format!(
            "{}{}",
            machines(&plan.deployment_spec),
            brought(&plan.deployment_spec)
        ),
        test_job: plan.batch_test.as_ref().map(batch_test),
        smoke_test: test.map(|test| capped(&test.success_condition, SENTENCE)),
        steps: plan
            .steps
            .iter()
            .map(|planned| sentence(&planned_step(plan, planned)))
            .collect(),
        way_back: served(plan.endpoint.serving, &plan.way_back),
        previous_stays_warm: length(plan.keep_previous),
    }
}

/// Every file in full: this is what an auditor compares.
fn manifest(manifest: &Manifest) -> ManifestPart {
    let files = manifest.files().iter().map(|file| FilePart {
        path: clean(&file.path),
        bytes: file.size,
        etag: clean(&file.etag),
        md5: file.md5.as_deref().map(clean),
    });
    ManifestPart {
        digest: manifest.digest().to_string(),
        size: size(manifest.total_size()),
        files: files.collect(),
    }
}

fn voted(vote: &Vote) -> VotePart {
    VotePart {
        person: person(&vote.person),
        vote: match vote.kind {
            VoteKind::Approve => "approved",
            VoteKind::Reject => "rejected",
        },
        at: utc(vote.at),
        comment: clean(&vote.comment),
    }
}
