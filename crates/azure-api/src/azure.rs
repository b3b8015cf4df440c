//! The way to Azure: one HTTP client, one token cache, and the rules that every call follows.
//!
//! **Invariant:** a call ends within its deadline. A read is tried three times at most, a write once. Redirects are not
//! followed. The TLS client is built at the first call (reading the system's certificates takes most of a cold start);
//! [`Azure::warm`] builds it earlier.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use azure_core::{
    credentials::TokenCredential,
    http::{
        ClientOptions, Context, ExponentialRetryOptions, HttpClient, Method, Pipeline, Request,
        RetryOptions, Transport as SdkTransport, headers::AUTHORIZATION,
    },
};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};
use bytes::Bytes;
use futures::StreamExt as _;
use url::Url;

use crate::{
    blob::Blobs,
    error::{Error, Result, innermost},
    ml::MachineLearning,
    origin,
    reply::{Cut, Reply},
    service_bus::Queue,
    settings::{Identity, Settings},
    teams::{TeamsWebhook, Webhook},
    tokens::{EntraToken, Tokens},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Of a read, beyond the first try.
const READ_RETRIES: u32 = 2;
/// Whoever is asked to wait longer than this comes back by himself.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// JSON answers longer than this are refused.
const LONGEST_BODY: usize = 16 << 20;

/// The entry: cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Azure {
    shared: Arc<Shared>,
    deadline: Duration,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    wire: OnceLock<std::result::Result<Wire, String>>,
}

#[derive(Debug)]
struct Wire {
    http: reqwest::Client,
    pipeline: Pipeline,
    tokens: Arc<Tokens>,
}

impl Azure {
    /// Touches nothing yet.
    pub fn new(settings: Settings) -> Azure {
        let deadline = settings.deadline;
        Azure {
            shared: Arc::new(Shared {
                settings,
                wire: OnceLock::new(),
            }),
            deadline,
        }
    }

    /// Builds the TLS client now. Takes milliseconds of processor time.
    pub fn warm(&self) {
        let _ = self.wire("warm");
    }

    /// The same with another deadline for each call, retries included.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Azure {
        Azure {
            shared: self.shared.clone(),
            deadline,
        }
    }

    /// Azure Machine Learning.
    pub fn machine_learning(&self) -> MachineLearning {
        MachineLearning::new(self.clone(), self.shared.settings.arm_url.clone())
    }

    /// A storage account by its blob endpoint, e.g. `https://stprod.blob.core.windows.net` or
    /// `http://127.0.0.1:10000/stprod`. A query in it (an account SAS) is kept on every request and stands for the token.
    pub fn blobs(&self, account_url: Url) -> Blobs {
        Blobs::new(self.clone(), account_url)
    }

    /// A Service Bus queue by its namespace, e.g. `https://example.servicebus.windows.net`.
    pub fn queue(&self, namespace_url: Url, queue: &str) -> Queue {
        Queue::new(self.clone(), namespace_url, queue)
    }

    /// A Teams channel by its Workflows webhook.
    pub fn webhook(&self, webhook: TeamsWebhook) -> Webhook {
        Webhook::new(self.clone(), webhook)
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Sends one call, and again where its kind allows; any status but success is an error.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<Reply> {
        self.bounded(call.operation, call.kind, async || {
            self.attempt(&call).await?.success()
        })
        .await
    }

    /// Sends one call; whatever status comes back is the result.
    pub(crate) async fn call_any(&self, call: Call<'_>) -> Result<Reply> {
        self.bounded(call.operation, call.kind, async || {
            self.attempt(&call).await
        })
        .await
    }

    /// Runs a call under the rules of its kind and within the deadline.
    pub(crate) async fn bounded<T>(
        &self,
        operation: &'static str,
        kind: Kind,
        attempt: impl AsyncFn() -> Result<T>,
    ) -> Result<T> {
        let after = self.deadline;
        tokio::time::timeout(after, repeated(kind, attempt))
            .await
            .unwrap_or(Err(Error::Timeout { operation, after }))
    }

    /// Options for a client of the SDK: our transport, no retries, and our tokens where a scope is given.
    pub(crate) fn sdk_options(
        &self,
        operation: &'static str,
        scope: Option<&'static str>,
    ) -> Result<ClientOptions> {
        let wire = self.wire(operation)?;
        let mut options = plain_options(&wire.http);
        if let Some(scope) = scope {
            options.per_try_policies.push(Arc::new(EntraToken {
                tokens: wire.tokens.clone(),
                scope,
            }));
        }
        Ok(options)
    }

    /// An `Authorization` value for somebody else to use: the source of a copy, an endpoint.
    pub(crate) async fn token(
        &self,
        operation: &'static str,
        scope: &'static str,
    ) -> Result<String> {
        let token = self.wire(operation)?.tokens.get(operation, scope).await?;
        Ok(token.token.secret().to_owned())
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Reply> {
        let wire = self.wire(call.operation)?;
        let mut request = call.request();
        if let Some(bearer) = self.bearer(call).await? {
            request.insert_header(AUTHORIZATION, bearer);
        }
        let context = Context::new();
        let sent = wire
            .pipeline
            .stream(&context, &mut request, Some(unchecked()))
            .await;
        let (status, headers, body) = sent
            .map_err(|error| Error::from_sdk(call.operation, &error))?
            .deconstruct();
        let (body, cut) = read_capped(call, body).await?;
        Ok(Reply {
            operation: call.operation,
            status: u16::from(status),
            headers,
            body,
            cut,
        })
    }

    async fn bearer(&self, call: &Call<'_>) -> Result<Option<String>> {
        let token = match call.auth {
            Auth::None => return Ok(None),
            Auth::Scope(scope) => {
                origin::require_private(call.operation, &call.url)?;
                self.token(call.operation, scope).await?
            }
            Auth::Bearer(token) => {
                origin::require_private(call.operation, &call.url)?;
                token.to_owned()
            }
        };
        Ok(Some(format!("Bearer {token}")))
    }

    fn wire(&self, operation: &'static str) -> Result<&Wire> {
        let wire = self
            .shared
            .wire
            .get_or_init(|| Wire::build(&self.shared.settings.identity));
        wire.as_ref().map_err(|reason| Error::Transport {
            operation,
            reason: reason.clone(),
        })
    }
}

/// What may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes nothing: tried again on transient errors.
    Read,
    /// Sent once.
    Write,
}

