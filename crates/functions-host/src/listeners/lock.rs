//! Keeps the lock of a session or a message while it is worked on.

use std::time::Duration;

use tokio::time::Instant;

use super::receiver::{Lock, Receiver, ReceiverError};

/// Runs until the lock is lost, or no longer than `limit` renews it.
///
/// Past the limit it waits for ever: whoever works under the lock learns of the loss when it settles its message.
pub(super) async fn keep(
    receiver: &Receiver,
    lock: Lock<'_>,
    limit: Option<Duration>,
) -> ReceiverError {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(receiver.lock() / 3).await;
        if limit.is_some_and(|limit| begun.elapsed() > limit) {
            return std::future::pending().await;
        }
        // A queue that does not answer is asked again: two further attempts fit into the lock.
        if let Err(lost @ ReceiverError::LockLost) = receiver.renew(lock).await {
            return lost;
        }
    }
}
