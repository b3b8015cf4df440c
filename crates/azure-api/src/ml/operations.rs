//! Long-running operations, followed by the URL that ARM handed out: nothing about them lives in memory.
//!
//! **Invariant:** an operation URL is asked only at ARM's own origin; it may have been stored, and so forged.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Answer, Error, Result},
    ml::arm::{MachineLearning, ProvisioningState},
    origin,
    redact::redact,
    reply::Reply,
};

/// What became of a long-running call once ARM had taken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Whether it runs.
    pub state: SubmissionState,
    /// Where to ask how it goes. `None` while running: ask the resource for its provisioning state.
    pub operation: Option<OperationUrl>,
    /// When to ask first, if the service says so.
    pub retry_after: Option<Duration>,
}

/// How a long-running call began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionState {
    /// It runs.
    Running,
    /// It is over already: what was asked for is so.
    Done,
    /// Of a deletion: there was nothing.
    Absent,
}

/// Where an operation's state can be asked for; to be stored as it is.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct OperationUrl(String);

/// How an operation goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationState {
    /// Not over.
    Running {
        /// When to ask again, if the service says so.
        retry_after: Option<Duration>,
    },
    /// Over, and done.
    Succeeded,
    /// Over, and not done.
    Failed {
        /// Azure's.
        code: String,
        /// Azure's, capped.
        message: String,
    },
    /// Stopped by somebody.
    Canceled,
}

impl OperationUrl {
    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for OperationUrl {
    fn from(url: String) -> Self {
        OperationUrl(url)
    }
}

impl fmt::Debug for OperationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ARM signs some of these in their query.
        write!(
            f,
            "OperationUrl({})",
            self.0.split('?').next().unwrap_or_default()
        )
    }
}

impl MachineLearning {
    /// How the operation goes. Azure forgets operations after a while: then this is [`crate::Error::NotFound`], and the
    /// resource itself says what became of it.
    pub async fn operation(&self, operation: &OperationUrl) -> Result<OperationState> {
        let name = "operations.get";
        let url = origin::parse(name, operation.as_str())?;
        origin::require_same(name, &self.base, &url)?;
        match self.arm_get(name, url).await {
            Ok(reply) => Ok(state(&reply)),
            // A `Location` URL answers with the refusal itself once the operation has failed.
            Err(Error::Conflict(answer) | Error::PreconditionFailed(answer)) => {
                Ok(refused(*answer))
            }
            Err(Error::Invalid(answer)) if matches!(answer.status, 400 | 422) => {
                Ok(refused(*answer))
            }
            Err(error) => Err(error),
        }
    }
}

/// What the answer to a PUT or DELETE says about its operation.
pub(super) fn submitted(reply: &Reply) -> Submitted {
    let body: Value = reply.json().unwrap_or_default();
    let header = ["azure-asyncoperation", "location"]
        .into_iter()
        .find_map(|name| reply.header(name));
    let noted = || {
        body.pointer("/properties/properties/AzureAsyncOperationUri")
            .and_then(Value::as_str)
    };
    let provisioning = body
        .pointer("/properties/provisioningState")
        .and_then(Value::as_str);
    let settled = provisioning.map(|text| ProvisioningState::from(text.to_owned()).is_terminal());
    let state = match (reply.status, settled) {
        (204, _) => SubmissionState::Absent,
        (202, _) | (_, Some(false)) => SubmissionState::Running,
        (201, None) if header.is_some() => SubmissionState::Running,
        _ => SubmissionState::Done,
    };
    let operation = match state {
        SubmissionState::Running => header
            .or_else(noted)
            .map(|url| OperationUrl(url.to_owned())),
        SubmissionState::Done | SubmissionState::Absent => None,
    };
    Submitted {
        state,
        operation,
        retry_after: reply.retry_after(),
    }
}

/// A deletion of what is not there.
pub(super) fn absent() -> Submitted {
    Submitted {
        state: SubmissionState::Absent,
        operation: None,
        retry_after: None,
    }
}

fn state(reply: &Reply) -> OperationState {
    let body: Value = reply.json().unwrap_or_default();
    match (reply.status, body.get("status").and_then(Value::as_str)) {
        (_, Some("Succeeded")) => OperationState::Succeeded,
        (_, Some("Failed")) => failed(&body),
        (_, Some("Canceled")) => OperationState::Canceled,
        (_, Some(_)) | (202, None) => OperationState::Running {
            retry_after: reply.retry_after(),
        },
        // A `Location` URL answers with the resource, or with nothing, once the operation is over.
        (_, None) => OperationState::Succeeded,
    }
}

fn refused(answer: Answer) -> OperationState {
    OperationState::Failed {
        code: answer.code,
        message: answer.message,
    }
}

fn failed(body: &Value) -> OperationState {
    let text = |pointer| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .map(redact)
            .unwrap_or_default()
    };
    OperationState::Failed {
        code: text("/error/code"),
        message: text("/error/message"),
    }
}
