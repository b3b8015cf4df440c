//! Wake-ups: a message says only whose turn it is. Losing one costs a sweep's interval; a second one costs a look.

use azure_api::{Message, Queue};
use bytes::Bytes;
use jiff::Timestamp;
use promotion::Digest;

use super::{JournalName, StoreError};
use crate::clock;

/// Service Bus allows no longer session id.
const LONGEST_SESSION: usize = 128;

/// The queue.
#[derive(Clone)]
pub struct WakeUps {
    queue: Queue,
}

impl WakeUps {
    pub(super) fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// Wakes a journal: now, or at a time in whole seconds.
    pub async fn send(&self, name: &JournalName, at: Option<Timestamp>) -> Result<(), StoreError> {
        let body = serde_json::json!({ "journal": name.as_str() }).to_string();
        let (session, id) = (session(name), clock::unique());
        let message = Message {
            session_id: &session,
            message_id: &id,
            body: Bytes::from(body),
            scheduled_at: at,
        };
        self.queue
            .send(&message)
            .await
            .map_err(StoreError::service(format!("wake-up of {name}")))
    }
}

/// One journal, one session: the broker hands out one message of a session at a time.
fn session(name: &JournalName) -> String {
    let name = name.as_str();
    if name.len() <= LONGEST_SESSION {
        name.to_owned()
    } else {
        Digest::of(name.as_bytes()).as_str().to_owned()
    }
}
