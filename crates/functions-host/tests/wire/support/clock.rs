//! A simulated clock that shows what the test sets.

use std::sync::{Arc, Mutex};

use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

#[derive(Clone)]
pub(crate) struct FakeClock {
    now: Arc<Mutex<Timestamp>>,
    pub(crate) url: Url,
}

impl FakeClock {
    /// It stands still until the test moves it.
    pub(crate) async fn at(now: &str) -> Self {
        let now = Arc::new(Mutex::new(now.parse::<Timestamp>().unwrap()));
        let shown = Arc::clone(&now);
        let answer = move || {
            let now = *shown.lock().unwrap();
            async move { Json(json!({ "now": now, "rate": 0.0 })) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/clock", listener.local_addr().unwrap())).unwrap();
        let router = Router::new().route("/clock", get(answer));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { now, url }
    }

    pub(crate) fn set(&self, now: &str) {
        *self.now.lock().unwrap() = now.parse().unwrap();
    }
}
