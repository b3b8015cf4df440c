//! One queue with sessions: as many sessions at once as configured, one message at a time in each.
//!
//! One request for the next session is outstanding while a slot is free, so an idle queue costs one open connection and
//! a message starts its function at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::dispatch::{Dispatch, RETRY_AFTER};
use super::lock;
use super::receiver::{Lock, Message, ReceiverError};
use crate::stopping::Stopping;

const ACCEPT_WAIT: Duration = Duration::from_secs(20);

/// Serves one Service Bus function that receives sessions.
#[derive(Debug)]
pub(crate) struct SessionListener {
    pub(crate) dispatch: Dispatch,
    pub(crate) max_sessions: usize,
    pub(crate) idle_timeout: Duration,
}

impl SessionListener {
    /// Runs until told to stop; messages that are being worked on are settled first.
    pub(crate) async fn run(self, mut stopping: Stopping) {
        let slots = Arc::new(Semaphore::new(self.max_sessions));
        let listener = Arc::new(self);
        let mut sessions = JoinSet::new();
        loop {
            tokio::select! {
                // A session that was accepted just now must be served: nobody else would release it.
                biased;
                (session, slot) = listener.next_session(&slots) => {
                    sessions.spawn(Arc::clone(&listener).serve(session, slot, stopping.clone()));
                    while sessions.try_join_next().is_some() {}
                }
                () = stopping.requested() => break,
            }
        }
        while sessions.join_next().await.is_some() {}
    }

    async fn next_session(&self, slots: &Arc<Semaphore>) -> (String, OwnedSemaphorePermit) {
        let slot = Arc::clone(slots)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        loop {
            match self.dispatch.receiver.accept(ACCEPT_WAIT).await {
                Ok(Some(session)) => return (session, slot),
                Ok(None) => {}
                Err(error) => {
                    self.dispatch
                        .warn(&format!("accepting a session failed: {error}"));
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
    }

    /// Works until the session has been idle for its time-out, its lock is lost, or the host stops.
    async fn serve(
        self: Arc<Self>,
        session: String,
        slot: OwnedSemaphorePermit,
        mut stopping: Stopping,
    ) {
        let outcome = loop {
            let next = tokio::select! {
                biased;
                () = stopping.requested() => Ok(None),
                next = self.next_message(&session) => next,
            };
            match next {
                Ok(Some(message)) => {
                    if let Err(error) = self
                        .dispatch
                        .handle(&message, Lock::Session(&session))
                        .await
                    {
                        break Err(error);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.leave(&session, outcome).await;
        drop(slot);
    }

    async fn next_message(&self, session: &str) -> Result<Option<Message>, ReceiverError> {
        tokio::select! {
            next = self.dispatch.receiver.receive(session, self.idle_timeout) => next,
            lost = lock::keep(&self.dispatch.receiver, Lock::Session(session), None) => Err(lost),
        }
    }

    async fn leave(&self, session: &str, outcome: Result<(), ReceiverError>) {
        if let Err(error) = &outcome {
            self.dispatch
                .warn(&format!("session {session} ended: {error}"));
        }
        if !matches!(outcome, Err(ReceiverError::LockLost))
            && let Err(error) = self.dispatch.receiver.release(session).await
        {
            self.dispatch
                .warn(&format!("releasing session {session} failed: {error}"));
        }
    }
}
