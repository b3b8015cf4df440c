//! Why the cloud says no: what ARM would answer, without HTTP.

/// A refused request. The variant decides the status, the code is ARM's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{message}")]
    Unauthorized { code: &'static str, message: String },
    #[error("{message}")]
    NotFound { code: &'static str, message: String },
    #[error("{message}")]
    Invalid { code: &'static str, message: String },
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    #[error("{message}")]
    NotAllowed { code: &'static str, message: String },
}

impl Refusal {
    pub(crate) fn not_found(what: &str, name: &str) -> Self {
        Self::NotFound {
            code: "ResourceNotFound",
            message: format!("The {what} '{name}' could not be found."),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid {
            code: "ValidationError",
            message: message.into(),
        }
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict {
            code: "ResourceOperationConflict",
            message: message.into(),
        }
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized { code, .. }
            | Self::NotFound { code, .. }
            | Self::Invalid { code, .. }
            | Self::Conflict { code, .. }
            | Self::NotAllowed { code, .. } => code,
        }
    }
}
