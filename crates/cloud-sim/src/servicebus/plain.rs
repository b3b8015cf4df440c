//! A queue without sessions: each message has a lock of its own, and as many are under delivery as are asked for.
//!
//! Invariant: a message is given to one receiver at a time. Two messages about one thing are given to two at once.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::backlog::{Backlog, Counts, Delivery, LockLost, NextChange, Now, Place, Settlement};

#[derive(Debug)]
struct Lock {
    receiver: String,
    token: String,
    lasts: Duration,
    until: Instant,
}

#[derive(Debug, Default)]
pub(super) struct PlainQueue {
    pub(super) backlog: Backlog,
    locks: BTreeMap<Place, Lock>,
}

impl PlainQueue {
    /// Locks the oldest message that nobody holds.
    pub(super) fn receive(
        &mut self,
        receiver: &str,
        lasts: Duration,
        now: Now,
    ) -> Option<Delivery> {
        self.drop_lost_locks(now);
        let (place, _) = self
            .backlog
            .available(now)
            .find(|(place, _)| !self.locks.contains_key(place))?;
        let delivery = self.backlog.deliver(place)?;
        let lock = Lock {
            receiver: receiver.to_owned(),
            token: delivery.lock_token.clone(),
            lasts,
            until: now.real + lasts,
        };
        self.locks.insert(place, lock);
        Some(delivery)
    }

    pub(super) fn settle(
        &mut self,
        receiver: &str,
        token: &str,
        settlement: Settlement,
        now: Now,
    ) -> Result<(), LockLost> {
        self.drop_lost_locks(now);
        let (place, _) = self.locked(receiver, token)?;
        self.locks.remove(&place);
        self.backlog.settle(place, settlement);
        Ok(())
    }

    /// Makes the lock last as long again from now.
    pub(super) fn renew(
        &mut self,
        receiver: &str,
        token: &str,
        now: Now,
    ) -> Result<Duration, LockLost> {
        self.drop_lost_locks(now);
        let (_, lock) = self.locked(receiver, token)?;
        lock.until = now.real + lock.lasts;
        Ok(lock.lasts)
    }

    pub(super) fn next_change(&self, now: Now) -> NextChange {
        NextChange {
            due: self.backlog.next_due(now),
            unlock: self.locks.values().map(|lock| lock.until).min(),
        }
    }

    pub(super) fn counts(&mut self, now: Now) -> Counts {
        self.drop_lost_locks(now);
        self.backlog.counts(self.locks.len(), now)
    }

    /// Lost locks are dropped before.
    fn locked(&mut self, receiver: &str, token: &str) -> Result<(Place, &mut Lock), LockLost> {
        self.locks
            .iter_mut()
            .find(|(_, lock)| lock.token == token && lock.receiver == receiver)
            .map(|(place, lock)| (*place, lock))
            .ok_or(LockLost)
    }

    fn drop_lost_locks(&mut self, now: Now) {
        let lost = self.locks.iter().filter(|(_, lock)| lock.until <= now.real);
        let lost: Vec<Place> = lost.map(|(place, _)| *place).collect();
        for place in lost {
            self.locks.remove(&place);
            self.backlog.give_back(place);
        }
    }
}
