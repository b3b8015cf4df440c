//! Asking an endpoint for predictions, also of one named deployment that has no traffic.
//!
//! **Invariant:** keys and tokens stay inside [`ScoringToken`], and go to the endpoint over https or to this machine only.

use std::{fmt, time::Duration};

use azure_core::http::Method;
use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    call::{Auth, Call},
    error::{Error, Result},
    ml::{
        arm::MachineLearning,
        endpoints::{AuthMode, OnlineEndpoint},
        workspace::WorkspaceRef,
    },
    origin,
    reply::Cut,
    tokens::ML_SCOPE,
};

/// Of an answer's body more than this is cut off.
const LONGEST_ANSWER: usize = 1 << 20;

/// What an endpoint's callers sign with. Shows itself to nobody.
#[derive(Clone)]
pub struct ScoringToken(String);

impl fmt::Debug for ScoringToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScoringToken")
    }
}

/// What the endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// The HTTP status, whatever it is.
    pub status: u16,
    /// At most 1 MiB.
    pub body: Bytes,
    /// Whether there was more.
    pub truncated: bool,
    /// From the first byte sent to the last read.
    pub elapsed: Duration,
}

impl MachineLearning {
    /// What signs requests to the endpoint, by its `authMode`: its key, its token, or an Entra token.
    pub async fn scoring_token(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &OnlineEndpoint,
    ) -> Result<ScoringToken> {
        let (operation, action, pointer) = match endpoint.auth_mode {
            AuthMode::Key => ("endpoints.listKeys", "listKeys", "/primaryKey"),
            AuthMode::AmlToken => ("endpoints.token", "token", "/accessToken"),
            AuthMode::AadToken => {
                return Ok(ScoringToken(
                    self.azure.token("endpoints.token", ML_SCOPE).await?,
                ));
            }
        };
        let url = self.url(
            operation,
            workspace,
            &["onlineEndpoints", &endpoint.name, action],
            &[],
        )?;
        let answer = self.arm_ask(operation, url).await?;
        let secret = answer.pointer(pointer).and_then(Value::as_str);
        secret
            .map(|secret| ScoringToken(secret.to_owned()))
            .ok_or_else(|| Error::malformed(operation, format!("no {}", &pointer[1..])))
    }

    /// Sends one request, once, to the endpoint, or past its traffic to one deployment. What it answers is the result,
    /// whatever the status; an error means that no answer came.
    pub async fn score(
        &self,
        scoring_uri: &str,
        token: &ScoringToken,
        deployment: Option<&str>,
        body: Bytes,
    ) -> Result<Scored> {
        let operation = "endpoints.score";
        let url = origin::parse(operation, scoring_uri)?;
        let mut call = Call::write(operation, Method::Post, url, Auth::Bearer(&token.0), body);
        call.longest_body = LONGEST_ANSWER;
        call.headers
            .extend(deployment.map(|name| ("azureml-model-deployment", name.to_owned())));
        let started = Instant::now();
        let reply = self.azure.call_any(call).await?;
        Ok(Scored {
            status: reply.status,
            truncated: reply.cut == Cut::Truncated,
            elapsed: started.elapsed(),
            body: reply.body,
        })
    }
}
