//! All queues, and the waiting for them: a receiver sleeps until a message is sent, becomes due, or a lock ends.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::backlog::{
    Counts, DeadLetter, Delivery, LockLost, NextChange, Now, Outgoing, Settlement,
};
use super::entity::{Entity, Unusable};
use super::plain::PlainQueue;
use super::sessions::SessionQueue;
use crate::SimClock;

/// The queue with sessions, and the one without.
const SESSIONS: &str = "promotions";
const PLAIN: &str = "promotions-plain";

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

/// The namespace with its queues.
#[derive(Debug)]
pub struct Queues {
    clock: SimClock,
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    queues: BTreeMap<&'static str, Entity>,
    disturbances: VecDeque<Disturbance>,
    /// What happens to every send that nothing else is to happen to.
    always: Option<Disturbance>,
}

impl Queues {
    pub(crate) fn new(clock: SimClock) -> Self {
        let queues = [
            (SESSIONS, Entity::Sessions(SessionQueue::default())),
            (PLAIN, Entity::Plain(PlainQueue::default())),
        ];
        let state = State {
            queues: queues.into(),
            disturbances: VecDeque::new(),
            always: None,
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

    /// From now on disturbs every send, or none any more.
    pub fn disturb_every_send(&self, disturbance: Option<Disturbance>) {
        self.lock().always = disturbance;
    }

    /// What is in the queue; nothing where there is none of this name.
    pub fn view(&self, queue: &str) -> Option<QueueView> {
        self.change(queue, |queue, now| {
            let Counts {
                active,
                scheduled,
                locked,
            } = queue.counts(now);
            Ok(QueueView {
                active,
                scheduled,
                locked,
                dead_letters: queue.dead_letters().to_vec(),
            })
        })
        .ok()
    }

    /// Whether the queue takes only messages of sessions.
    pub(super) fn requires_sessions(&self, queue: &str) -> Result<bool, Unusable> {
        self.change(queue, |queue, _| Ok(queue.sessions().is_ok()))
    }

    pub(super) fn send(&self, queue: &str, message: &Outgoing) -> Result<(), Unusable> {
        let mut state = self.lock();
        let disturbance = state.disturbances.pop_front().or(state.always);
        drop(state);
        let copies = match disturbance {
            None => 1,
            Some(Disturbance::Lose) => 0,
            Some(Disturbance::Duplicate) => 2,
        };
        self.change(queue, |queue, now| {
            for _ in 0..copies {
                queue.send(message.clone(), now);
            }
            Ok(())
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
    ) -> Result<Option<String>, Unusable> {
        self.poll(queue, wait, |queue, now| {
            Ok(queue.sessions()?.accept(receiver, lasts, now))
        })
        .await
    }

    /// Waits up to `wait` for the session's next message.
    pub(super) async fn receive_in_session(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
        wait: Duration,
    ) -> Result<Option<Result<Delivery, LockLost>>, Unusable> {
        self.poll(queue, wait, |queue, now| {
            let next = queue.sessions()?.receive(session, receiver, now);
            Ok(next.transpose())
        })
        .await
    }

    /// Waits up to `wait` for the next message of a queue without sessions.
    pub(super) async fn receive(
        &self,
        queue: &str,
        receiver: &str,
        wait: Duration,
        lasts: Duration,
    ) -> Result<Option<Delivery>, Unusable> {
        self.poll(queue, wait, |queue, now| {
            Ok(queue.plain()?.receive(receiver, lasts, now))
        })
        .await
    }

    pub(super) fn settle_in_session(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
        lock_token: &str,
        settlement: Settlement,
    ) -> Result<Result<(), LockLost>, Unusable> {
        self.tell(queue, |queue, now| {
            let queue = queue.sessions()?;
            Ok(queue.settle(session, receiver, lock_token, settlement, now))
        })
    }

    pub(super) fn settle(
        &self,
        queue: &str,
        receiver: &str,
        lock_token: &str,
        settlement: Settlement,
    ) -> Result<Result<(), LockLost>, Unusable> {
        self.tell(queue, |queue, now| {
            let queue = queue.plain()?;
            Ok(queue.settle(receiver, lock_token, settlement, now))
        })
    }

    pub(super) fn renew_session(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
    ) -> Result<Result<Duration, LockLost>, Unusable> {
        self.change(queue, |queue, now| {
            Ok(queue.sessions()?.renew(session, receiver, now))
        })
    }

    pub(super) fn renew(
        &self,
        queue: &str,
        receiver: &str,
        lock_token: &str,
    ) -> Result<Result<Duration, LockLost>, Unusable> {
        self.change(queue, |queue, now| {
            Ok(queue.plain()?.renew(receiver, lock_token, now))
        })
    }

    pub(super) fn release(
        &self,
        queue: &str,
        session: &str,
        receiver: &str,
    ) -> Result<(), Unusable> {
        self.tell(queue, |queue, _| {
            queue.sessions()?.release(session, receiver);
            Ok(())
        })
    }

    /// A change that waiting receivers look at.
    fn tell<T>(
        &self,
        queue: &str,
        change: impl FnOnce(&mut Entity, Now) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let changed = self.change(queue, change)?;
        self.changed.send_replace(());
        Ok(changed)
    }

    async fn poll<T>(
        &self,
        queue: &str,
        wait: Duration,
        mut attempt: impl FnMut(&mut Entity, Now) -> Result<Option<T>, Unusable>,
    ) -> Result<Option<T>, Unusable> {
        let deadline = Instant::now() + wait;
        let mut changes = self.changed.subscribe();
        loop {
            changes.mark_unchanged();
            let (found, next) = self.change(queue, |queue, now| {
                Ok((attempt(queue, now)?, queue.next_change(now)))
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
        change: impl FnOnce(&mut Entity, Now) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let mut state = self.lock();
        let now = Now {
            business: self.clock.now(),
            real: Instant::now(),
        };
        let queue = state.queues.get_mut(queue).ok_or(Unusable::NoSuchQueue)?;
        change(queue, now)
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
