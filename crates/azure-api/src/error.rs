//! What can go wrong in a call, as the variants that a caller branches on.
//!
//! **Invariant:** no variant holds a secret: what services and libraries say passes through [`redact`] first, and a
//! library's error is never kept as a source, because reqwest's prints the URL with its signature.

use std::{error::Error as StdError, fmt, time::Duration};

use azure_core::error::ErrorKind;

use crate::{redact::redact, reply};

/// The result of every call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed. Which of these is worth another try says [`Error::is_transient`].
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// 404.
    #[error("{0}")]
    NotFound(Box<Answer>),
    /// 409: exists already, or another operation is running.
    #[error("{0}")]
    Conflict(Box<Answer>),
    /// 412: a condition (`ETag`, append position) did not hold.
    #[error("{0}")]
    PreconditionFailed(Box<Answer>),
    /// 429.
    #[error("{0}")]
    Throttled(Box<Answer>),
    /// 408 and 5xx. Of a write nobody knows whether it happened.
    #[error("{0}")]
    Unavailable(Box<Answer>),
    /// 401 and 403.
    #[error("{0}")]
    Denied(Box<Answer>),
    /// Any other refusal: the request itself is wrong.
    #[error("{0}")]
    Invalid(Box<Answer>),
    /// The deadline passed. Of a write nobody knows whether it happened.
    #[error("{operation}: no answer within {after:?}")]
    Timeout {
        /// The call.
        operation: &'static str,
        /// Its deadline.
        after: Duration,
    },
    /// No answer: name, connection, TLS, a broken stream. Of a write nobody knows whether it happened.
    #[error("{operation}: {reason}")]
    Transport {
        /// The call.
        operation: &'static str,
        /// What broke.
        reason: String,
    },
    /// The answer is not what the service documents, or longer than allowed.
    #[error("{operation}: unexpected answer: {reason}")]
    Malformed {
        /// The call.
        operation: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Not sent: it would carry a credential to a foreign or unprotected place, or a name is not one.
    #[error("{operation}: refused: {reason}")]
    Refused {
        /// The call.
        operation: &'static str,
        /// Why.
        reason: String,
    },
    /// Not sent: the identity gives no token.
    #[error("{operation}: no token: {reason}")]
    Credential {
        /// The call.
        operation: &'static str,
        /// What the identity said.
        reason: String,
    },
}

