//! `prove-way-back`: what would serve again is there, healthy, and answers by name. Asking changes nothing.

use azure_api::ml::{ProvisioningState, WorkspaceRef};
use bytes::Bytes;
use promotion::{
    DeploymentName, EndpointName, Entry, Failure, Outcome, Report, Serving, Traffic, WayBackProof,
    WorkspaceId,
};
use serde_json::Value;

use super::found;
use super::perform::{Effects, workspace};
use super::policy::{endpoint_gone, or_report, settle};
use super::smoke_test::{PATIENCE, warming_up};
use crate::ui::{self, capped};

/// What a first look says that has not found it.
const NOT_THERE: &str = "DeploymentNotFound";
/// What a try says that was not answered well.
const NOT_YET: &str = "NotAnsweringYet";

/// What is asked, and where.
pub(super) struct Question<'a> {
    /// The effect.
    pub(super) entry: &'a Entry,
    /// Which endpoint.
    pub(super) endpoint: &'a EndpointName,
    /// What to ask.
    pub(super) request: Option<&'a Value>,
    /// How the endpoint serves.
    pub(super) serving: Serving,
}

impl Effects {
    pub(super) async fn prove_way_back(
        &self,
        id: &WorkspaceId,
        question: &Question<'_>,
        back: &Traffic,
    ) -> Report {
        settle(self.prove(id, question, back).await)
    }

    async fn prove(
        &self,
        id: &WorkspaceId,
        question: &Question<'_>,
        back: &Traffic,
    ) -> Result<Report, Report> {
        let at = workspace(id)?;
        let mut last = None;
        for (deployment, _) in back.shares() {
            let proof = self.can_serve(&at, question, deployment).await?;
            if proof.problem.is_some() {
                return Ok(Report::Done(Outcome::WayBackSeen(proof)));
            }
            last = Some(proof);
        }
        let nothing = || Report::Failed(Failure::new("NoWayBack", "nothing is to serve again"));
        Ok(Report::Done(Outcome::WayBackSeen(
            last.ok_or_else(nothing)?,
        )))
    }

    async fn can_serve(
        &self,
        at: &WorkspaceRef,
        question: &Question<'_>,
        deployment: &DeploymentName,
    ) -> Result<WayBackProof, Report> {
        let proof = |status, problem| WayBackProof {
            deployment: deployment.clone(),
            status,
            problem,
        };
        let (endpoint, name) = (question.endpoint.as_str(), deployment.as_str());
        let found = found::deployment(&self.ml, at, endpoint, name, question.serving).await;
        let Some(found) = or_report(found)? else {
            // A second look decides, as wherever a deployment is missed.
            let before = question.entry.trouble.as_ref();
            return if before.is_some_and(|trouble| trouble.code == NOT_THERE) {
                Ok(proof(None, Some(ui::is_gone())))
            } else {
                let message = format!("`{deployment}`, the way back, is not there");
                Err(Report::Retry(Failure::new(NOT_THERE, message)))
            };
        };
        match found.state {
            Some(ProvisioningState::Succeeded) => {}
            Some(state) if state.is_terminal() => {
                return Ok(proof(None, Some(ui::is_unhealthy(&String::from(state)))));
            }
            Some(_) | None => {
                let message = format!("`{deployment}`, the way back, is being changed by somebody");
                return Err(Report::Waiting(Failure::new("DeploymentBusy", message)));
            }
        }
        let Some(request) = question.request else {
            return Ok(proof(None, None));
        };
        match self.ask_by_name(at, question, deployment, request).await? {
            // What does not like the request answers all the same: it was made for the candidate.
            Ok(status @ (200..=299 | 400 | 422)) => Ok(proof(Some(status), None)),
            Ok(status) => Ok(proof(Some(status), Some(ui::answered_badly(status)))),
            Err(silence) => Ok(proof(None, Some(silence))),
        }
    }

    /// Its status, or why there is none, once it was asked often enough.
    async fn ask_by_name(
        &self,
        at: &WorkspaceRef,
        question: &Question<'_>,
        deployment: &DeploymentName,
        request: &Value,
    ) -> Result<Result<u16, String>, Report> {
        let Question {
            entry,
            endpoint: name,
            ..
        } = question;
        let gone = || endpoint_gone(name.as_str());
        let endpoint = or_report(self.ml.online_endpoint(at, name.as_str()).await)?;
        let endpoint = endpoint.ok_or_else(gone)?;
        let token = or_report(self.ml.scoring_token(at, &endpoint).await)?;
        let uri = endpoint.scoring_uri.ok_or_else(gone)?;
        let body = Bytes::from(request.to_string());
        let again = entry.failures < PATIENCE;
        let asked = self.ml.score(&uri, &token, Some(deployment.as_str()), body);
        match asked.await {
            Ok(scored) if warming_up(&scored) && again => {
                let message = format!("`{deployment}`, the way back, answered {}", scored.status);
                Err(Report::Retry(Failure::new(NOT_YET, message)))
            }
            Ok(scored) => Ok(Ok(scored.status)),
            Err(error) if error.is_transient() && again => {
                Err(Report::Retry(Failure::new(NOT_YET, error.to_string())))
            }
            Err(error) => Ok(Err(capped(&error.to_string(), 300))),
        }
    }
}
