//! What a host is started with.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::log::LogSink;
use crate::platform::PlatformState;

/// What a host is started with; [`HostOptions::new`] gives a host without queue, personas or simulated time.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The folder that holds `host.json`, as it would be deployed.
    pub app_root: PathBuf,
    /// App settings: the handler gets them on top of this process's environment.
    pub env: BTreeMap<String, String>,
    /// Port of the listener on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Base of the Service Bus receiver API, needed when a function has a `serviceBusTrigger`. Loopback http.
    pub service_bus_url: Option<Url>,
    /// Where the business time is read; without it timers follow the system's clock. Loopback http.
    pub clock_url: Option<Url>,
    /// The system key `eventgrid_extension`, which opens the Event Grid webhook.
    pub system_key: String,
    /// Who can sign in, where the app settings hold `WEBSITE_AUTH_ENABLED=True`.
    pub personas: Vec<Persona>,
    /// The ID tokens that the directory gives at sign-in.
    pub id_tokens: IdTokens,
    /// Whose access token a program brings.
    pub access_tokens: AccessTokens,
    /// Replaces the `functionTimeout` of `host.json`, so that a test need not wait for minutes.
    pub function_timeout: Option<Duration>,
    /// How long the queue locks a session or a message for us before a renewal is due.
    pub lock_duration: Duration,
    /// Where the lines of handler and host go.
    pub log: LogSink,
    /// What a handler that exits with 0 leads to.
    pub exit_zero: ExitZero,
    /// What outlives this host: pass the same one to the next host of the same app.
    pub platform: PlatformState,
}

impl HostOptions {
    /// A host of this folder on a free port, without queue, personas or simulated time.
    pub fn new(app_root: impl Into<PathBuf>) -> Self {
        Self {
            app_root: app_root.into(),
            env: BTreeMap::new(),
            port: 0,
            service_bus_url: None,
            clock_url: None,
            system_key: "local-eventgrid-key".to_owned(),
            personas: Vec::new(),
            id_tokens: IdTokens::none(),
            access_tokens: AccessTokens::none(),
            function_timeout: None,
            lock_duration: Duration::from_secs(30),
            log: LogSink::tracing(),
            exit_zero: ExitZero::Restarts,
            platform: PlatformState::default(),
        }
    }
}

/// Somebody who can sign in at the local host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// The object id in the directory: what people are told apart by.
    pub object_id: String,
    /// The display name.
    pub name: String,
    /// The directory.
    pub tenant_id: String,
    /// App roles, such as `Model.Approver`.
    pub roles: Vec<String>,
    /// One sentence for the sign-in page.
    pub description: String,
}

/// Gives an ID token for whoever signs in. The host keeps it with the session, as the platform's token store does, and
/// forwards it however old it has become.
#[derive(Clone)]
pub struct IdTokens(Arc<Give>);

type Give = dyn Fn(&Persona) -> Option<String> + Send + Sync;

impl IdTokens {
    /// Asked at each sign-in.
    pub fn new(give: impl Fn(&Persona) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }

    /// A platform whose token store is off.
    pub fn none() -> Self {
        Self::new(|_| None)
    }

    pub(crate) fn of(&self, persona: &Persona) -> Option<String> {
        (self.0)(persona)
    }
}

impl fmt::Debug for IdTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdTokens")
    }
}

/// Tells whose access token a request brings as `Authorization: Bearer`: the object id, where the directory has issued it for
/// this app and it is in date. The token itself goes on to the handler either way.
#[derive(Clone)]
pub struct AccessTokens(Arc<Read>);

type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

impl AccessTokens {
    /// Asked at each request that brings one.
    pub fn new(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// A platform that admits browsers only.
    pub fn none() -> Self {
        Self::new(|_| None)
    }

    pub(crate) fn whose(&self, token: &str) -> Option<String> {
        (self.0)(token)
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens")
    }
}

/// What a handler that exits with 0 leads to. Hosts of before 2026 did not notice it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitZero {
    /// It is restarted, and counted like a crash (newer hosts).
    Restarts,
    /// Nothing happens: the host keeps a dead worker and every invocation fails (older hosts).
    LeavesDeadWorker,
}
