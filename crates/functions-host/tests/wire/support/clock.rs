//! A simulated clock that shows what the test sets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

pub(crate) struct FakeClock {
    now: Arc<Mutex<Timestamp>>,
    reads: watch::Receiver<usize>,
    pub(crate) url: Url,
}

impl FakeClock {
    /// It stands still until the test moves it.
    pub(crate) async fn at(now: &str) -> Self {
        let now = Arc::new(Mutex::new(now.parse::<Timestamp>().unwrap()));
        let shown = Arc::clone(&now);
        let (count, reads) = watch::channel(0);
        let answer = move || {
            let now = *shown.lock().unwrap();
            count.send_modify(|count| *count += 1);
            async move { Json(json!({ "now": now, "rate": 0.0 })) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/clock", listener.local_addr().unwrap())).unwrap();
        let router = Router::new().route("/clock", get(answer));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { now, reads, url }
    }

    pub(crate) fn set(&self, now: &str) {
        *self.now.lock().unwrap() = now.parse().unwrap();
    }

    /// Returns once the host has surely acted on what the clock shows.
    pub(crate) async fn seen(&self) {
        let mut reads = self.reads.clone();
        let enough = *reads.borrow() + 3;
        tokio::time::timeout(
            Duration::from_secs(5),
            reads.wait_for(|reads| *reads >= enough),
        )
        .await
        .unwrap()
        .unwrap();
    }
}
