//! What the tests share: an app folder, a client, the captured log, a queue and a clock.

mod app;
mod client;
mod clock;
mod lines;
mod plain_queue;
mod queue;

pub(crate) use app::{Running, TestApp};
pub(crate) use client::open;
pub(crate) use clock::FakeClock;
pub(crate) use plain_queue::FakePlainQueue;
pub(crate) use queue::FakeQueue;
