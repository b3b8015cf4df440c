//! Azure's platform: it starts a new host a moment after one has stopped itself, on the same port, and knows still who is
//! signed in.

use functions_host::{Host, HostError, HostOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How long the app is away when its host has stopped itself.
const MOMENT: Duration = Duration::from_secs(1);

/// How often a port that somebody has taken meanwhile is asked for.
const TRIES: u32 = 20;

/// One app on the platform; dropping it ends its host and its handler.
#[derive(Debug)]
pub(crate) struct Platform {
    orders: Orders,
    counts: Arc<Counts>,
    task: JoinHandle<()>,
}

/// Where a host's orders are sent; exists before the host does.
#[derive(Debug, Clone)]
pub(crate) struct Orders(mpsc::UnboundedSender<Order>);

#[derive(Debug)]
pub(crate) enum Order {
    Kill,
    KillRunning(RunningAt),
    TellPid(oneshot::Sender<Option<u32>>),
    Stop(oneshot::Sender<()>),
}

/// A handler that ran at a moment, to be killed.
#[derive(Debug)]
pub(crate) struct RunningAt {
    moment: Instant,
    killed: oneshot::Sender<bool>,
}

/// What has happened to the app's hosts.
#[derive(Debug, Default)]
struct Counts {
    kills: AtomicU32,
    restarts: AtomicU32,
    hosts: AtomicU32,
}

impl Orders {
    pub(crate) fn channel() -> (Self, mpsc::UnboundedReceiver<Order>) {
        let (orders, taken) = mpsc::unbounded_channel();
        (Self(orders), taken)
    }

    /// Nobody is there to be killed once the platform is gone.
    pub(crate) fn kill(&self) {
        let _ = self.0.send(Order::Kill);
    }
}

impl Platform {
    /// Starts the first host.
    pub(crate) async fn start(
        options: HostOptions,
        orders: Orders,
        taken: mpsc::UnboundedReceiver<Order>,
    ) -> Result<Self, HostError> {
        let host = Host::start(options.clone()).await?;
        let counts = Arc::new(Counts::default());
        let task = tokio::spawn(keep(host, options, taken, Arc::clone(&counts)));
        Ok(Self {
            orders,
            counts,
            task,
        })
    }

    /// SIGKILL of the handler, as if from outside.
    pub(crate) fn kill_handler(&self) {
        self.orders.kill();
    }

    /// SIGKILL of the handler that runs at this moment; whether one runs that was not killed yet.
    pub(crate) async fn kill_running(&self) -> bool {
        let (killed, was_killed) = oneshot::channel();
        let moment = Instant::now();
        let order = Order::KillRunning(RunningAt { moment, killed });
        self.orders.0.send(order).is_ok() && was_killed.await.unwrap_or(false)
    }

    /// The process of the handler, where one runs.
    pub(crate) async fn handler_pid(&self) -> Option<u32> {
        let (told, pid) = oneshot::channel();
        self.orders.0.send(Order::TellPid(told)).ok()?;
        pid.await.ok()?
    }

    /// How often the handler was killed.
    pub(crate) fn kills(&self) -> u32 {
        self.counts.kills.load(Ordering::Relaxed)
    }

    /// How often a host started its handler again.
    pub(crate) fn restarts(&self) -> u32 {
        self.counts.restarts.load(Ordering::Relaxed)
    }

    /// How often a host stopped itself, and a new one was started.
    pub(crate) fn new_hosts(&self) -> u32 {
        self.counts.hosts.load(Ordering::Relaxed)
    }

    /// Ends the host as the platform does: what is in flight ends first.
    pub(crate) async fn stop(mut self) {
        let (done, stopped) = oneshot::channel();
        if self.orders.0.send(Order::Stop(done)).is_ok() {
            let _ = stopped.await;
        }
        let _ = (&mut self.task).await;
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(
    mut host: Host,
    options: HostOptions,
    mut taken: mpsc::UnboundedReceiver<Order>,
    counts: Arc<Counts>,
) {
    let (mut since, mut last_killed) = (Instant::now(), None);
    loop {
        let order = tokio::select! {
            order = taken.recv() => order,
            _ = host.stopped() => {
                counts.restarts.fetch_add(host.restarts(), Ordering::Relaxed);
                drop(host);
                match again(&options).await {
                    Some(next) => host = next,
                    None => return,
                }
                since = Instant::now();
                counts.hosts.fetch_add(1, Ordering::Relaxed);
                continue;
            }
        };
        match order {
            Some(Order::Kill) => {
                if host.worker_pid().is_some() {
                    counts.kills.fetch_add(1, Ordering::Relaxed);
                    host.kill_worker();
                }
            }
            Some(Order::KillRunning(RunningAt { moment, killed })) => {
                let pid = host.worker_pid().filter(|_| since <= moment);
                let kills = pid.is_some() && pid != last_killed;
                if kills {
                    last_killed = pid;
                    counts.kills.fetch_add(1, Ordering::Relaxed);
                    host.kill_worker();
                }
                // Whoever asked may have gone.
                let _ = killed.send(kills);
            }
            Some(Order::TellPid(told)) => {
                let _ = told.send(host.worker_pid());
            }
            Some(Order::Stop(done)) => {
                host.stop().await;
                let _ = done.send(());
                return;
            }
            None => return,
        }
    }
}

async fn again(options: &HostOptions) -> Option<Host> {
    for _ in 0..TRIES {
        tokio::time::sleep(MOMENT).await;
        match Host::start(options.clone()).await {
            Ok(host) => return Some(host),
            Err(error) => eprintln!("the platform cannot start a new host yet: {error}"),
        }
    }
    None
}