/// Who signs.
#[derive(Clone, Copy)]
pub(crate) enum Auth<'a> {
    None,
    Scope(&'static str),
    Bearer(&'a str),
}

/// One call, ready to be sent.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) kind: Kind,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) auth: Auth<'a>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
    /// Longer bodies are cut; [`Reply::json`] refuses those.
    pub(crate) longest_body: usize,
}

impl<'a> Call<'a> {
    pub(crate) fn get(operation: &'static str, url: Url, auth: Auth<'a>) -> Call<'a> {
        let headers = vec![("accept", "application/json".to_owned())];
        Call {
            operation,
            kind: Kind::Read,
            method: Method::Get,
            url,
            auth,
            headers,
            body: None,
            longest_body: LONGEST_BODY,
        }
    }

    /// A write with a JSON body.
    pub(crate) fn write(
        operation: &'static str,
        method: Method,
        url: Url,
        auth: Auth<'a>,
        body: Bytes,
    ) -> Call<'a> {
        let mut call = Call::get(operation, url, auth);
        call.kind = Kind::Write;
        call.method = method;
        call.body = Some(body);
        call.headers
            .push(("content-type", "application/json".to_owned()));
        call
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.url.clone(), self.method);
        for (name, value) in &self.headers {
            request.insert_header(*name, value.clone());
        }
        if let Some(body) = &self.body {
            request.set_body(body.clone());
        }
        request
    }
}

impl Wire {
    fn build(identity: &Identity) -> std::result::Result<Wire, String> {
        // Another crate of the process may have chosen the same provider already; that is no failure.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(60))
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
        max_retries: READ_RETRIES,
        ..Default::default()
    });
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: client_id.map(UserAssignedId::ClientId),
        client_options,
    };
    Ok(ManagedIdentityCredential::new(Some(options))?)
}

fn plain_options(http: &reqwest::Client) -> ClientOptions {
    let client: Arc<dyn HttpClient> = Arc::new(http.clone());
    ClientOptions {
        transport: Some(SdkTransport::new(client)),
        retry: RetryOptions::none(),
        ..Default::default()
    }
}

fn unchecked() -> azure_core::http::PipelineStreamOptions {
    azure_core::http::PipelineStreamOptions {
        skip_checks: true,
        ..Default::default()
    }
}

async fn repeated<T>(kind: Kind, attempt: impl AsyncFn() -> Result<T>) -> Result<T> {
    let tries = match kind {
        Kind::Read => READ_RETRIES,
        Kind::Write => 0,
    };
    for retry in 0..tries {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let pause = error
            .retry_after()
            .unwrap_or(Duration::from_millis(200) * 4u32.pow(retry));
        if !error.is_transient() || pause > LONGEST_PAUSE {
            return Err(error);
        }
        tracing::debug!(%error, ?pause, "a read is tried again");
        tokio::time::sleep(pause).await;
    }
    attempt().await
}

async fn read_capped(
    call: &Call<'_>,
    mut body: azure_core::http::response::AsyncResponseBody,
) -> Result<(Bytes, Cut)> {
    let mut read = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Error::from_sdk(call.operation, &error))?;
        let room = call.longest_body - read.len();
        if chunk.len() > room {
            read.extend_from_slice(&chunk[..room]);
            return Ok((read.into(), Cut::Truncated));
        }
        read.extend_from_slice(&chunk);
    }
    Ok((read.into(), Cut::Whole))
}
