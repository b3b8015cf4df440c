//! The HTTP client, the pipeline and the token cache, built together at the first call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use azure_core::{
    credentials::TokenCredential,
    http::{ClientOptions, ExponentialRetryOptions, HttpClient, Pipeline, RetryOptions, Transport},
};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};

use crate::{
    error::{Error, Result, innermost},
    settings::{Identity, Settings, Transport as Carrier},
    tokens::Tokens,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Of a request for a token, beyond the first try.
const TOKEN_RETRIES: u32 = 2;

/// What calls go through.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) pipeline: Pipeline,
    pub(crate) tokens: Arc<Tokens>,
    /// Of other identities, by their client id.
    others: Mutex<HashMap<String, Arc<Tokens>>>,
}

impl Wire {
    pub(crate) fn build(settings: &Settings) -> std::result::Result<Wire, String> {
        let http: Arc<dyn HttpClient> = match &settings.transport {
            Carrier::Given(given) => given.clone(),
            Carrier::Http => {
                // Another crate of the process may have chosen the same provider already; that is no failure.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let built = http_client()
                    .map_err(|error| format!("no HTTP client: {}", innermost(&error)))?;
                Arc::new(built)
            }
        };
        let credential = credential(&settings.identity, &http)
            .map_err(|error| format!("no identity: {}", innermost(&error)))?;
        let name = option_env!("CARGO_PKG_NAME");
        let version = option_env!("CARGO_PKG_VERSION");
        let pipeline = Pipeline::new(name, version, plain_options(&http), vec![], vec![], None);
        Ok(Wire {
            http,
            pipeline,
            tokens: Arc::new(Tokens::new(credential)),
            others: Mutex::default(),
        })
    }

    /// The tokens of the identity with this client id: each identity has a cache of its own.
    pub(crate) fn tokens_of(
        &self,
        operation: &'static str,
        identity: &Identity,
        client_id: &str,
    ) -> Result<Arc<Tokens>> {
        match identity {
            // A given one speaks for everybody, the app's own for itself.
            Identity::Credential(_) => return Ok(self.tokens.clone()),
            Identity::Environment { client_id: own } if own.as_deref() == Some(client_id) => {
                return Ok(self.tokens.clone());
            }
            Identity::Environment { .. } => {}
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(client_id) {
            return Ok(known.clone());
        }
        let other = Identity::Environment {
            client_id: Some(client_id.to_owned()),
        };
        let credential = credential(&other, &self.http).map_err(|error| Error::Credential {
            operation,
            reason: innermost(&error),
        })?;
        let tokens = Arc::new(Tokens::new(credential));
        others.insert(client_id.to_owned(), tokens.clone());
        Ok(tokens)
    }
}

pub(crate) fn http_client() -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(Duration::from_mins(1));
    let builder = match https_proxy()? {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    };
    builder.build()
}

/// The environment's proxy, for https only: plain http goes to this machine alone, where no proxy can reach.
fn https_proxy() -> reqwest::Result<Option<reqwest::Proxy>> {
    let named = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|url| !url.is_empty()));
    let Some(url) = named else { return Ok(None) };
    Ok(Some(
        reqwest::Proxy::https(url)?.no_proxy(reqwest::NoProxy::from_env()),
    ))
}

pub(crate) fn credential(
    identity: &Identity,
    http: &Arc<dyn HttpClient>,
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
pub(crate) fn plain_options(http: &Arc<dyn HttpClient>) -> ClientOptions {
    ClientOptions {
        transport: Some(Transport::new(http.clone())),
        retry: RetryOptions::none(),
        ..Default::default()
    }
}
