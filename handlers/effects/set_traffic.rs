//! `set-traffic`: exactly this traffic, read back before it counts.
//!
//! ARM has neither a PATCH nor an entity tag for traffic: the endpoint is read, changed and PUT whole, under the lease.
//! The call is sent once and bounded by 60 s, shorter than the queue's lock; whatever its answer, the next look reads
//! first and writes only what does not read as wanted, to deployments that are there. At a batch endpoint the same is done to its
//! default deployment.

use azure_api::ml::{
    EndpointBody, OnlineEndpoint, OperationState, ProvisioningState, Submitted, WorkspaceRef,
};
use promotion::{
    DeploymentName, ENDPOINT_BUSY, Effect, EffectState, EndpointName, Entry, Expected, Failure,
    Mirror, Outcome, Report, Serving, Traffic, WorkspaceId,
};
use std::collections::BTreeMap;

use super::drift::drift;
use super::found::{self, FoundEndpoint};
use super::operation::submitted_report;
use super::perform::{Effects, workspace};
use super::policy::{endpoint_gone, failure, or_report, settle};

/// What a first look says that has not found a deployment.
const NOT_THERE: &str = "DeploymentNotFound";

/// What the endpoint is to show, and what it shows before.
pub(super) struct Wanted<'a> {
    /// Its traffic.
    pub(super) traffic: &'a Traffic,
    /// What is copied to the candidate.
    pub(super) mirror: Option<&'a Mirror>,
    /// What it shows unless somebody else has changed it.
    pub(super) expects: Option<&'a Expected>,
}

impl Effects {
    /// Whether the endpoint shows this already: what was sent, by whoever died before they could say so, has been done, whatever
    /// stands against sending it now. What cannot be read is no yes.
    pub async fn is_set(&self, effect: &Effect) -> bool {
        let Effect::SetTraffic {
            workspace: id,
            endpoint,
            traffic,
            mirror,
            serving,
            ..
        } = effect
        else {
            return false;
        };
        let Ok(at) = workspace(id) else {
            return false;
        };
        let found = found::endpoint(&self.ml, &at, endpoint.as_str(), *serving).await;
        found
            .ok()
            .flatten()
            .is_some_and(|found| shows(&found, traffic, mirror.as_ref()))
    }

    pub(super) async fn set_traffic(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        endpoint: &EndpointName,
        wanted: Wanted<'_>,
        serving: Serving,
    ) -> Report {
        settle(self.traffic(entry, id, endpoint, wanted, serving).await)
    }

    async fn traffic(
        &self,
        entry: &Entry,
        id: &WorkspaceId,
        name: &EndpointName,
        wanted: Wanted<'_>,
        serving: Serving,
    ) -> Result<Report, Report> {
        let Wanted {
            traffic: wanted,
            mirror,
            expects,
        } = wanted;
        let at = workspace(id)?;
        let operation = self.operation_state(entry).await?;
        if matches!(operation, Some(OperationState::Running { .. })) {
            return Ok(Report::StillRunning);
        }
        if operation.is_none() && matches!(entry.state, EffectState::Running { .. }) {
            // Whoever asked for it may want something else by now: they are asked before it is written again.
            let message = match serving {
                Serving::Online => "Azure knows no more of the change of traffic that it worked on",
                Serving::Batch => {
                    "Azure knows no more of the change of the default that it worked on"
                }
            };
            return Ok(Report::Retry(Failure::new("OperationUnknown", message)));
        }
        let found = found::endpoint(&self.ml, &at, name.as_str(), serving).await;
        let found = or_report(found)?.ok_or_else(|| endpoint_gone(name.as_str()))?;
        let reads = found.traffic();
        match found.state() {
            Some(_) if shows(&found, wanted, mirror) => {
                return Ok(Report::Done(Outcome::TrafficSet));
            }
            Some(
                ProvisioningState::Succeeded
                | ProvisioningState::Failed
                | ProvisioningState::Canceled,
            ) => {}
            Some(_) | None if entry.begun => return Ok(Report::StillRunning),
            // Azure has not said that it works on this: when it may be sent, whether it may is asked anew. Where it is a call of
            // ours all the same, whose answer nobody has heard, its end is found.
            Some(_) | None => return Ok(Report::Waiting(busy(name))),
        }
        if let Some(ended) = operation {
            return Ok(Report::Retry(not_as_wanted(&ended, &reads)));
        }
        // What reads as wanted on an endpoint whose change has failed is our own doing.
        let is_settled = matches!(found.state(), Some(ProvisioningState::Succeeded));
        if let Some(expected) = expects.filter(|_| is_settled || reads != *wanted)
            && let Some(drift) = or_report(drift(&self.ml, &at, &found, expected).await)?
        {
            return Ok(Report::Done(Outcome::Drifted(Box::new(drift))));
        }
        for (deployment, _) in wanted.shares() {
            let there =
                found::deployment(&self.ml, &at, name.as_str(), deployment.as_str(), serving);
            if or_report(there.await)?.is_none() {
                return Ok(missing(entry, deployment, reads));
            }
        }
        match self.put(&at, &found, wanted, mirror).await {
            Ok(submitted) => Ok(submitted_report(submitted.operation)),
            Err(error @ azure_api::Error::Invalid(_)) => Err(Report::Failed(failure(&error))),
            Err(error) => Err(Report::Retry(failure(&error))),
        }
    }

