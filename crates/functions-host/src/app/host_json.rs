//! `host.json`: the keys that change what happens on the wire, with the real host's defaults.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::load::read_json;
use super::time_span::TimeSpan;
use crate::error::HostError;

/// Everywhere but on the old Consumption plan.
const DEFAULT_FUNCTION_TIMEOUT: Duration = Duration::from_mins(30);

/// The default of `maxConcurrentCalls`.
const CALLS_PER_CORE: usize = 16;

/// What `host.json` says, defaults filled in.
#[derive(Debug)]
pub(crate) struct HostConfig {
    pub(crate) handler: CustomHandler,
    /// None: a function may run for ever.
    pub(crate) function_timeout: Option<Duration>,
    /// Without slashes; empty for none.
    pub(crate) route_prefix: String,
    pub(crate) service_bus: ServiceBusConfig,
}

/// How the handler is started.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CustomHandler {
    pub(crate) description: Description,
    #[serde(default)]
    enable_forwarding_http_request: bool,
    #[serde(default)]
    pub(crate) enable_proxying_http_request: bool,
    pub(crate) port: Option<u16>,
    #[serde(default = "default_initialization_timeout")]
    pub(crate) initialization_timeout: TimeSpan,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Description {
    pub(crate) default_executable_path: String,
    pub(crate) default_worker_path: Option<String>,
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    #[serde(default)]
    pub(crate) worker_arguments: Vec<String>,
    pub(crate) working_directory: Option<String>,
    pub(crate) worker_directory: Option<String>,
}

/// `extensions.serviceBus`, as far as single dispatch needs it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ServiceBusConfig {
    pub(crate) max_concurrent_sessions: usize,
    /// Of a queue without sessions.
    pub(crate) max_concurrent_calls: usize,
    max_concurrent_calls_per_session: usize,
    max_auto_lock_renewal_duration: TimeSpan,
    session_idle_timeout: TimeSpan,
    auto_complete_messages: bool,
    prefetch_count: u32,
}

impl Default for ServiceBusConfig {
    fn default() -> Self {
        Self {
            max_concurrent_sessions: 8,
            max_concurrent_calls: CALLS_PER_CORE * cores(),
            max_concurrent_calls_per_session: 1,
            max_auto_lock_renewal_duration: TimeSpan::Limited(Duration::from_mins(5)),
            // What `clientRetryOptions.tryTimeout` is by default.
            session_idle_timeout: TimeSpan::Limited(Duration::from_mins(1)),
            auto_complete_messages: true,
            prefetch_count: 0,
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

impl ServiceBusConfig {
    /// None: a lock is renewed as long as the invocation runs.
    pub(crate) fn renewal_limit(&self) -> Option<Duration> {
        self.max_auto_lock_renewal_duration.limit()
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        self.session_idle_timeout
            .limit()
            .unwrap_or(Duration::from_mins(1))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HostJson {
    version: String,
    custom_handler: Option<CustomHandler>,
    function_timeout: Option<TimeSpan>,
    #[serde(default)]
    extensions: Extensions,
    retry: Option<Value>,
    concurrency: Option<Value>,
    telemetry_mode: Option<String>,
    // Known, and without effect on the wire.
    #[serde(rename = "logging")]
    _logging: Option<Value>,
    #[serde(rename = "extensionBundle")]
    _extension_bundle: Option<Value>,
    #[serde(rename = "healthMonitor")]
    _health_monitor: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Extensions {
    #[serde(default)]
    http: HttpExtension,
    #[serde(default)]
    service_bus: ServiceBusConfig,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct HttpExtension {
    route_prefix: String,
}

impl Default for HttpExtension {
    fn default() -> Self {
        Self {
            route_prefix: "api".to_owned(),
        }
    }
}

fn default_initialization_timeout() -> TimeSpan {
    TimeSpan::Limited(Duration::from_secs(30))
}

impl HostConfig {
    pub(crate) fn read(app_root: &Path, env: &BTreeMap<String, String>) -> Result<Self, HostError> {
        let host_json: HostJson = read_json(&app_root.join("host.json"))?;
        refuse_overrides(env)?;
        refuse_unbuilt(&host_json)?;
        let handler = host_json
            .custom_handler
            .ok_or_else(|| HostError::invalid("host.json has no customHandler"))?;
        if handler.enable_forwarding_http_request && !handler.enable_proxying_http_request {
            return Err(HostError::not_built(
                "E18",
                "enableForwardingHttpRequest without enableProxyingHttpRequest",
            ));
        }
        Ok(Self {
            handler,
            function_timeout: host_json
                .function_timeout
                .map_or(Some(DEFAULT_FUNCTION_TIMEOUT), TimeSpan::limit),
            route_prefix: host_json
                .extensions
                .http
                .route_prefix
                .trim_matches('/')
                .to_owned(),
            service_bus: host_json.extensions.service_bus,
        })
    }
}

fn refuse_unbuilt(host_json: &HostJson) -> Result<(), HostError> {
    if host_json.version != "2.0" {
        return Err(HostError::invalid(format!(
            "host.json: version {:?} instead of \"2.0\"",
            host_json.version
        )));
    }
    let service_bus = &host_json.extensions.service_bus;
    let unbuilt = [
        (host_json.retry.is_some(), "E32", "retry in host.json"),
        (
            host_json.concurrency.is_some(),
            "E10",
            "concurrency in host.json",
        ),
        (
            host_json.telemetry_mode.as_deref() == Some("OpenTelemetry"),
            "E31",
            "telemetryMode OpenTelemetry",
        ),
        (
            !service_bus.auto_complete_messages,
            "E9",
            "autoCompleteMessages false",
        ),
        (
            service_bus.prefetch_count != 0,
            "E10",
            "prefetchCount other than 0",
        ),
        (
            service_bus.max_concurrent_calls_per_session != 1,
            "E10",
            "maxConcurrentCallsPerSession other than 1",
        ),
    ];
    match unbuilt.into_iter().find(|(asked, ..)| *asked) {
        Some((_, fact, what)) => Err(HostError::not_built(fact, what)),
        None if service_bus.max_concurrent_sessions == 0 => {
            Err(HostError::invalid("host.json: maxConcurrentSessions is 0"))
        }
        None if service_bus.max_concurrent_calls == 0 => {
            Err(HostError::invalid("host.json: maxConcurrentCalls is 0"))
        }
        None => Ok(()),
    }
}

/// App settings can override every key of `host.json`; only the logging ones do not matter here.
fn refuse_overrides(env: &BTreeMap<String, String>) -> Result<(), HostError> {
    let is_override = |name: &&String| {
        let name = name.to_ascii_lowercase();
        name.starts_with("azurefunctionsjobhost__")
            && !name.starts_with("azurefunctionsjobhost__logging__")
    };
    match env.keys().find(is_override) {
        Some(name) => Err(HostError::not_built(
            "E26",
            format!("the app setting {name}"),
        )),
        None => Ok(()),
    }
}
