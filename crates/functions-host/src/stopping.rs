//! The one signal that ends everything: take nothing new.

use tokio::sync::watch;

/// Tells a part of the host that it is to stop.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// The sender stops everybody with `true`, or by going away.
    pub(crate) fn channel() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    pub(crate) async fn requested(&mut self) {
        // An error says that the sender is gone.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }
}
