//! The HTTP client, the pipeline and the token cache, built together at the first call.

use std::{sync::Arc, time::Duration};

use azure_core::{
    credentials::TokenCredential,
    http::{ClientOptions, ExponentialRetryOptions, HttpClient, Pipeline, RetryOptions, Transport},
};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};

use crate::{error::innermost, settings::Identity, tokens::Tokens};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Of a request for a token, beyond the first try.
const TOKEN_RETRIES: u32 = 2;

/// What calls go through.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) http: reqwest::Client,
    pub(crate) pipeline: Pipeline,
    pub(crate) tokens: Arc<Tokens>,
}

impl Wire {
    pub(crate) fn build(identity: &Identity) -> std::result::Result<Wire, String> {
        // Another crate of the process may have chosen the same provider already; that is no failure.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(Duration::from_mins(1))
            .build()
            .map_err(|error| format!("no HTTP client: {}", innermost(&error)))?;
        let credential = credential(identity, &http)
            .map_err(|error| format!("no identity: {}", innermost(&error)))?;
        let name = option_env!("CARGO_PKG_NAME");
        let version = option_env!("CARGO_PKG_VERSION");
        let pipeline = Pipeline::new(name, version, plain_options(&http), vec![], vec![], None);
        Ok(Wire {
            http,
            pipeline,
            tokens: Arc::new(Tokens::new(credential)),
        })
    }
}

fn credential(
    identity: &Identity,
    http: &reqwest::Client,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let client_id = match identity {
        Identity::Credential(given) => return Ok(given.clone()),
        Identity::Environment { client_id } => client_id.clone(),
    };
    if std::env::var_os("IDENTITY_ENDPOINT").is_none() {
        return Ok(DeveloperToolsCredential::new(None)?);
    }
    let mut client_options = plain_options(http);
    // Asking for a token changes nothing, so a restarting identity endpoint need not cost a call.
    client_options.retry = RetryOptions::exponential(ExponentialRetryOptions {
        initial_delay: azure_core::time::Duration::milliseconds(100),
        max_retries: TOKEN_RETRIES,
        ..Default::default()
    });
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: client_id.map(UserAssignedId::ClientId),
        client_options,
    };
    Ok(ManagedIdentityCredential::new(Some(options))?)
}

/// Our transport, no retries.
pub(crate) fn plain_options(http: &reqwest::Client) -> ClientOptions {
    let client: Arc<dyn HttpClient> = Arc::new(http.clone());
    ClientOptions {
        transport: Some(Transport::new(client)),
        retry: RetryOptions::none(),
        ..Default::default()
    }
}
