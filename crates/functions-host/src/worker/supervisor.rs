//! Keeps one handler running, restarts it, gives it up at the third crash.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::command::WorkerCommand;
use super::crashes::{Crashes, Verdict};
use super::handle::{Generation, Order, State, Worker};
use super::port::ReservedPort;
use super::process::{Exit, Process};
use super::ready;
use crate::error::HostError;
use crate::log::{Level, LogSink};
use crate::options::ExitZero;

/// Owns the process; everybody else holds the [`Worker`].
#[derive(Debug)]
pub(crate) struct Supervisor {
    command: WorkerCommand,
    worker: Arc<Worker>,
    orders: mpsc::UnboundedReceiver<Order>,
    process: Process,
    _port: ReservedPort,
    generation: Generation,
    crashes: Crashes,
    exit_zero: ExitZero,
    log: LogSink,
}

/// Why the handler runs no more.
#[derive(Debug)]
pub(crate) enum SupervisorEnd {
    Requested,
    /// The third error within the window; the text is the last one.
    GaveUp(String),
    /// The executable that had started before does not start any more.
    CannotRestart(HostError),
}

/// What ended the watch over one process.
enum Ended {
    Exited(Exit),
    InitializationTimedOut,
    FunctionTimedOut,
    Shutdown,
}

impl Supervisor {
    /// Starts the first process; [`Supervisor::run`] must follow.
    pub(crate) fn start(
        command: WorkerCommand,
        port: ReservedPort,
        initialization_limit: Option<Duration>,
        exit_zero: ExitZero,
        log: LogSink,
    ) -> Result<Self, HostError> {
        let process = Process::spawn(&command, &log)?;
        let (orders_in, orders) = mpsc::unbounded_channel();
        let worker = Arc::new(Worker {
            port: port.number(),
            initialization_limit,
            state: watch::Sender::new(State::Starting),
            orders: orders_in,
            pid: AtomicU32::new(process.pid()),
            restarts: AtomicU32::new(0),
        });
        let generation = Generation(0);
        Ok(Self {
            command,
            worker,
            orders,
            process,
            _port: port,
            generation,
            crashes: Crashes::default(),
            exit_zero,
            log,
        })
    }

    pub(crate) fn worker(&self) -> Arc<Worker> {
        Arc::clone(&self.worker)
    }

    pub(crate) async fn run(mut self) -> SupervisorEnd {
        let end = loop {
            let ended = self.watch_process().await;
            if let Err(end) = self.follow_up(ended).await {
                break end;
            }
        };
        // What is called now waits until the host, which stops its listeners first, says that it is over.
        self.worker.state.send_replace(State::Starting);
        self.process.kill().await;
        self.worker.pid.store(0, Ordering::Release);
        end
    }

    async fn watch_process(&mut self) -> Ended {
        let limit = self.worker.initialization_limit.unwrap_or(Duration::MAX);
        let mut initialized = pin!(tokio::time::timeout(limit, ready::wait(self.worker.port)));
        let mut is_initialized = false;
        loop {
            tokio::select! {
                exit = self.process.exited() => return Ended::Exited(exit),
                ready = &mut initialized, if !is_initialized => match ready {
                    Ok(()) => {
                        is_initialized = true;
                        self.worker.state.send_replace(State::Ready(self.generation));
                    }
                    Err(_) => return Ended::InitializationTimedOut,
                },
                order = self.orders.recv() => match order {
                    Some(Order::Kill) => self.process.start_kill(),
                    Some(Order::FunctionTimedOut(generation)) if generation == self.generation => {
                        return Ended::FunctionTimedOut;
                    }
                    Some(Order::FunctionTimedOut(_)) => {}
                    Some(Order::Shutdown) | None => return Ended::Shutdown,
                },
            }
        }
    }

    async fn follow_up(&mut self, ended: Ended) -> Result<(), SupervisorEnd> {
        match ended {
            Ended::Shutdown => Err(SupervisorEnd::Requested),
            Ended::Exited(Exit { code: 200, .. }) => self.restart(),
            Ended::Exited(Exit { code: 0, .. }) if self.exit_zero == ExitZero::LeavesDeadWorker => {
                self.shutdown_ordered().await;
                Err(SupervisorEnd::Requested)
            }
            Ended::Exited(Exit { code, stderr }) => {
                self.restart_after_error(&format!("the handler exited with code {code}\n{stderr}"))
            }
            Ended::InitializationTimedOut => {
                self.process.kill().await;
                self.restart_after_error("Initializing HttpWorker timed out.")
            }
            Ended::FunctionTimedOut => {
                self.worker.state.send_replace(State::Starting);
                self.process.kill().await;
                self.restart()
            }
        }
    }

    fn restart_after_error(&mut self, error: &str) -> Result<(), SupervisorEnd> {
        let error = error.trim_end();
        self.log.host(Level::Error, error);
        match self.crashes.record(Instant::now()) {
            Verdict::Restart => self.restart(),
            Verdict::StopHost => {
                let news = "Exceeded http worker restart retry count. Shutting down Functions Host";
                self.log.host(Level::Error, news);
                Err(SupervisorEnd::GaveUp(error.to_owned()))
            }
        }
    }

    fn restart(&mut self) -> Result<(), SupervisorEnd> {
        self.worker.state.send_replace(State::Starting);
        self.process =
            Process::spawn(&self.command, &self.log).map_err(SupervisorEnd::CannotRestart)?;
        self.generation = Generation(self.generation.0 + 1);
        self.worker.pid.store(self.process.pid(), Ordering::Release);
        self.worker.restarts.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    async fn shutdown_ordered(&mut self) {
        while let Some(order) = self.orders.recv().await {
            if matches!(order, Order::Shutdown) {
                return;
            }
        }
    }
}
