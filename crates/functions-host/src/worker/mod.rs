//! The handler's process: how it is started, when it counts as ready, what its end leads to.
//!
//! **Invariant:** at most one process of the app lives, and none once the host is gone: dropped, stopped or killed.
//!
//! `command` says what is started, `process` starts it, `supervisor` restarts it, `handle` is what invocations see.

mod command;
mod crashes;
mod handle;
mod leash;
mod port;
mod process;
mod ready;
mod supervisor;

pub(crate) use command::WorkerCommand;
pub(crate) use handle::{Generation, NotReady, Worker};
pub(crate) use port::ReservedPort;
pub(crate) use supervisor::{Supervisor, SupervisorEnd};
