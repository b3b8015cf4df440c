//! A queue with sessions: who holds which session, and what a delivery, a settlement and a lost lock do.
//!
//! Invariant: one receiver holds a session, and a session's messages are given one at a time, in order.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::backlog::{Backlog, Counts, Delivery, LockLost, NextChange, Now, Place, Settlement};

#[derive(Debug)]
struct Hold {
    receiver: String,
    lasts: Duration,
    until: Instant,
    /// The message under delivery, by its place in the queue, and the token of its lock.
    delivering: Option<(Place, String)>,
}

#[derive(Debug, Default)]
pub(super) struct SessionQueue {
    pub(super) backlog: Backlog,
    holds: BTreeMap<String, Hold>,
}

impl SessionQueue {
    /// Locks the free session whose oldest available message has waited longest.
    pub(super) fn accept(&mut self, receiver: &str, lasts: Duration, now: Now) -> Option<String> {
        self.drop_lost_holds(now);
        let mut sessions = self
            .backlog
            .available(now)
            .filter_map(|(_, message)| message.content.session_id.as_ref());
        let session = sessions
            .find(|session| !self.holds.contains_key(*session))?
            .clone();
        let hold = Hold {
            receiver: receiver.to_owned(),
            lasts,
            until: now.real + lasts,
            delivering: None,
        };
        self.holds.insert(session.clone(), hold);
        Some(session)
    }

    /// The session's next message, unless one is under delivery or none is available.
    pub(super) fn receive(
        &mut self,
        session: &str,
        receiver: &str,
        now: Now,
    ) -> Result<Option<Delivery>, LockLost> {
        self.drop_lost_holds(now);
        let hold = held(&mut self.holds, session, receiver)?;
        if hold.delivering.is_some() {
            return Ok(None);
        }
        let of_session = self
            .backlog
            .available(now)
            .find(|(_, message)| message.content.session_id.as_deref() == Some(session));
        let Some(place) = of_session.map(|(place, _)| place) else {
            return Ok(None);
        };
        let delivery = self.backlog.deliver(place);
        hold.delivering = delivery
            .as_ref()
            .map(|delivery| (place, delivery.lock_token.clone()));
        Ok(delivery)
    }

    pub(super) fn settle(
        &mut self,
        session: &str,
        receiver: &str,
        lock_token: &str,
        settlement: Settlement,
        now: Now,
    ) -> Result<(), LockLost> {
        self.drop_lost_holds(now);
        let hold = held(&mut self.holds, session, receiver)?;
        let (place, _) = hold
            .delivering
            .take_if(|(_, token)| token == lock_token)
            .ok_or(LockLost)?;
        self.backlog.settle(place, settlement);
        Ok(())
    }

    /// Makes the lock last as long again from now.
    pub(super) fn renew(
        &mut self,
        session: &str,
        receiver: &str,
        now: Now,
    ) -> Result<Duration, LockLost> {
        self.drop_lost_holds(now);
        let hold = held(&mut self.holds, session, receiver)?;
        hold.until = now.real + hold.lasts;
        Ok(hold.lasts)
    }

    /// Ends the receiver's hold; what was under delivery comes back.
    pub(super) fn release(&mut self, session: &str, receiver: &str) {
        if held(&mut self.holds, session, receiver).is_ok() {
            self.drop_hold(session);
        }
    }

    pub(super) fn next_change(&self, now: Now) -> NextChange {
        NextChange {
            due: self.backlog.next_due(now),
            unlock: self.holds.values().map(|hold| hold.until).min(),
        }
    }

    pub(super) fn counts(&mut self, now: Now) -> Counts {
        self.drop_lost_holds(now);
        let locked = self
            .holds
            .values()
            .filter(|hold| hold.delivering.is_some())
            .count();
        self.backlog.counts(locked, now)
    }

    fn drop_lost_holds(&mut self, now: Now) {
        let lost = self.holds.iter().filter(|(_, hold)| hold.until <= now.real);
        let lost: Vec<String> = lost.map(|(session, _)| session.clone()).collect();
        for session in lost {
            self.drop_hold(&session);
        }
    }

    fn drop_hold(&mut self, session: &str) {
        if let Some((place, _)) = self.holds.remove(session).and_then(|hold| hold.delivering) {
            self.backlog.give_back(place);
        }
    }
}

/// The receiver's hold of a session; lost ones are dropped before.
fn held<'a>(
    holds: &'a mut BTreeMap<String, Hold>,
    session: &str,
    receiver: &str,
) -> Result<&'a mut Hold, LockLost> {
    holds
        .get_mut(session)
        .filter(|hold| hold.receiver == receiver)
        .ok_or(LockLost)
}
