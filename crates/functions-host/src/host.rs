//! The host itself: it puts the parts together, and takes them apart in order.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use url::Url;

use crate::app::App;
use crate::clock;
use crate::error::HostError;
use crate::front;
use crate::options::HostOptions;
use crate::parts::Parts;
use crate::stopping::Stopping;
use crate::worker::{SupervisorEnd, Worker};

/// So long a stopping host waits for what is in flight, as the real one does.
const STOP_LIMIT: Duration = Duration::from_secs(10);
const PORT_FREE_WITHIN: Duration = Duration::from_millis(500);

/// A running host. Dropping it kills the handler at once; [`Host::stop`] lets what is in flight end first.
#[derive(Debug)]
pub struct Host {
    url: Url,
    worker: Arc<Worker>,
    stop: watch::Sender<bool>,
    stopped: watch::Receiver<Option<StopReason>>,
    lifetime: JoinHandle<()>,
}

/// Why a host runs no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// [`Host::stop`] was called.
    Requested,
    /// The handler crashed, or did not get ready, three times with less than 30 minutes between two; the text is the
    /// last error. On Azure the platform starts a new host.
    RestartsExceeded(String),
    /// The handler's executable could not be started again.
    CannotRestart(String),
}

impl Host {
    /// Reads the app folder, starts the handler and listens. Returns before the handler is ready: what comes until then
    /// is queued.
    pub async fn start(mut options: HostOptions) -> Result<Self, HostError> {
        // The handler runs in another folder: a relative path would lead astray there.
        options.app_root =
            std::path::absolute(&options.app_root).map_err(|source| HostError::Read {
                path: options.app_root.clone(),
                source,
            })?;
        let app = App::read(&options.app_root, &options.env)?;
        let front = listen(options.port).await?;
        let port = front
            .local_addr()
            .map_err(|source| HostError::Listen {
                port: options.port,
                source,
            })?
            .port();
        let parts = Parts::assemble(app, &options)?;
        let worker = parts.supervisor.worker();
        let (stop, stop_requested) = Stopping::channel();
        let (stopped_in, stopped) = watch::channel(None);
        let lifetime = tokio::spawn(run(parts, front, stop_requested, stopped_in));
        let url = Url::parse(&format!("http://127.0.0.1:{port}")).expect("an address makes a URL");
        Ok(Self {
            url,
            worker,
            stop,
            stopped,
            lifetime,
        })
    }

    /// `http://127.0.0.1:<port>/`.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// None while no handler runs.
    pub fn worker_pid(&self) -> Option<u32> {
        self.worker.pid()
    }

    /// Where the handler itself listens, for whoever goes past the platform.
    pub fn worker_port(&self) -> u16 {
        self.worker.port()
    }

    /// SIGKILL, as if from outside: the host takes it for a crash.
    pub fn kill_worker(&self) {
        self.worker.kill();
    }

    /// How often the handler was started again, for whatever reason.
    pub fn restarts(&self) -> u32 {
        self.worker.restarts()
    }

    /// Resolves once the host has stopped, its port free again.
    pub async fn stopped(&self) -> StopReason {
        let mut stopped = self.stopped.clone();
        let reason = stopped
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|reason| reason.clone());
        reason.unwrap_or(StopReason::Requested)
    }

    /// Stops the listeners, waits up to 10 s for what is in flight, then kills the handler. It gets no SIGTERM.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.stopped().await;
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.lifetime.abort();
    }
}

/// A port that a stopped host has just left may stay taken for a moment: a process that is being started elsewhere in
/// this program holds a copy of its socket until it executes.
async fn listen(port: u16) -> Result<TcpListener, HostError> {
    let deadline = Instant::now() + PORT_FREE_WITHIN;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(source) => return Err(HostError::Listen { port, source }),
        }
    }
}

/// Runs everything until the host is asked to stop or has given its handler up; then takes it apart: listeners first,
/// the handler last.
async fn run(
    parts: Parts,
    listener: TcpListener,
    mut stop: Stopping,
    stopped: watch::Sender<Option<StopReason>>,
) {
    let (stopping_in, stopping) = Stopping::channel();
    let worker = parts.supervisor.worker();
    let (mut supervisors, mut background, mut work) =
        (JoinSet::new(), JoinSet::new(), JoinSet::new());
    supervisors.spawn(parts.supervisor.run());
    if let Some((api, readings)) = parts.clock_poller {
        background.spawn(clock::poll(api, readings));
    }
    let serving = front::serve(parts.front, listener, stopping.clone());
    work.spawn(async move { drop(serving.await) });
    for queue in parts.queues {
        work.spawn(queue.run(stopping.clone()));
    }
    for timer in parts.timers {
        work.spawn(timer.run(stopping.clone()));
    }
    let end = tokio::select! {
        () = stop.requested() => None,
        Some(end) = supervisors.join_next() => end.ok(),
    };
    stopping_in.send_replace(true);
    if end.is_some() {
        worker.give_up();
    }
    let _ = tokio::time::timeout(STOP_LIMIT, async {
        while work.join_next().await.is_some() {}
    })
    .await;
    work.shutdown().await;
    worker.shut_down();
    worker.give_up();
    while supervisors.join_next().await.is_some() {}
    stopped.send_replace(Some(reason(end)));
}

fn reason(end: Option<SupervisorEnd>) -> StopReason {
    match end {
        None | Some(SupervisorEnd::Requested) => StopReason::Requested,
        Some(SupervisorEnd::GaveUp(error)) => StopReason::RestartsExceeded(error),
        Some(SupervisorEnd::CannotRestart(error)) => StopReason::CannotRestart(error.to_string()),
    }
}
