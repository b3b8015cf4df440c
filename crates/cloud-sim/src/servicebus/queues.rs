//! All queues, and the waiting for them: a receiver sleeps until a message is sent, becomes due, or a lock ends.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::queue::{DeadLetter, Delivery, LockLost, NextChange, Now, Outgoing, Queue, Settlement};
use crate::SimClock;

/// The queues that are there; each has sessions.
const NAMES: [&str; 1] = ["promotions"];

/// What happens to a message that was accepted, unseen by its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// It is never delivered.
    Lose,
    /// It is in the queue twice, as when a sender retries after a lost answer.
    Duplicate,
}

/// What is in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueView {
    pub active: usize,
    pub scheduled: usize,
    pub locked: usize,
    pub dead_letters: Vec<DeadLetter>,
}

/// There is no queue of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoSuchQueue;

/// The namespace with its queues.
#[derive(Debug)]
pub struct Queues {
    clock: SimClock,
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    queues: BTreeMap<&'static str, Queue>,
    disturbances: VecDeque<Disturbance>,
}

impl Queues {
    pub(crate) fn new(clock: SimClock) -> Self {
        let queues = NAMES
            .into_iter()
            .map(|name| (name, Queue::default()))
            .collect();
        let state = State {
            queues,
            disturbances: VecDeque::new(),
        };
        Self {
            clock,
            state: Mutex::new(state),
            changed: watch::Sender::new(()),
        }
    }

    /// Disturbs the next send that is not yet to be disturbed.
    pub fn disturb_next_send(&self, disturbance: Disturbance) {
        self.lock().disturbances.push_back(disturbance);
    }

    /// What is in the queue; nothing where there is none of this name.
    pub fn view(&self, queue: &str) -> Option<QueueView> {
        self.change(queue, |queue, now| {
            let (active, scheduled, locked) = queue.counts(now);
            QueueView {
                active,
                scheduled,
                locked,
                dead_letters: queue.dead_letters().to_vec(),
            }
        })
        .ok()
    }

    pub(super) fn exists(&self, queue: &str) -> bool {
        self.lock().queues.contains_key(queue)
    }

    pub(super) fn send(&self, queue: &str, message: &Outgoing) -> Result<(), NoSuchQueue> {
        let copies = match self.lock().disturbances.pop_front() {
            None => 1,
            Some(Disturbance::Lose) => 0,
            Some(Disturbance::Duplicate) => 2,
        };
        self.change(queue, |queue, now| {
            for _ in 0..copies {
                queue.send(message.clone(), now);
            }
        })?;
        self.changed.send_replace(());
        Ok(())
    }

    /// Waits up to `wait` for a free session with something in it.
    pub(super) async fn accept(
        &self,
        queue: &str,
        receiver: &str,
        wait: Duration,
        lasts: Duration,
    ) -> Result<Option<String>, NoSuchQueue> {
        self.poll(queue, wait, |queue, now| queue.accept(receiver, lasts, now))
            .await
    }

    /// Waits up to `wait` for the session's next message.
    pub(super) async fn receive(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
        wait: Duration,
    ) -> Result<Option<Result<Delivery, LockLost>>, NoSuchQueue> {
        self.poll(queue, wait, |queue, now| {
            queue.receive(session, receiver, now).transpose()
        })
        .await
    }

    pub(super) fn settle(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
        lock_token: &str,
        settlement: Settlement,
    ) -> Result<Result<(), LockLost>, NoSuchQueue> {
        let settle =
            |queue: &mut Queue, now| queue.settle(session, receiver, lock_token, settlement, now);
        let settled = self.change(queue, settle)?;
        self.changed.send_replace(());
        Ok(settled)
    }

    pub(super) fn renew(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
    ) -> Result<Result<Duration, LockLost>, NoSuchQueue> {
        self.change(queue, |queue, now| queue.renew(session, receiver, now))
    }

    pub(super) fn release(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
    ) -> Result<(), NoSuchQueue> {
        self.change(queue, |queue, _| queue.release(session, receiver))?;
        self.changed.send_replace(());
        Ok(())
    }

    async fn poll<T>(
        &self,
        queue: &str,
        wait: Duration,
        mut attempt: impl FnMut(&mut Queue, Now) -> Option<T>,
    ) -> Result<Option<T>, NoSuchQueue> {
        let deadline = Instant::now() + wait;
        let mut changes = self.changed.subscribe();
        loop {
            changes.mark_unchanged();
            let (found, next) = self.change(queue, |queue, now| {
                (attempt(queue, now), queue.next_change(now))
            })?;
            if found.is_some() || Instant::now() >= deadline {
                return Ok(found);
            }
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => {}
                // The sender lives in `self`.
                _ = changes.changed() => {}
                () = self.passing_of(next) => {}
            }
        }
    }

    async fn passing_of(&self, next: NextChange) {
        let due = async {
            match next.due {
                Some(due) => self.clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let unlock = async {
            match next.unlock {
                Some(unlock) => tokio::time::sleep_until(unlock).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = unlock => {}
        }
    }

    pub(super) fn change<T>(
        &self,
        queue: &str,
        change: impl FnOnce(&mut Queue, Now) -> T,
    ) -> Result<T, NoSuchQueue> {
        let mut state = self.lock();
        let now = Now {
            business: self.clock.now(),
            real: Instant::now(),
        };
        let queue = state.queues.get_mut(queue).ok_or(NoSuchQueue)?;
        Ok(change(queue, now))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Messages live this long unless their sender says otherwise.
pub(super) fn expiry(enqueued: Timestamp) -> Timestamp {
    enqueued
        .saturating_add(jiff::SignedDuration::from_hours(14 * 24))
        .unwrap_or(Timestamp::MAX)
}
