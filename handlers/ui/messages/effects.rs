//! What is wanted of the outside world, what came of it, what went wrong.

use promotion::{
    BlobPlace, Champion, ComputeType, Concurrency, DeploymentSpec, Effect, EffectState, Entry,
    Failure, Look, Manifest, Outcome, Serving,
};

use super::assets;
use super::batch;
use super::drift::{drifted, way_back_seen};
use super::facts::notice;
use super::loading::{load, loaded};
use super::subjects::{champion, deployment, mirrored, on_compute, traffic, version};
use crate::ui::figures::{counted, size};
use crate::ui::moment::utc;
use crate::ui::text::{capped, clause, name, quoted};

/// An effect as an instruction: `Copy 4 files (12.3 KB) from stdev to stprod`.
#[expect(clippy::too_many_lines, reason = "one sentence for each effect")]
pub fn effect(effect: &Effect) -> String {
    match effect {
        Effect::ObserveCandidate { candidate } => format!(
            "Read {} in {} (files, run, who trained it)",
            super::subjects::candidate(candidate),
            name(candidate.workspace.name())
        ),
        Effect::SeeVoters { relied } => format!(
            "See whether {} still may, whose word it rests on",
            relied
                .iter()
                .map(|one| name(&one.person.name))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Effect::ObserveTarget {
            endpoint,
            workspace,
            ..
        } => format!(
            "Read endpoint {} in {} (who serves, where files go)",
            name(endpoint.as_str()),
            name(workspace.name())
        ),
        Effect::RecallEvidence { promotion } => format!(
            "Look up the champion's evidence in promotion {}",
            name(promotion.as_str())
        ),
        Effect::ObserveManifest { place } => format!("List the files in {}", folder(place)),
        Effect::CopyFiles { from, to, manifest } => format!(
            "Copy {} from {} to {}",
            files(manifest),
            name(&from.account),
            name(&to.account)
        ),
        Effect::RegisterModel {
            workspace,
            model,
            version: number,
            ..
        } => format!(
            "Register {} in {}",
            version(model.as_str(), number.as_str()),
            name(workspace.name())
        ),
        Effect::TakeTurn { concurrency, .. } => match concurrency {
            Concurrency::Supersede => "Take the turn at the target",
            Concurrency::Queue => "Take the turn at the target, once nobody else has it",
            Concurrency::Reject => "Take the turn at the target, if nobody else has it",
        }
        .to_owned(),
        Effect::TakeLease { urgent: false, .. } => "Take the lease of the target".to_owned(),
        Effect::TakeLease { urgent: true, .. } => {
            "Take the lease of the target, before rollouts that have not moved traffic".to_owned()
        }
        Effect::ReleaseLease { hold: None, .. } => "Release the lease of the target".to_owned(),
        Effect::ReleaseLease { hold: Some(_), .. } => {
            "Release the lease of the target, and hold it until somebody lifts that".to_owned()
        }
        Effect::CreateEndpoint {
            workspace, spec, ..
        } => format!(
            "Create {} {} in {}{}",
            batch::endpoint_kind(spec),
            name(spec.name.as_str()),
            name(workspace.name()),
            on_compute(spec)
        ),
        Effect::CreateDeployment {
            deployment: called,
            endpoint,
            spec,
            ..
        } => format!(
            "Create deployment {} on endpoint {} ({}{})",
            deployment(called),
            name(endpoint.as_str()),
            machines(spec),
            assets::brought(spec)
        ),
        Effect::SmokeTest {
            deployment: called, ..
        } => {
            format!("Ask deployment {} the smoke test", deployment(called))
        }
        Effect::LoadTest {
            deployment: called,
            test,
            ..
        } => format!("Send deployment {} {}", deployment(called), load(test)),
        Effect::Measure {
            deployment: measured,
            metrics,
            ..
        } => {
            let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
            super::measurements::measure(&names, measured)
        }
        Effect::SetTraffic {
            traffic: wanted,
            serving: Serving::Batch,
            ..
        } => batch::set_default(wanted),
        Effect::SetTraffic {
            traffic: wanted,
            mirror,
            serving: Serving::Online,
            ..
        } => format!(
            "Set the endpoint's traffic: {}{}",
            traffic(wanted),
            mirrored(mirror.as_ref())
        ),
        Effect::VerifyTraffic {
            not_before,
            serving,
            ..
        } => format!(
            "Read the endpoint's {} once more, not before {}",
            match serving {
                Serving::Online => "traffic",
                Serving::Batch => "default deployment",
            },
            utc(*not_before)
        ),
        Effect::ProveWayBack { back, request, .. } => format!(
            "See that what would serve again can{}: {}",
            if request.is_some() {
                ", and answers by name"
            } else {
                ""
            },
            traffic(back)
        ),
        Effect::DeleteDeployment {
            deployment: called,
            not_before: None,
            ..
        } => format!("Delete deployment {}", deployment(called)),
        Effect::DeleteDeployment {
            deployment: called,
            not_before: Some(at),
            ..
        } => format!(
            "Look once more whether deployment {} is gone, not before {}",
            deployment(called),
            utc(*at)
        ),
        Effect::EndKeepPrevious { promotion } => format!(
            "Tell promotion {} that its way back is no longer needed",
            name(promotion.as_str())
        ),
        Effect::Notify { notice: about } => format!("Post the card “{}”", notice(*about)),
        Effect::ObserveJob { run, workspace, .. } => format!(
            "Read job {} in {}",
            name(run.as_str()),
            name(workspace.name())
        ),
        Effect::RegisterOutput {
            run,
            model,
            version: number,
            ..
        } => format!(
            "Register the output of job {} as {}",
            name(run.as_str()),
            version(model.as_str(), number.as_str())
        ),
        Effect::TestJob { job, .. } => batch::score(job),
        Effect::OpenPromotions {
            model,
            version: number,
            ..
        } => format!(
            "Open the promotions of {}",
            version(model.as_str(), number.as_str())
        ),
        Effect::RegisterCode {
            workspace, code, ..
        } => assets::register_code(workspace, code),
        Effect::RegisterEnvironment {
            workspace,
            environment,
            ..
        } => assets::register_environment(workspace, environment),
    }
}

/// What came of an effect, as the end of a sentence; nothing, where "done" says it.
pub fn outcome(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::CandidateSeen { manifest, .. } | Outcome::ManifestSeen { manifest } => {
            Some(files(manifest))
        }
        Outcome::TargetSeen {
            champion: found, ..
        } => Some(match found {
            Champion::Serving(_) => format!("serves now: {}", champion(found)),
            Champion::None | Champion::Unclear { .. } => champion(found),
        }),
        Outcome::VotersSeen { relied } => {
            let mut gone = relied.iter().filter(|one| one.standing.is_empty());
            gone.next()
                .map(|one| format!("{} holds nothing of it any more", name(&one.person.name)))
        }
        Outcome::EvidenceRecalled { metrics } if metrics.is_empty() => {
            Some("it has none".to_owned())
        }
        Outcome::EvidenceRecalled { metrics } => Some(counted(metrics.len() as u64, "metric")),
        Outcome::SmokeTested(reply) => Some(format!(
            "{}, HTTP {} in {} ms{}",
            if reply.passed { "passed" } else { "not passed" },
            reply.status,
            reply.elapsed_ms,
            quoted(&reply.answer)
                .map_or_else(String::new, |answer| format!(": {}", capped(&answer, 120)))
        )),
        Outcome::Measured { taken, target } => {
            let taken = super::measurements::taken(taken);
            Some(match target {
                Look::Drifted(drift) => format!(
                    "{taken}; somebody else has changed the endpoint: {}",
                    drifted(drift)
                ),
                Look::AsExpected | Look::NotTaken => taken,
            })
        }
        Outcome::Drifted(drift) => Some(format!(
            "not touched, for somebody else has changed the endpoint: {}",
            drifted(drift)
        )),
        Outcome::WayBackSeen(proof) => Some(way_back_seen(proof)),
        Outcome::JobTested(reply) => Some(batch::reply(reply)),
        Outcome::LoadTested(reply) => Some(loaded(reply)),
        Outcome::TrafficSeen { traffic: found, .. } => Some(traffic(found)),
        Outcome::DeploymentMissing {
            deployment: missing,
            traffic: found,
        } => Some(format!(
            "deployment {} is gone, the traffic is {}",
            deployment(missing),
            traffic(found)
        )),
        Outcome::TurnSuperseded { by } => Some(format!("{} goes before it", name(by.as_str()))),
        Outcome::TurnRefused { by } => Some(format!("{} has it", name(by.as_str()))),
        Outcome::TurnHeld { reason } => Some(clause(reason)),
        Outcome::EndpointGone => Some("the endpoint is not there any more".to_owned()),
        Outcome::LeftAlone { detail } => Some(format!("left alone: {}", clause(detail))),
        Outcome::JobSeen(job) => Some(format!("the job is {}", name(&job.status))),
        Outcome::VersionTaken => Some("somebody else has used that number".to_owned()),
        Outcome::PromotionsOpened { promotions } => {
            Some(counted(promotions.len() as u64, "promotion"))
        }
        Outcome::CodeRegistered { registration }
        | Outcome::EnvironmentRegistered { registration } => {
            Some(assets::registration(*registration).to_owned())
        }
        Outcome::Copied
        | Outcome::Registered
        | Outcome::TurnTaken
        | Outcome::LeaseTaken
        | Outcome::LeaseReleased
        | Outcome::EndpointReady
        | Outcome::DeploymentReady
        | Outcome::TrafficSet
        | Outcome::Deleted
        | Outcome::Notified
        | Outcome::KeepPreviousEnded
        | Outcome::OutputRegistered => None,
    }
}

