//! One queue without sessions: as many messages at once as configured, whatever they are about.
//!
//! One request for the next message is outstanding while a slot is free.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::dispatch::{Dispatch, RETRY_AFTER};
use super::receiver::{Lock, Message};
use crate::stopping::Stopping;

const RECEIVE_WAIT: Duration = Duration::from_secs(20);

/// Serves one Service Bus function that receives single messages.
#[derive(Debug)]
pub(crate) struct SingleListener {
    pub(crate) dispatch: Dispatch,
    pub(crate) max_calls: usize,
}

impl SingleListener {
    /// Runs until told to stop; messages that are being worked on are settled first.
    pub(crate) async fn run(self, mut stopping: Stopping) {
        let slots = Arc::new(Semaphore::new(self.max_calls));
        let listener = Arc::new(self);
        let mut calls = JoinSet::new();
        loop {
            tokio::select! {
                // A message that was received just now must be settled: nobody else would.
                biased;
                (message, slot) = listener.next_message(&slots) => {
                    calls.spawn(Arc::clone(&listener).serve(message, slot));
                    while calls.try_join_next().is_some() {}
                }
                () = stopping.requested() => break,
            }
        }
        while calls.join_next().await.is_some() {}
    }

    async fn next_message(&self, slots: &Arc<Semaphore>) -> (Message, OwnedSemaphorePermit) {
        let slot = Arc::clone(slots)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        loop {
            match self.dispatch.receiver.receive_single(RECEIVE_WAIT).await {
                Ok(Some(message)) => return (message, slot),
                Ok(None) => {}
                Err(error) => {
                    self.dispatch.warn(&format!("receiving failed: {error}"));
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
    }

    async fn serve(self: Arc<Self>, message: Message, slot: OwnedSemaphorePermit) {
        let lock = Lock::Message(&message.lock_token);
        if let Err(error) = self.dispatch.handle(&message, lock).await {
            // It comes again, since it was neither completed nor abandoned.
            let number = message.sequence_number;
            self.dispatch
                .warn(&format!("message {number} could not be settled: {error}"));
        }
        drop(slot);
    }
}
