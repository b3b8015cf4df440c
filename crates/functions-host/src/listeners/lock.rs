//! Keeps a session's lock while its messages are worked on.

use std::time::Duration;

use tokio::time::Instant;

use super::receiver::{Receiver, ReceiverError};

/// Runs until the lock is lost, or no longer than `limit` renews it.
///
/// Past the limit it waits for ever: whoever works on the session learns of the loss when it settles its message.
pub(super) async fn keep(
    receiver: &Receiver,
    session: &str,
    limit: Option<Duration>,
) -> ReceiverError {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(receiver.lock() / 3).await;
        if limit.is_some_and(|limit| begun.elapsed() > limit) {
            return std::future::pending().await;
        }
        // A queue that does not answer is asked again: two further attempts fit into the lock.
        if let Err(lost @ ReceiverError::LockLost) = receiver.renew(session).await {
            return lost;
        }
    }
}
