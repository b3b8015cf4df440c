//! An address that nobody should be led to: whoever comes is counted.

use axum::Router;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Somebody else's server.
pub(super) struct Elsewhere {
    pub(super) url: String,
    arrivals: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Elsewhere {
    pub(super) async fn listening() -> Self {
        let arrivals = Arc::new(AtomicUsize::new(0));
        let counts = arrivals.clone();
        let routes = Router::new().fallback(async move || {
            counts.fetch_add(1, Ordering::SeqCst);
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            url,
            arrivals,
            serving,
        }
    }

    pub(super) fn arrivals(&self) -> usize {
        self.arrivals.load(Ordering::SeqCst)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