    async fn put(
        &self,
        at: &WorkspaceRef,
        found: &FoundEndpoint,
        wanted: &Traffic,
        mirror: Option<&Mirror>,
    ) -> azure_api::Result<Submitted> {
        match found {
            FoundEndpoint::Online(endpoint) => {
                let body = body(endpoint, wanted, mirror);
                self.ml.put_online_endpoint(at, &endpoint.name, &body).await
            }
            FoundEndpoint::Batch(endpoint) => {
                let default = wanted.shares().next();
                let default = default.map(|(deployment, _)| deployment.as_str());
                let body = endpoint.with_default(default);
                self.ml.put_batch_endpoint(at, &endpoint.name, &body).await
            }
        }
    }
}

/// Whether an endpoint that nobody changes at the moment shows this.
fn shows(found: &FoundEndpoint, traffic: &Traffic, mirror: Option<&Mirror>) -> bool {
    matches!(found.state(), Some(ProvisioningState::Succeeded))
        && found.traffic() == *traffic
        && found.is_mirrored(mirror)
}

/// What others have mirrored stays: Azure refuses where that is one too many.
fn body(endpoint: &OnlineEndpoint, wanted: &Traffic, mirror: Option<&Mirror>) -> EndpointBody {
    let shares: BTreeMap<String, u32> = wanted
        .shares()
        .map(|(name, percent)| (name.as_str().to_owned(), u32::from(percent)))
        .collect();
    let body = endpoint.with_traffic(&shares);
    let Some(mirror) = mirror else {
        return body;
    };
    let mut copied = endpoint.mirror_traffic.clone();
    copied.insert(
        mirror.deployment.as_str().to_owned(),
        u32::from(mirror.percent),
    );
    body.with_mirror(&copied)
}

fn busy(endpoint: &EndpointName) -> Failure {
    let message = format!("another change of endpoint `{endpoint}` is under way");
    Failure::new(ENDPOINT_BUSY, message)
}

/// A deployment that is not there, once a second look has found the endpoint and not the deployment.
fn missing(entry: &Entry, deployment: &DeploymentName, traffic: Traffic) -> Report {
    let message = format!("deployment `{deployment}`, which is to have traffic, is not there");
    let first = Failure::new(NOT_THERE, message);
    if entry.trouble.as_ref() != Some(&first) {
        return Report::Retry(first);
    }
    Report::Done(Outcome::DeploymentMissing {
        deployment: deployment.clone(),
        traffic,
    })
}

fn not_as_wanted(ended: &OperationState, found: &Traffic) -> Failure {
    match ended {
        OperationState::Failed { code, message } => Failure::new(code, message.clone()),
        OperationState::Canceled => Failure::new(
            "OperationCanceled",
            "somebody cancelled the change of traffic in Azure",
        ),
        OperationState::Running { .. } | OperationState::Succeeded => Failure::new(
            "TrafficNotAsWanted",
            format!("after the change the endpoint's traffic is {found}"),
        ),
    }
}
