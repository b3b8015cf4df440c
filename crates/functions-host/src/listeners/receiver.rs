//! The receiver API of the simulated queue, which stands in for AMQP.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http_client::{CallError, LoopbackApi};
use crate::ids;

/// Beyond the time that the other side may wait.
const GRACE: Duration = Duration::from_secs(10);
const GONE: u16 = 410;

/// Receives from one queue under a name of its own.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    api: LoopbackApi,
    queue: String,
    id: String,
    lock: Duration,
}

/// A message as the broker gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) lock_token: String,
    #[serde(rename = "messageId")]
    pub(super) id: Option<String>,
    /// Always there on a queue with sessions.
    pub(super) session_id: Option<String>,
    pub(super) sequence_number: i64,
    pub(super) delivery_count: u32,
    pub(super) enqueued_time: jiff::Timestamp,
    /// None, or beyond what can be told, for a message that never expires.
    pub(super) expires_at: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) body_base64: String,
    #[serde(default)]
    pub(super) application_properties: BTreeMap<String, Value>,
}

/// Why the queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiverError {
    #[error("the lock is lost")]
    LockLost,
    #[error(transparent)]
    Call(CallError),
}

/// What a receiver holds while it works.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lock<'a> {
    Session(&'a str),
    /// A single message, by the token of its lock.
    Message(&'a str),
}

/// How an invocation ends its message.
#[derive(Debug, Clone, Copy)]
pub(super) enum Settlement {
    Complete,
    Abandon,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    session_id: String,
}

/// An answer whose content does not matter.
#[derive(Debug, Deserialize)]
struct Done {}

impl Receiver {
    pub(crate) fn new(api: LoopbackApi, queue: String, lock: Duration) -> Self {
        Self {
            api,
            queue,
            id: format!("host-{}", ids::guid()),
            lock,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn queue(&self) -> &str {
        &self.queue
    }

    pub(super) fn lock(&self) -> Duration {
        self.lock
    }

    pub(super) fn host(&self) -> &str {
        self.api.host()
    }

    /// Locks the next session that has messages; waits so long for one.
    pub(super) async fn accept(&self, wait: Duration) -> Result<Option<String>, ReceiverError> {
        let body = json!({ "receiver": self.id, "waitMs": millis(wait), "lockSeconds": self.lock_seconds() });
        let accepted: Option<Accepted> = self.post("accept", &body, wait + GRACE).await?;
        Ok(accepted.map(|accepted| accepted.session_id))
    }

    pub(super) async fn receive(
        &self,
        session: &str,
        wait: Duration,
    ) -> Result<Option<Message>, ReceiverError> {
        let body = json!({ "receiver": self.id, "waitMs": millis(wait) });
        self.post(&Lock::Session(session).path("receive"), &body, wait + GRACE)
            .await
    }

    /// Locks the next message of a queue without sessions; waits so long for one.
    pub(super) async fn receive_single(
        &self,
        wait: Duration,
    ) -> Result<Option<Message>, ReceiverError> {
        let body = json!({ "receiver": self.id, "waitMs": millis(wait), "lockSeconds": self.lock_seconds() });
        self.post("receive", &body, wait + GRACE).await
    }

    pub(super) async fn settle(
        &self,
        message: &Message,
        lock: Lock<'_>,
        settlement: Settlement,
    ) -> Result<(), ReceiverError> {
        let verb = match settlement {
            Settlement::Complete => "complete",
            Settlement::Abandon => "abandon",
        };
        let body = json!({ "receiver": self.id, "lockToken": message.lock_token });
        self.done(&lock.path(verb), &body).await
    }

    pub(super) async fn renew(&self, lock: Lock<'_>) -> Result<(), ReceiverError> {
        let body = match lock {
            Lock::Session(_) => json!({ "receiver": self.id }),
            Lock::Message(token) => json!({ "receiver": self.id, "lockToken": token }),
        };
        self.done(&lock.path("renew"), &body).await
    }

    pub(super) async fn release(&self, session: &str) -> Result<(), ReceiverError> {
        let body = json!({ "receiver": self.id });
        self.done(&Lock::Session(session).path("release"), &body)
            .await
    }

    fn lock_seconds(&self) -> u64 {
        self.lock.as_secs().max(1)
    }

    async fn done(&self, path: &str, body: &Value) -> Result<(), ReceiverError> {
        self.post::<Done>(path, body, GRACE).await.map(|_| ())
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        deadline: Duration,
    ) -> Result<Option<T>, ReceiverError> {
        let path = format!("/$receiver/{}/{path}", escaped(&self.queue));
        self.api
            .post(&path, body, deadline)
            .await
            .map_err(|error| match error {
                CallError::Status(GONE) => ReceiverError::LockLost,
                other => ReceiverError::Call(other),
            })
    }
}

impl Lock<'_> {
    fn path(self, verb: &str) -> String {
        match self {
            Self::Session(session) => format!("sessions/{}/{verb}", escaped(session)),
            Self::Message(_) => format!("messages/{verb}"),
        }
    }
}

fn escaped(segment: &str) -> String {
    let mut escaped = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => write!(escaped, "%{byte:02X}").expect("a String takes everything"),
        }
    }
    escaped
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
