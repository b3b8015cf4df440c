//! From an app folder to the parts of a running host.

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::app::{
    App, EventGridFunction, Function, HostConfig, Receives, ServiceBusFunction, TimerFunction,
    Trigger,
};
use crate::clock::{Clock, Reading};
use crate::error::HostError;
use crate::front::{BodyLimit, EasyAuth, EventGridWebhook, Front, HttpRoute, Routes};
use crate::http_client::LoopbackApi;
use crate::invocation::Invoker;
use crate::listeners::{Dispatch, Receiver, SessionListener, SingleListener, TimerListener};
use crate::options::HostOptions;
use crate::stopping::Stopping;
use crate::worker::{ReservedPort, Supervisor, WorkerCommand};

/// Everything that will run.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) supervisor: Supervisor,
    pub(crate) front: Front,
    pub(crate) queues: Vec<QueueListener>,
    pub(crate) timers: Vec<TimerListener>,
    pub(crate) clock_poller: Option<(LoopbackApi, watch::Sender<Option<Reading>>)>,
}

/// A queue is received from as its function's binding says.
#[derive(Debug)]
pub(crate) enum QueueListener {
    Sessions(SessionListener),
    SingleMessages(SingleListener),
}

impl QueueListener {
    pub(crate) async fn run(self, stopping: Stopping) {
        match self {
            Self::Sessions(listener) => listener.run(stopping).await,
            Self::SingleMessages(listener) => listener.run(stopping).await,
        }
    }
}

/// What every function is built from.
struct Builder<'a> {
    options: &'a HostOptions,
    config: &'a HostConfig,
    invoker: Invoker,
    clock: Clock,
}

/// The functions by their triggers.
#[derive(Default)]
struct Functions {
    routes: Vec<HttpRoute>,
    event_grid: BTreeMap<String, EventGridFunction>,
    queues: Vec<QueueListener>,
    timers: Vec<TimerListener>,
}

impl Parts {
    /// Starts the handler, nothing else; an error leaves nothing running.
    pub(crate) fn assemble(app: App, options: &HostOptions) -> Result<Self, HostError> {
        let (clock, clock_poller) = clock(options)?;
        let body_limit = BodyLimit::from_settings(&options.env)?;
        let supervisor = start_handler(&app.config, options)?;
        let timeout = options.function_timeout.or(app.config.function_timeout);
        let invoker = Invoker::new(supervisor.worker(), timeout, options.log.clone());
        let builder = Builder {
            options,
            config: &app.config,
            invoker,
            clock,
        };
        let functions = builder.functions(app.functions)?;
        let front = Front {
            routes: Routes::new(app.config.route_prefix.clone(), functions.routes),
            event_grid: EventGridWebhook {
                functions: functions.event_grid,
                invoker: builder.invoker.clone(),
                clock: builder.clock,
                system_key: options.system_key.clone(),
            },
            easy_auth: easy_auth(options),
            invoker: builder.invoker,
            body_limit,
            started: Instant::now(),
        };
        Ok(Self {
            supervisor,
            front,
            queues: functions.queues,
            timers: functions.timers,
            clock_poller,
        })
    }
}

impl Builder<'_> {
    fn functions(&self, functions: Vec<Function>) -> Result<Functions, HostError> {
        let mut built = Functions::default();
        for Function { name, trigger } in functions {
            match trigger {
                Trigger::Http(function) => built.routes.push(HttpRoute { name, function }),
                Trigger::EventGrid(function) => drop(built.event_grid.insert(name, function)),
                Trigger::ServiceBus(function) => built.queues.push(self.queue(name, function)?),
                Trigger::Timer(function) => built.timers.push(self.timer(name, function)),
            }
        }
        Ok(built)
    }

    fn queue(
        &self,
        name: String,
        function: ServiceBusFunction,
    ) -> Result<QueueListener, HostError> {
        let Some(url) = &self.options.service_bus_url else {
            return Err(HostError::invalid(
                "a serviceBusTrigger needs the URL of a Service Bus",
            ));
        };
        let (service_bus, receives) = (&self.config.service_bus, function.receives);
        let dispatch = Dispatch {
            name,
            receiver: Receiver::new(
                loopback(url)?,
                function.queue.clone(),
                self.options.lock_duration,
            ),
            function,
            invoker: self.invoker.clone(),
            clock: self.clock.clone(),
            renewal_limit: service_bus.renewal_limit(),
        };
        Ok(match receives {
            Receives::Sessions => QueueListener::Sessions(SessionListener {
                dispatch,
                max_sessions: service_bus.max_concurrent_sessions,
                idle_timeout: service_bus.idle_timeout(),
            }),
            Receives::SingleMessages => QueueListener::SingleMessages(SingleListener {
                dispatch,
                max_calls: service_bus.max_concurrent_calls,
            }),
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
    let port = ReservedPort::reserve(config.handler.port.unwrap_or(0))?;
    let command = WorkerCommand::new(
        &config.handler,
        &options.app_root,
        &options.env,
        port.number(),
    );
    let limit = config.handler.initialization_timeout.limit();
    Supervisor::start(command, port, limit, options.exit_zero, options.log.clone())
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
        id_tokens: options.id_tokens.clone(),
        access_tokens: options.access_tokens.clone(),
        platform: options.platform.clone(),
    })
}
