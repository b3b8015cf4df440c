//! One message to its function and back: the same for both kinds of queues.

use std::time::Duration;

use super::lock;
use super::message::{self, Client};
use super::receiver::{Lock, Message, Receiver, ReceiverError, Settlement};
use crate::app::ServiceBusFunction;
use crate::clock::Clock;
use crate::invocation::Invoker;
use crate::log::Level;

/// After a queue that does not answer, or answers nonsense.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(200);

/// A Service Bus function, and what its messages come from and go to.
#[derive(Debug)]
pub(crate) struct Dispatch {
    pub(crate) name: String,
    pub(crate) function: ServiceBusFunction,
    pub(crate) receiver: Receiver,
    pub(crate) invoker: Invoker,
    pub(crate) clock: Clock,
    pub(crate) renewal_limit: Option<Duration>,
}

impl Dispatch {
    /// Success completes the message; any failure abandons it, and it comes again at once.
    pub(super) async fn handle(
        &self,
        message: &Message,
        lock: Lock<'_>,
    ) -> Result<(), ReceiverError> {
        let namespace = self
            .function
            .namespace
            .as_deref()
            .unwrap_or(self.receiver.host());
        let client = Client {
            namespace,
            id: self.receiver.id(),
        };
        let envelope = message::envelope(
            message,
            &client,
            &self.function.binding,
            &self.name,
            self.clock.now(),
        );
        let invocation = self.invoker.invoke(&self.name, &envelope);
        tokio::pin!(invocation);
        let outcome = tokio::select! {
            outcome = &mut invocation => outcome,
            // A lost lock does not stop the function: the loss shows when its message is settled.
            _ = lock::keep(&self.receiver, lock, self.renewal_limit) => invocation.await,
        };
        let settlement = if outcome.is_ok() {
            Settlement::Complete
        } else {
            Settlement::Abandon
        };
        self.receiver.settle(message, lock, settlement).await
    }

    pub(super) fn warn(&self, what: &str) {
        self.invoker.log().host(
            Level::Warning,
            format!("queue {}: {what}", self.receiver.queue()),
        );
    }
}
