//! The way to Azure: one HTTP client, one token cache, and the rules that every call follows.
//!
//! **Invariant:** a call ends within its deadline. A read is tried three times at most, a write once. Redirects are not
//! followed. The TLS client is built at the first call (reading the system's certificates takes most of a cold start);
//! [`Azure::warm`] builds it earlier.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use azure_core::http::{ClientOptions, Context, PipelineStreamOptions, headers::AUTHORIZATION};
use url::Url;

use crate::{
    blob::Blobs,
    bot::Connector,
    call::{Auth, Call, Kind},
    error::{Error, Result},
    graph::Graph,
    ml::MachineLearning,
    monitor::Monitor,
    openid::OpenId,
    origin,
    reply::Reply,
    service_bus::Queue,
    service_url::ServiceUrl,
    settings::Settings,
    teams::{TeamsWebhook, Webhook},
    tokens::EntraToken,
    wire::{Wire, plain_options},
};

/// Of a read, beyond the first try.
const READ_RETRIES: u32 = 2;
/// Whoever is asked to wait longer than this comes back by himself.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

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

    /// Azure Monitor.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(self.clone(), self.shared.settings.arm_url.clone())
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

    /// Microsoft Graph, e.g. `https://graph.microsoft.com`.
    pub fn graph(&self, base: Url) -> Graph {
        Graph::new(self.clone(), base)
    }

    /// The documents by which tokens are checked.
    pub fn openid(&self) -> OpenId {
        OpenId::new(self.clone())
    }

    /// A Teams channel by its Workflows webhook.
    pub fn webhook(&self, webhook: TeamsWebhook) -> Webhook {
        Webhook::new(self.clone(), webhook)
    }

    /// A bot at its connector, by the client id of its own identity.
    pub fn connector(&self, service: ServiceUrl, app_id: &str) -> Connector {
        Connector::new(self.clone(), service, app_id.to_owned())
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Sends one call, and again where its kind allows; any status but success is an error.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<Reply> {
        let call = &call;
        self.bounded(call.operation, call.kind, move || async move {
            self.attempt(call).await?.success()
        })
        .await
    }

    /// Sends one call; whatever status comes back is the result.
    pub(crate) async fn call_any(&self, call: Call<'_>) -> Result<Reply> {
        let call = &call;
        self.bounded(call.operation, call.kind, move || async move {
            self.attempt(call).await
        })
        .await
    }

    /// Runs a call under the rules of its kind and within the deadline.
    pub(crate) async fn bounded<T, F>(
        &self,
        operation: &'static str,
        kind: Kind,
        attempt: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
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
                operation,
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
        let (body, cut) = call.read(body).await?;
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
            Auth::Application { client_id, scope } => {
                origin::require_private(call.operation, &call.url)?;
                let wire = self.wire(call.operation)?;
                let settings = &self.shared.settings.identity;
                let tokens = wire.tokens_of(call.operation, settings, client_id)?;
                let token = tokens.get(call.operation, scope).await?;
                token.token.secret().to_owned()
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
            .get_or_init(|| Wire::build(&self.shared.settings));
        wire.as_ref().map_err(|reason| Error::Transport {
            operation,
            reason: reason.clone(),
        })
    }
}

fn unchecked() -> PipelineStreamOptions {
    PipelineStreamOptions {
        skip_checks: true,
        ..Default::default()
    }
}

async fn repeated<T, F>(kind: Kind, attempt: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
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
