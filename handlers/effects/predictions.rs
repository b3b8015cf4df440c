//! What a deployment answers to sampled requests, asked by name and so past the traffic.

use azure_api::ml::{MachineLearning, OnlineEndpoint, ScoringToken, WorkspaceRef};
use bytes::Bytes;
use promotion::DeploymentName;
use serde_json::Value;

/// How many requests are under way at the same time.
const AT_ONCE: usize = 4;

/// An endpoint that can be asked.
pub(super) struct Asked {
    uri: String,
    token: ScoringToken,
}

impl Asked {
    pub(super) async fn find(
        ml: &MachineLearning,
        workspace: &WorkspaceRef,
        endpoint: &str,
    ) -> Result<Self, String> {
        let found = ml.online_endpoint(workspace, endpoint).await;
        let found: Option<OnlineEndpoint> = found.map_err(|error| error.to_string())?;
        let gone = || format!("endpoint `{endpoint}` is gone");
        let found = found.ok_or_else(gone)?;
        let token = ml.scoring_token(workspace, &found).await;
        Ok(Self {
            token: token.map_err(|error| error.to_string())?,
            uri: found.scoring_uri.ok_or_else(gone)?,
        })
    }

    /// The answers of one deployment, in the order of the requests.
    pub(super) async fn answers(
        &self,
        ml: &MachineLearning,
        deployment: &DeploymentName,
        requests: &[Value],
    ) -> Result<Vec<Value>, String> {
        let mut answers = Vec::with_capacity(requests.len());
        for some in requests.chunks(AT_ONCE) {
            let before = answers.len();
            let asked = some
                .iter()
                .enumerate()
                .map(|(at, request)| self.answer(ml, deployment, before + at + 1, request));
            answers.extend(futures::future::try_join_all(asked).await?);
        }
        Ok(answers)
    }

    async fn answer(
        &self,
        ml: &MachineLearning,
        deployment: &DeploymentName,
        number: usize,
        request: &Value,
    ) -> Result<Value, String> {
        let body = Bytes::from(request.to_string());
        let name = Some(deployment.as_str());
        let scored = ml.score(&self.uri, &self.token, name, body).await;
        let scored = scored.map_err(|error| error.to_string())?;
        if scored.status != 200 || scored.truncated {
            let status = scored.status;
            return Err(format!(
                "`{deployment}` answered {status} to request {number}"
            ));
        }
        serde_json::from_slice(&scored.body).map_err(|error| {
            format!("what `{deployment}` answered to request {number} is not JSON: {error}")
        })
    }
}
