//! The function's time-out over a proxied call, whose answer may stream for as long as it likes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::task::JoinHandle;

use crate::worker::{Generation, Worker};

/// Ends the handler unless it is dropped in time: the call is over then.
#[derive(Debug)]
pub(super) struct Watchdog(Option<JoinHandle<()>>);

impl Watchdog {
    pub(super) fn set(
        worker: &Arc<Worker>,
        generation: Generation,
        limit: Option<Duration>,
    ) -> Self {
        let worker = Arc::clone(worker);
        Self(limit.map(|limit| {
            tokio::spawn(async move {
                tokio::time::sleep(limit).await;
                worker.function_timed_out(generation);
            })
        }))
    }

    /// The body streams on under the watch.
    pub(super) fn watch(self, body: Incoming) -> Body {
        Body::new(Watched {
            body,
            _watchdog: self,
        })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(watch) = &self.0 {
            watch.abort();
        }
    }
}

struct Watched {
    body: Incoming,
    _watchdog: Watchdog,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
