//! What outlives a host: on Azure the storage account and the sign-in service hold it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// Signed-in sessions and the timers' status. Clones share it, so the host that follows a stopped one goes on with it.
#[derive(Debug, Clone, Default)]
pub struct PlatformState {
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    sign_ins: BTreeMap<String, SignedIn>,
    timers: BTreeMap<String, TimerStatus>,
}

/// A session: who signed in, and the token that the directory gave them then.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) object_id: String,
    pub(crate) id_token: Option<String>,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn")
            .field("object_id", &self.object_id)
            .finish_non_exhaustive()
    }
}

/// What the timer extension keeps of each timer, to notice an occurrence that passed while no host ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerStatus {
    /// Start of the last invocation; none before the first.
    pub(crate) last: Option<Timestamp>,
    pub(crate) next: Timestamp,
}

impl PlatformState {
    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic elsewhere cannot leave a map half written.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sign_in(&self, session: String, signed_in: SignedIn) {
        self.held().sign_ins.insert(session, signed_in);
    }

    pub(crate) fn sign_out(&self, session: &str) {
        self.held().sign_ins.remove(session);
    }

    pub(crate) fn signed_in(&self, session: &str) -> Option<SignedIn> {
        self.held().sign_ins.get(session).cloned()
    }

    pub(crate) fn timer(&self, function: &str) -> Option<TimerStatus> {
        self.held().timers.get(function).copied()
    }

    pub(crate) fn set_timer(&self, function: &str, status: TimerStatus) {
        self.held().timers.insert(function.to_owned(), status);
    }
}
