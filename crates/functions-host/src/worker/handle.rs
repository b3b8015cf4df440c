//! What the rest of the host sees of the handler.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

/// The system tells of a process's end at once; this is for a machine under load.
const END_NOTICED_WITHIN: Duration = Duration::from_millis(250);

/// The handler's process as invocations see it: a port, and whether it is ready.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(super) port: u16,
    pub(super) initialization_limit: Option<Duration>,
    pub(super) state: watch::Sender<State>,
    pub(super) orders: mpsc::UnboundedSender<Order>,
    /// 0 while none runs.
    pub(super) pid: AtomicU32,
    pub(super) restarts: AtomicU32,
}

/// Which process invocations may talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Ready(Generation),
    /// The host has given the handler up, or is stopping.
    Stopped,
}

/// Counts the processes, so that an invocation's time-out kills the process it ran in and not the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(pub(super) u32);

#[derive(Debug)]
pub(super) enum Order {
    /// Somebody kills the handler from outside; the host notices a crash.
    Kill,
    /// A function ran into its time-out: the handler is killed and restarted, which does not count as a crash.
    FunctionTimedOut(Generation),
    Shutdown,
}

/// Why an invocation cannot begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReady {
    #[error("initialization timed out and host is shutting down")]
    TimedOut,
    #[error("the host is stopping")]
    Stopped,
}

impl Worker {
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Acquire)).filter(|pid| *pid != 0)
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.restarts.load(Ordering::Acquire)
    }

    /// Invocations that come before the handler is ready are queued here, four times as long as it may take to start.
    pub(crate) async fn ready(&self) -> Result<Generation, NotReady> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| *state != State::Starting);
        let limit = self
            .initialization_limit
            .map_or(Duration::MAX, |limit| limit * 4);
        match tokio::time::timeout(limit, settled).await {
            Err(_) => Err(NotReady::TimedOut),
            Ok(Err(_)) => Err(NotReady::Stopped),
            Ok(Ok(state)) => match *state {
                State::Ready(generation) => Ok(generation),
                State::Starting | State::Stopped => Err(NotReady::Stopped),
            },
        }
    }

    /// Called after a broken connection, which the end of a process causes: returns once that end is noticed.
    ///
    /// A redelivery from a real broker takes longer than that; from a queue on loopback it would find the dead process
    /// several times over. A connection that broke for another reason costs the full time.
    pub(crate) async fn end_noticed(&self, generation: Generation) {
        let mut state = self.state.subscribe();
        let ended = state.wait_for(|state| *state != State::Ready(generation));
        // Whatever comes first, the caller goes on.
        let _ = tokio::time::timeout(END_NOTICED_WITHIN, ended).await;
    }

    pub(crate) fn kill(&self) {
        self.order(Order::Kill);
    }

    pub(crate) fn function_timed_out(&self, generation: Generation) {
        self.order(Order::FunctionTimedOut(generation));
    }

    /// No process will come any more: whatever waits for one fails.
    pub(crate) fn give_up(&self) {
        self.state.send_replace(State::Stopped);
    }

    pub(crate) fn shut_down(&self) {
        self.order(Order::Shutdown);
    }

    fn order(&self, order: Order) {
        // Nobody listens once the supervisor has ended, and with it the process.
        let _ = self.orders.send(order);
    }
}