/// `message (code)`, as the end of a sentence.
pub(crate) fn failure(failure: &Failure) -> String {
    let (message, code) = (clause(&failure.message), capped(&failure.code, 60));
    match (message.is_empty(), code.is_empty()) {
        (false, false) => format!("{message} ({code})"),
        (false, true) => message,
        (true, false) => code,
        (true, true) => "no reason was given".to_owned(),
    }
}

/// The same of what is in the way today. Waiting for others is nobody's fault and needs no code; an exported file keeps it,
/// for its words are its layout's.
pub(crate) fn in_the_way(reason: &Failure) -> String {
    match reason.code.as_str() {
        "TargetBusy" | "NotItsTurn" | "TargetHeld" | "Frozen" | "OutsideWindow"
        | "EndpointBusy" => clause(&reason.message),
        _ => failure(reason),
    }
}

/// What keeps an undone effect from being done, as a sentence.
pub(crate) fn trouble(entry: &Entry) -> Option<String> {
    let trouble = entry.obstacle()?;
    let what = effect(&entry.effect);
    let said = in_the_way(trouble);
    Some(match &entry.state {
        EffectState::Retrying { at } => format!(
            "“{what}” has failed {}: {said}. It is tried again at {}.",
            counted(u64::from(entry.failures), "time"),
            utc(*at)
        ),
        EffectState::Planned | EffectState::Running { .. } => {
            format!("“{what}” has to wait: {said}.")
        }
    })
}

/// `2 × Standard_DS3_v2`, `2 × the cluster's default instance type on Kubernetes`.
pub(crate) fn machines(spec: &DeploymentSpec) -> String {
    if let Some(cluster) = batch::cluster(spec) {
        return cluster;
    }
    let instance_type = match &spec.instance_type {
        Some(instance_type) => name(instance_type),
        None => "the cluster's default instance type".to_owned(),
    };
    let on = match spec.compute_type {
        ComputeType::Managed => "",
        ComputeType::Kubernetes => " on Kubernetes",
    };
    format!("{} × {instance_type}{on}", spec.instance_count)
}

pub(super) fn files(manifest: &Manifest) -> String {
    format!(
        "{} ({})",
        counted(manifest.files().len() as u64, "file"),
        size(manifest.total_size())
    )
}

pub(super) fn folder(place: &BlobPlace) -> String {
    capped(
        &format!("{}/{}/{}", place.account, place.container, place.prefix),
        200,
    )
}
