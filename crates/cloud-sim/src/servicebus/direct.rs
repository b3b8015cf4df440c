//! Queues as somebody sees them who tests: every message there is, and the right to take one out of turn.

use bytes::Bytes;
use jiff::Timestamp;

use super::Queues;

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeked {
    /// Its number within the queue, from 1.
    pub sequence_number: u64,
    /// Whose turn it is about.
    pub session_id: Option<String>,
    /// When it was sent, or when it is due if it was scheduled.
    pub enqueued: Timestamp,
    /// What it says.
    pub body: Bytes,
}

impl Queues {
    /// Every message of the queue, due or not, the oldest first; none where there is no such queue.
    pub fn peek(&self, queue: &str) -> Vec<Peeked> {
        self.change(queue, |queue, _| {
            let messages = queue.backlog().messages();
            Ok(messages
                .map(|message| Peeked {
                    sequence_number: message.sequence_number,
                    session_id: message.content.session_id.clone(),
                    enqueued: message.enqueued,
                    body: message.content.body.clone(),
                })
                .collect())
        })
        .unwrap_or_default()
    }

    /// Takes a message out of the queue, whoever holds its session. Whether it was there.
    pub fn remove(&self, queue: &str, sequence_number: u64) -> bool {
        self.change(queue, |queue, _| {
            Ok(queue.backlog().remove(sequence_number))
        })
        .unwrap_or(false)
    }
}
