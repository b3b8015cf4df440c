//! Entra tokens: one cache for all clients, a slot per scope.
//!
//! **Invariant:** for one scope at most one request for a token is under way; everybody else waits for it. A token is
//! renewed five minutes before it expires, and one that is still valid serves on when renewing fails. Their expiry is
//! real time, whatever clock the business follows.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use azure_core::{
    credentials::{AccessToken, TokenCredential},
    http::{
        Context, Request,
        headers::AUTHORIZATION,
        policies::{Policy, PolicyResult},
    },
    time::Duration,
};

use crate::{
    error::{Error, Result},
    origin, real_time,
};

/// Azure Resource Manager; the machine-learning region's services take its tokens too.
pub(crate) const ARM_SCOPE: &str = "https://management.azure.com/.default";
/// Scoring by an endpoint whose `authMode` is `AADToken`.
pub(crate) const ML_SCOPE: &str = "https://ml.azure.com/.default";
/// Blob storage, also as the source of a copy.
pub(crate) const STORAGE_SCOPE: &str = "https://storage.azure.com/.default";
/// Service Bus.
pub(crate) const SERVICE_BUS_SCOPE: &str = "https://servicebus.azure.net/.default";

/// The Bot Connector service, for a bot's own identity.
pub(crate) const BOT_SCOPE: &str = "https://api.botframework.com/.default";
/// Microsoft Graph.
pub(crate) const GRAPH_SCOPE: &str = "https://graph.microsoft.com/.default";

const EARLY: Duration = Duration::minutes(5);

type Slot = Arc<tokio::sync::Mutex<Option<AccessToken>>>;

/// The cache.
pub(crate) struct Tokens {
    credential: Arc<dyn TokenCredential>,
    slots: Mutex<HashMap<&'static str, Slot>>,
}

impl Tokens {
    pub(crate) fn new(credential: Arc<dyn TokenCredential>) -> Tokens {
        Tokens {
            credential,
            slots: Mutex::new(HashMap::new()),
        }
    }

    /// A token for the scope that is good for now.
    pub(crate) async fn get(
        &self,
        operation: &'static str,
        scope: &'static str,
    ) -> Result<AccessToken> {
        let slot = self.slot(scope);
        let mut held = slot.lock().await;
        let now = real_time::now();
        if let Some(token) = held.as_ref().filter(|token| token.expires_on > now + EARLY) {
            return Ok(token.clone());
        }
        match self.credential.get_token(&[scope], None).await {
            Ok(token) => Ok(held.insert(token).clone()),
            Err(error) => match held.as_ref().filter(|token| token.expires_on > now) {
                Some(valid) => Ok(valid.clone()),
                None => Err(no_token(operation, &error)),
            },
        }
    }

    fn slot(&self, scope: &'static str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(scope).or_default().clone()
    }
}

/// The identity's refusal must not read as the service's: its 404 does not mean that a resource is absent.
fn no_token(operation: &'static str, error: &azure_core::Error) -> Error {
    match Error::from_sdk(operation, error) {
        passing if passing.is_transient() => passing,
        credential @ Error::Credential { .. } => credential,
        lasting => Error::Credential {
            operation,
            reason: lasting.to_string(),
        },
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// Signs each request of a pipeline with a token of one scope. The SDK's own policy refuses loopback http.
#[derive(Debug)]
pub(crate) struct EntraToken {
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) operation: &'static str,
    pub(crate) scope: &'static str,
}

#[async_trait]
impl Policy for EntraToken {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let token = self
            .token(request)
            .await
            .map_err(|own| azure_core::Error::new(azure_core::error::ErrorKind::Other, own))?;
        request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
        next[0].send(ctx, request, &next[1..]).await
    }
}

impl EntraToken {
    async fn token(&self, request: &Request) -> Result<AccessToken> {
        origin::require_private(self.operation, request.url())?;
        self.tokens.get(self.operation, self.scope).await
    }
}
