//! One handler process: the app's own router, asked as the Functions host asks it, until it dies.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use azure_api::{Azure, Identity, Settings as AzureSettings, Transport};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use bytes::Bytes;
use cloud_sim::Cloud;
use http::{Request, StatusCode};
use liftlock::app::{App, Ground};
use liftlock::clock::Clock;
use liftlock::repair::{Mode, repair};
use liftlock::router::router;
use tower::ServiceExt as _;

use crate::carrier::Carrier;
use crate::life::Life;
use crate::mishap::Mishap;
use crate::setting::Setting;

/// As the app itself has it.
const CALL_DEADLINE: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 16 << 20;

/// What the process answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// It died before it answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Died;

/// A running process.
pub(crate) struct Process {
    app: Arc<App>,
    router: Router,
    life: Life,
    carrier: Carrier,
}

impl Process {
    /// Starts one; it knows nothing but its settings.
    pub(crate) fn start(
        setting: &Setting,
        cloud: &Arc<Cloud>,
        carrier: &Carrier,
    ) -> anyhow::Result<Self> {
        let life = Life::default();
        let azure = Azure::new(AzureSettings {
            arm_url: setting.settings.arm_url.clone(),
            identity: Identity::Credential(Arc::new(Credential(cloud.clone()))),
            deadline: CALL_DEADLINE,
            transport: Transport::Given(carrier.of(life.clone())),
        });
        let clock = cloud.clock().clone();
        let app = App::on(Ground {
            settings: setting.settings.clone(),
            config: setting.config.clone(),
            azure,
            clock: Clock::given(move || clock.now()),
        })?;
        let app = Arc::new(app);
        Ok(Self {
            router: router(app.clone()),
            app,
            life,
            carrier: carrier.clone(),
        })
    }

    /// Asks it.
    pub(crate) async fn ask(&self, request: Request<Bytes>) -> Result<Answer, Died> {
        let asked = async {
            let answer = self
                .router
                .clone()
                .oneshot(request.map(Body::from))
                .await
                .unwrap_or_else(|never| match never {});
            let status = answer.status();
            let body = to_bytes(answer.into_body(), LARGEST_ANSWER).await;
            Answer {
                status,
                body: body.unwrap_or_default(),
            }
        };
        self.while_it_lives(asked).await
    }

    /// `liftlock repair --apply`, in a process of its own; whether nothing is left that it would have mended.
    pub(crate) async fn repair(&self) -> Result<bool, Died> {
        let repaired = async {
            let tally = repair(&self.app.engine, Mode::Apply, &mut |_| {}).await;
            tally.is_ok_and(|tally| tally.left == 0)
        };
        self.while_it_lives(repaired).await
    }

    /// What is done by a process that is to die after its last call reaches nobody.
    async fn while_it_lives<T>(&self, doing: impl Future<Output = T>) -> Result<T, Died> {
        let done = tokio::select! {
            biased;
            () = self.life.over() => Err(Died),
            done = doing => if self.life.is_ending() { Err(Died) } else { Ok(done) },
        };
        if done.is_err() {
            self.carrier.happened(Mishap::Death);
        }
        done
    }
}

/// The managed identity, asked without a call.
struct Credential(Arc<Cloud>);

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential")
    }
}

#[async_trait::async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let audience = scopes.first().copied().unwrap_or_default();
        let (token, expires) = self
            .0
            .identity()
            .token(audience.trim_end_matches("/.default"));
        let expires = OffsetDateTime::from_unix_timestamp(expires.as_second())
            .map_err(|error| azure_core::Error::new(azure_core::error::ErrorKind::Other, error))?;
        Ok(AccessToken::new(token, expires))
    }
}
