//! Why a host does not start.

use std::path::PathBuf;

/// Why a host does not start. Nothing has been left running when this is returned.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The app uses something whose behaviour is not emulated; the fact's number leads to its description.
    #[error("{fact} is not built: {what}")]
    NotBuilt {
        /// Number of the fact, such as `E11`.
        fact: &'static str,
        /// What in the app asked for it.
        what: String,
    },
    /// A file of the app folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the app folder is not what the host understands.
    #[error("cannot understand {}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A value in the app folder or the options is missing or makes no sense.
    #[error("{what}")]
    Invalid {
        /// Which one, and why.
        what: String,
    },
    /// A port could not be bound.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for; 0 stands for any.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The handler's executable does not start.
    #[error("cannot start the handler {}", executable.display())]
    Spawn {
        /// What was started.
        executable: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl HostError {
    pub(crate) fn not_built(fact: &'static str, what: impl Into<String>) -> Self {
        Self::NotBuilt {
            fact,
            what: what.into(),
        }
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }
}
