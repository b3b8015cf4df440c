//! What is in a queue and among its dead letters, whoever holds locks on it.
//!
//! Locks live in real time, since receivers measure them so; scheduled messages become due by the cloud's clock. Both
//! come in as values. Invariant: a message is in the queue or among the dead letters until it is completed.

use std::collections::BTreeMap;

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
    /// A queue with sessions takes none without; to one without sessions it is a property like any other.
    pub(super) session_id: Option<String>,
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
    pub session_id: Option<String>,
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

/// How many messages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) active: usize,
    pub(super) scheduled: usize,
    pub(super) locked: usize,
}

/// Order in the queue: by when a message came in, then by when it was sent.
pub(super) type Place = (Timestamp, u64);

#[derive(Debug, Default)]
pub(super) struct Backlog {
    sent: u64,
    tokens: u64,
    messages: BTreeMap<Place, Message>,
    dead_letters: Vec<DeadLetter>,
}

impl Backlog {
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

    /// Everything, due or not, oldest first.
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

    /// What has come in, oldest first.
    pub(super) fn available(&self, now: Now) -> impl Iterator<Item = (Place, &Message)> {
        self.messages
            .range(..=(now.business, u64::MAX))
            .map(|(place, message)| (*place, message))
    }

    /// Counts a delivery of the message in this place, under a lock of its own.
    pub(super) fn deliver(&mut self, place: Place) -> Option<Delivery> {
        let message = self.messages.get_mut(&place)?;
        message.deliveries += 1;
        self.tokens += 1;
        Some(Delivery {
            lock_token: format!("00000000-0000-4000-8000-{:012x}", self.tokens),
            message: message.clone(),
        })
    }

    pub(super) fn settle(&mut self, place: Place, settlement: Settlement) {
        match settlement {
            Settlement::Complete => drop(self.messages.remove(&place)),
            Settlement::Abandon => self.give_back(place),
        }
    }

    /// The message is available again, or dead after its last delivery.
    pub(super) fn give_back(&mut self, place: Place) {
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

    /// When the next scheduled message comes in.
    pub(super) fn next_due(&self, now: Now) -> Option<Timestamp> {
        let mut later = self.messages.range((now.business, u64::MAX)..);
        later.next().map(|((enqueued, _), _)| *enqueued)
    }

    pub(super) fn counts(&self, locked: usize, now: Now) -> Counts {
        let scheduled = self.messages.range((now.business, u64::MAX)..).count();
        Counts {
            active: self.messages.len() - scheduled - locked,
            scheduled,
            locked,
        }
    }

    pub(super) fn dead_letters(&self) -> &[DeadLetter] {
        &self.dead_letters
    }
}
