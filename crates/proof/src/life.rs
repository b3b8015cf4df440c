//! The life of one handler process: it ends at once, or with the next thing that it does.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Clones are the same life.
#[derive(Clone, Default)]
pub(crate) struct Life(Arc<Shared>);

#[derive(Default)]
struct Shared {
    ending: AtomicBool,
    ended: Notify,
}

impl Life {
    /// Whether it ends with the next thing that it does.
    pub(crate) fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::Acquire)
    }

    /// It ends with the next thing that it does.
    pub(crate) fn ends_next(&self) {
        self.0.ending.store(true, Ordering::Release);
    }

    /// It ends here: whoever waits for anything in it waits for ever.
    pub(crate) async fn end<T>(&self) -> T {
        self.ends_next();
        self.0.ended.notify_one();
        pending().await
    }

    /// Until it has ended.
    pub(crate) async fn over(&self) {
        self.0.ended.notified().await;
    }
}
