//! A webhook that answers as it is told and keeps what it gets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::sync::watch;

#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) struct Webhook {
    pub(crate) url: String,
    state: Arc<Shared>,
}

struct Shared {
    answers: Mutex<VecDeque<u16>>,
    got: watch::Sender<Vec<Delivery>>,
}

impl Webhook {
    /// Answers with these codes in turn, then with 200.
    pub(crate) async fn answering(codes: &[u16]) -> Self {
        let answers = Mutex::new(codes.iter().copied().collect());
        let state = Arc::new(Shared {
            answers,
            got: watch::Sender::new(Vec::new()),
        });
        let app = Router::new()
            .route("/hook", post(take))
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        // Ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, state }
    }

    /// Waits until that many deliveries have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Delivery> {
        let mut got = self.state.got.subscribe();
        let arrived = got.wait_for(|got| got.len() >= count);
        let arrived = tokio::time::timeout(Duration::from_secs(10), arrived).await;
        arrived
            .expect("the deliveries come within 10 s")
            .unwrap()
            .clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.state.got.borrow().len()
    }
}

async fn take(State(state): State<Arc<Shared>>, headers: HeaderMap, body: String) -> StatusCode {
    let code = state.answers.lock().unwrap().pop_front().unwrap_or(200);
    let body = serde_json::from_str(&body).unwrap();
    state
        .got
        .send_modify(|got| got.push(Delivery { headers, body }));
    StatusCode::from_u16(code).unwrap()
}
