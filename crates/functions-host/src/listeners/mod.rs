//! What starts functions without a request: the queue and the clock.
//!
//! **Invariant:** a listener that is told to stop takes nothing new, and ends once what it started has ended.

mod dispatch;
mod lock;
mod message;
mod receiver;
mod schedule;
mod service_bus;
mod single_messages;
mod timer;

pub(crate) use dispatch::Dispatch;
pub(crate) use receiver::Receiver;
pub(crate) use schedule::Schedule;
pub(crate) use service_bus::SessionListener;
pub(crate) use single_messages::SingleListener;
pub(crate) use timer::TimerListener;
