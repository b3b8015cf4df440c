//! Where Azure is and who we are there.

use std::{fmt, sync::Arc, time::Duration};

use azure_core::{credentials::TokenCredential, http::HttpClient};
use url::Url;

/// How long a call may take when nothing else is said, retries included.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

/// Everything that the clients share.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Azure Resource Manager.
    pub arm_url: Url,
    /// Who signs the calls.
    pub identity: Identity,
    /// How long a call may take, retries included.
    pub deadline: Duration,
    /// Who carries the calls.
    pub transport: Transport,
}

/// Who carries the calls.
#[derive(Debug, Clone)]
pub enum Transport {
    /// An HTTP client of our own, built at the first call.
    Http,
    /// A given one: a cloud in the same process is asked without sockets.
    Given(Arc<dyn HttpClient>),
}

/// Where tokens come from.
#[derive(Clone)]
pub enum Identity {
    /// The managed identity where the platform offers one (`IDENTITY_ENDPOINT` is set), else the developer's tools
    /// (`az`, `azd`). App Service needs the client id of a user-assigned identity.
    Environment {
        /// Of a user-assigned identity.
        client_id: Option<String>,
    },
    /// A given one.
    Credential(Arc<dyn TokenCredential>),
}

impl Settings {
    /// The public cloud, the environment's identity, the default deadline.
    pub fn public_cloud() -> Settings {
        Settings {
            arm_url: Url::parse("https://management.azure.com").expect("a constant that parses"),
            identity: Identity::Environment { client_id: None },
            deadline: DEFAULT_DEADLINE,
            transport: Transport::Http,
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Environment { client_id } => f
                .debug_struct("Environment")
                .field("client_id", client_id)
                .finish(),
            Identity::Credential(_) => f.write_str("Credential"),
        }
    }
}
