//! From an app folder to the parts of a running host.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};

use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::app::{App, Function, HostConfig, ServiceBusFunction, TimerFunction, Trigger};
use crate::clock::{Clock, Reading};
use crate::error::HostError;
use crate::front::{BodyLimit, EasyAuth, EventGridWebhook, Front, HttpRoute, Routes};
use crate::http_client::LoopbackApi;
use crate::invocation::Invoker;
use crate::listeners::{Receiver, SessionListener, TimerListener};
use crate::options::HostOptions;
use crate::worker::{Supervisor, WorkerCommand};

/// Everything that will run.
#[derive(Debug)]
pub(crate) struct Parts {
    /// None for an app without functions: its handler is not started.
    pub(crate) supervisor: Option<Supervisor>,
    pub(crate) front: Front,
    pub(crate) queues: Vec<SessionListener>,
    pub(crate) timers: Vec<TimerListener>,
    pub(crate) clock_poller: Option<(LoopbackApi, watch::Sender<Option<Reading>>)>,
}

/// What every function is built from.
struct Builder<'a> {
    options: &'a HostOptions,
    config: &'a HostConfig,
    invoker: &'a Invoker,
    clock: &'a Clock,
}

impl Parts {
    /// Starts the handler, nothing else: that comes last, so an error leaves nothing running.
    pub(crate) fn assemble(app: App, options: &HostOptions) -> Result<Self, HostError> {
        let App { config, functions } = app;
        let (clock, clock_poller) = clock(options)?;
        check_queues(&functions, options)?;
        let body_limit = BodyLimit::from_settings(&options.env)?;
        let supervisor = if functions.is_empty() {
            None
        } else {
            Some(start_handler(&config, options)?)
        };
        let timeout = options.function_timeout.or(config.function_timeout);
        let invoker = supervisor
            .as_ref()
            .map(|supervisor| Invoker::new(supervisor.worker(), timeout, options.log.clone()));
        let (mut routes, mut event_grid) = (Vec::new(), BTreeMap::new());
        let (mut queues, mut timers) = (Vec::new(), Vec::new());
        if let Some(invoker) = &invoker {
            let builder = Builder {
                options,
                config: &config,
                invoker,
                clock: &clock,
            };
            for Function { name, trigger } in functions {
                match trigger {
                    Trigger::Http(function) => routes.push(HttpRoute { name, function }),
                    Trigger::EventGrid(function) => drop(event_grid.insert(name, function)),
                    Trigger::ServiceBus(function) => queues.push(builder.queue(name, function)?),
                    Trigger::Timer(function) => timers.push(builder.timer(name, function)),
                }
            }
        }
        let webhook = EventGridWebhook {
            functions: event_grid,
            invoker: invoker.clone(),
            clock,
            system_key: options.system_key.clone(),
        };
        let front = Front {
            routes: Routes::new(config.route_prefix, routes),
            event_grid: webhook,
            easy_auth: easy_auth(options),
            invoker,
            body_limit,
            started: Instant::now(),
        };
        Ok(Self {
            supervisor,
            front,
            queues,
            timers,
            clock_poller,
        })
    }
}

impl Builder<'_> {
    fn queue(
        &self,
        name: String,
        function: ServiceBusFunction,
    ) -> Result<SessionListener, HostError> {
        let api = service_bus(self.options)?;
        Ok(SessionListener {
            name,
            receiver: Receiver::new(api, function.queue.clone(), self.options.lock_duration),
            function,
            invoker: self.invoker.clone(),
            clock: self.clock.clone(),
            max_sessions: self.config.service_bus.max_concurrent_sessions,
            idle_timeout: self.config.service_bus.idle_timeout(),
            renewal_limit: self.config.service_bus.renewal_limit(),
        })
    }

    fn timer(&self, name: String, function: TimerFunction) -> TimerListener {
        TimerListener {
            name,
            function,
            invoker: self.invoker.clone(),
            clock: self.clock.clone(),
            platform: self.options.platform.clone(),
        }
    }
}

fn start_handler(config: &HostConfig, options: &HostOptions) -> Result<Supervisor, HostError> {
    let port = handler_port(config.handler.port.unwrap_or(0))?;
    let command = WorkerCommand::new(&config.handler, &options.app_root, &options.env, port);
    let limit = config.handler.initialization_timeout.limit();
    Supervisor::start(command, port, limit, options.exit_zero, options.log.clone())
}

/// The port is found free, then left to the handler: the real host does the same.
fn handler_port(wanted: u16) -> Result<u16, HostError> {
    let free =
        TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).and_then(|listener| listener.local_addr());
    free.map(|address| address.port())
        .map_err(|source| HostError::Listen {
            port: wanted,
            source,
        })
}

type ClockAndPoller = (Clock, Option<(LoopbackApi, watch::Sender<Option<Reading>>)>);

fn clock(options: &HostOptions) -> Result<ClockAndPoller, HostError> {
    let Some(url) = &options.clock_url else {
        return Ok((Clock::System, None));
    };
    let api = loopback(url)?;
    let (readings_in, readings) = watch::channel(None);
    Ok((Clock::Simulated(readings), Some((api, readings_in))))
}

fn check_queues(functions: &[Function], options: &HostOptions) -> Result<(), HostError> {
    if functions
        .iter()
        .any(|function| matches!(function.trigger, Trigger::ServiceBus(_)))
    {
        service_bus(options)?;
    }
    Ok(())
}

fn service_bus(options: &HostOptions) -> Result<LoopbackApi, HostError> {
    match &options.service_bus_url {
        Some(url) => loopback(url),
        None => Err(HostError::invalid(
            "a serviceBusTrigger needs the URL of a Service Bus",
        )),
    }
}

fn loopback(url: &Url) -> Result<LoopbackApi, HostError> {
    LoopbackApi::new(url)
        .ok_or_else(|| HostError::invalid(format!("{url} is not http on loopback")))
}

fn easy_auth(options: &HostOptions) -> Option<EasyAuth> {
    let enabled = options
        .env
        .get("WEBSITE_AUTH_ENABLED")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    enabled.then(|| EasyAuth {
        personas: options.personas.clone(),
        platform: options.platform.clone(),
    })
}