/// What a service answered when it did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The call, e.g. `deployments.put`.
    pub operation: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Azure's error code, e.g. `BlobAlreadyExists`; empty where there was none.
    pub code: String,
    /// Azure's message, capped and without secrets.
    pub message: String,
    /// What Microsoft's support asks for.
    pub request_id: Option<String>,
    /// How long the service asks to wait; never zero.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.status)?;
        for part in [&self.code, &self.message] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Answer {
    /// The variant that belongs to the status.
    pub(crate) fn into_error(self) -> Error {
        let answer = Box::new(self);
        match answer.status {
            404 => Error::NotFound(answer),
            409 => Error::Conflict(answer),
            412 => Error::PreconditionFailed(answer),
            429 => Error::Throttled(answer),
            408 | 500..=599 => Error::Unavailable(answer),
            401 | 403 => Error::Denied(answer),
            _ => Error::Invalid(answer),
        }
    }
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Throttled(_)
            | Error::Unavailable(_)
            | Error::Timeout { .. }
            | Error::Transport { .. } => true,
            Error::NotFound(_)
            | Error::Conflict(_)
            | Error::PreconditionFailed(_)
            | Error::Denied(_)
            | Error::Invalid(_)
            | Error::Malformed { .. }
            | Error::Refused { .. }
            | Error::Credential { .. } => false,
        }
    }

    /// How long the service asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.answer().and_then(|answer| answer.retry_after)
    }

    /// What the service answered, where it did.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Error::NotFound(answer)
            | Error::Conflict(answer)
            | Error::PreconditionFailed(answer)
            | Error::Throttled(answer)
            | Error::Unavailable(answer)
            | Error::Denied(answer)
            | Error::Invalid(answer) => Some(answer),
            Error::Timeout { .. }
            | Error::Transport { .. }
            | Error::Malformed { .. }
            | Error::Refused { .. }
            | Error::Credential { .. } => None,
        }
    }

    /// The call that failed.
    pub fn operation(&self) -> &'static str {
        match self {
            Error::NotFound(answer)
            | Error::Conflict(answer)
            | Error::PreconditionFailed(answer)
            | Error::Throttled(answer)
            | Error::Unavailable(answer)
            | Error::Denied(answer)
            | Error::Invalid(answer) => answer.operation,
            Error::Timeout { operation, .. }
            | Error::Transport { operation, .. }
            | Error::Malformed { operation, .. }
            | Error::Refused { operation, .. }
            | Error::Credential { operation, .. } => operation,
        }
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    /// Azure's error code, where there was an answer.
    pub fn code(&self) -> Option<&str> {
        self.answer().map(|answer| answer.code.as_str())
    }

    /// The service's id of the request, where there was an answer.
    pub fn request_id(&self) -> Option<&str> {
        self.answer()
            .and_then(|answer| answer.request_id.as_deref())
    }

    pub(crate) fn malformed(operation: &'static str, reason: impl fmt::Display) -> Error {
        Error::Malformed {
            operation,
            reason: redact(&reason.to_string()),
        }
    }

    pub(crate) fn refused(operation: &'static str, reason: impl fmt::Display) -> Error {
        Error::Refused {
            operation,
            reason: redact(&reason.to_string()),
        }
    }

    /// From the SDK's error. One of ours that passed through the SDK's pipeline comes out as it went in.
    pub(crate) fn from_sdk(operation: &'static str, error: &azure_core::Error) -> Error {
        if let Some(own) = chain(error).find_map(|cause| cause.downcast_ref::<Error>()) {
            return own.clone();
        }
        let kinds = || {
            chain(error)
                .filter_map(|cause| cause.downcast_ref::<azure_core::Error>())
                .map(azure_core::Error::kind)
        };
        if let Some(answer) = kinds().find_map(|kind| sdk_answer(operation, kind)) {
            return answer.into_error();
        }
        if kinds().any(|kind| matches!(kind, ErrorKind::Connection | ErrorKind::Io)) {
            return Error::Transport {
                operation,
                reason: innermost(error),
            };
        }
        if kinds().any(|kind| matches!(kind, ErrorKind::Credential)) {
            return Error::Credential {
                operation,
                reason: innermost(error),
            };
        }
        Error::malformed(operation, innermost(error))
    }
}

fn sdk_answer(operation: &'static str, kind: &ErrorKind) -> Option<Answer> {
    match kind {
        ErrorKind::HttpResponse {
            raw_response: Some(raw),
            ..
        } => Some(reply::answer(
            operation,
            u16::from(raw.status()),
            raw.headers(),
            raw.body().as_ref(),
        )),
        ErrorKind::HttpResponse {
            status, error_code, ..
        } => Some(Answer {
            operation,
            status: u16::from(*status),
            code: error_code.clone().unwrap_or_default(),
            message: String::new(),
            request_id: None,
            retry_after: None,
        }),
        _ => None,
    }
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    })
}

/// What the last error of a chain says. The outer ones repeat it or, in reqwest's case, print the URL.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let last = chain(error).last().unwrap_or(error);
    if last.is::<reqwest::Error>() {
        return "the HTTP client failed".into();
    }
    redact(&last.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Error {
        Answer {
            operation: "test",
            status,
            code: "Code".into(),
            message: "a message".into(),
            request_id: Some("id-1".into()),
            retry_after: None,
        }
        .into_error()
    }

    #[test]
    fn a_status_has_one_variant() {
        let named = |status| match answer(status) {
            Error::NotFound(_) => "not found",
            Error::Conflict(_) => "conflict",
            Error::PreconditionFailed(_) => "precondition",
            Error::Throttled(_) => "throttled",
            Error::Unavailable(_) => "unavailable",
            Error::Denied(_) => "denied",
            Error::Invalid(_) => "invalid",
            other => panic!("no answer: {other}"),
        };
        let found: Vec<_> = [404, 409, 412, 429, 408, 500, 503, 401, 403, 400, 302]
            .map(named)
            .into();
        let expected = [
            "not found",
            "conflict",
            "precondition",
            "throttled",
            "unavailable",
            "unavailable",
            "unavailable",
            "denied",
            "denied",
            "invalid",
            "invalid",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_answer_reads_as_one_line() {
        assert_eq!(
            answer(409).to_string(),
            "test: 409 Code a message (request id-1)"
        );
    }
}
