//! One queue with sessions: what is in it, who holds what, and what a delivery, a settlement and a lost lock do.
//!
//! Locks live in real time, since receivers measure them so; scheduled messages become due by the cloud's clock. Both
//! come in as values. Invariant: a message is in the queue or among the dead letters until it is completed.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::Instant;

/// Deliveries after which a message is put aside; Service Bus's default.
const MOST_DELIVERIES: u32 = 10;

/// The two times that a queue lives by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) business: Timestamp,
    pub(super) real: Instant,
}

/// What a sender hands over.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) message_id: String,
    pub(super) session_id: String,
    pub(super) correlation_id: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) scheduled: Option<Timestamp>,
    pub(super) body: Bytes,
}

/// A message in the queue.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) content: Outgoing,
    pub(super) sequence_number: u64,
    /// When it was sent, or when it is due if it was scheduled.
    pub(super) enqueued: Timestamp,
    pub(super) deliveries: u32,
}

/// A message that was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub message_id: String,
    pub session_id: String,
    pub delivery_count: u32,
}

/// A message on its way to a receiver.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) lock_token: String,
    pub(super) message: Message,
}

/// The receiver no longer holds what it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LockLost;

/// When a waiter has to look again although nobody touched the queue.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NextChange {
    pub(super) due: Option<Timestamp>,
    pub(super) unlock: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settlement {
    Complete,
    Abandon,
}

#[derive(Debug)]
struct Hold {
    receiver: String,
    lasts: Duration,
    until: Instant,
    /// The message under delivery, by its place in the queue, and the token of its lock.
    delivering: Option<(Place, String)>,
}

/// Order in the queue: by when a message came in, then by when it was sent.
type Place = (Timestamp, u64);

#[derive(Debug, Default)]
pub(super) struct Queue {
    sent: u64,
    tokens: u64,
    messages: BTreeMap<Place, Message>,
    holds: BTreeMap<String, Hold>,
    dead_letters: Vec<DeadLetter>,
}

impl Queue {
    pub(super) fn send(&mut self, content: Outgoing, now: Now) {
        self.sent += 1;
        // A time that has passed means at once.
        let enqueued = content
            .scheduled
            .map_or(now.business, |due| due.max(now.business));
        let message = Message {
            content,
            sequence_number: self.sent,
            enqueued,
            deliveries: 0,
        };
        self.messages.insert((enqueued, self.sent), message);
    }

    /// Locks the free session whose oldest available message has waited longest.
    pub(super) fn accept(&mut self, receiver: &str, lasts: Duration, now: Now) -> Option<String> {
        self.drop_lost_holds(now);
        let mut available = self
            .messages
            .values()
            .take_while(|message| message.enqueued <= now.business);
        let free =
            available.find(|message| !self.holds.contains_key(&message.content.session_id))?;
        let session = free.content.session_id.clone();
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
        self.tokens += 1;
        let lock_token = format!("00000000-0000-4000-8000-{:012x}", self.tokens);
        self.drop_lost_holds(now);
        let hold = held(&mut self.holds, session, receiver)?;
        if hold.delivering.is_some() {
            return Ok(None);
        }
        let mut available = self
            .messages
            .iter_mut()
            .take_while(|((enqueued, _), _)| *enqueued <= now.business);
        let Some((place, message)) =
            available.find(|(_, message)| message.content.session_id == session)
        else {
            return Ok(None);
        };
        message.deliveries += 1;
        hold.delivering = Some((*place, lock_token.clone()));
        Ok(Some(Delivery {
            lock_token,
            message: message.clone(),
        }))
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
        match settlement {
            Settlement::Complete => {
                self.messages.remove(&place);
            }
            Settlement::Abandon => self.give_back(place),
        }
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

    /// The next moment at which the passing of time alone changes what can be received.
    pub(super) fn next_change(&self, now: Now) -> NextChange {
        let mut later = self.messages.keys().map(|(enqueued, _)| *enqueued);
        NextChange {
            due: later.find(|enqueued| *enqueued > now.business),
            unlock: self.holds.values().map(|hold| hold.until).min(),
        }
    }

    /// How many messages are available, scheduled, and under delivery.
    pub(super) fn counts(&mut self, now: Now) -> (usize, usize, usize) {
        self.drop_lost_holds(now);
        let locked = self
            .holds
            .values()
            .filter(|hold| hold.delivering.is_some())
            .count();
        let scheduled = self
            .messages
            .keys()
            .filter(|(enqueued, _)| *enqueued > now.business)
            .count();
        (self.messages.len() - scheduled - locked, scheduled, locked)
    }

    pub(super) fn dead_letters(&self) -> &[DeadLetter] {
        &self.dead_letters
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// Takes a message out of turn.
    pub(super) fn remove(&mut self, sequence_number: u64) -> bool {
        let before = self.messages.len();
        self.messages
            .retain(|(_, number), _| *number != sequence_number);
        self.messages.len() < before
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
            self.give_back(place);
        }
    }

    /// The message is available again, or dead after its last delivery.
    fn give_back(&mut self, place: Place) {
        if self
            .messages
            .get(&place)
            .is_none_or(|message| message.deliveries < MOST_DELIVERIES)
        {
            return;
        }
        if let Some(message) = self.messages.remove(&place) {
            self.dead_letters.push(DeadLetter {
                message_id: message.content.message_id,
                session_id: message.content.session_id,
                delivery_count: message.deliveries,
            });
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
