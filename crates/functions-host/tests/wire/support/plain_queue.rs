//! A queue without sessions behind the receiver API, just enough of a broker to receive from.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

const MAX_DELIVERIES: u32 = 10;
const LOOK: Duration = Duration::from_millis(2);

#[derive(Clone)]
pub(crate) struct FakePlainQueue {
    broker: Arc<Mutex<Broker>>,
    pub(crate) url: Url,
}

#[derive(Default)]
struct Broker {
    queued: Vec<Queued>,
    sent: u32,
    log: Vec<String>,
    at_once: usize,
    most_at_once: usize,
}

struct Queued {
    number: u32,
    session: Option<&'static str>,
    body: String,
    deliveries: u32,
    locked: bool,
}

impl FakePlainQueue {
    pub(crate) async fn start() -> Self {
        let broker = Arc::new(Mutex::new(Broker::default()));
        let router = Router::new()
            .route("/sb/$receiver/promotions/receive", post(receive))
            .route("/sb/$receiver/promotions/messages/{verb}", post(settle))
            .with_state(Arc::clone(&broker));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/sb", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { broker, url }
    }

    /// A message that asks the handler for something.
    pub(crate) fn send(&self, session: Option<&'static str>, command: &str) {
        let mut broker = self.broker.lock().unwrap();
        broker.sent += 1;
        let number = broker.sent;
        broker.queued.push(Queued {
            number,
            session,
            body: json!({ "do": command }).to_string(),
            deliveries: 0,
            locked: false,
        });
    }

    /// Somebody else may receive what is under delivery: its lock is lost.
    pub(crate) fn lose_locks(&self) {
        let mut broker = self.broker.lock().unwrap();
        broker.at_once = 0;
        for queued in &mut broker.queued {
            queued.locked = false;
        }
    }

    /// `receive 1`, `complete 1`, … in the order in which they came.
    pub(crate) fn log(&self) -> Vec<String> {
        self.broker.lock().unwrap().log.clone()
    }

    pub(crate) fn count(&self, line: &str) -> usize {
        self.log().iter().filter(|known| *known == line).count()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.broker.lock().unwrap().most_at_once
    }

    pub(crate) async fn logged(&self, line: &str) {
        let logged = async {
            while self.count(line) == 0 {
                tokio::time::sleep(LOOK).await;
            }
        };
        let logged = tokio::time::timeout(Duration::from_secs(10), logged).await;
        assert!(logged.is_ok(), "no {line:?} in {:?}", self.log());
    }
}

async fn receive(State(broker): State<Arc<Mutex<Broker>>>, Json(asked): Json<Value>) -> Response {
    assert!(asked["lockSeconds"].as_u64().is_some_and(|lock| lock > 0));
    let found = async {
        loop {
            if let Some(found) = broker.lock().unwrap().next() {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let limit = Duration::from_millis(asked["waitMs"].as_u64().unwrap());
    match tokio::time::timeout(limit, found).await {
        Ok(found) => Json(found).into_response(),
        Err(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn settle(
    State(broker): State<Arc<Mutex<Broker>>>,
    Path(verb): Path<String>,
    Json(asked): Json<Value>,
) -> Response {
    let token = asked["lockToken"].as_str().unwrap();
    broker.lock().unwrap().settle(&verb, token)
}

impl Broker {
    fn next(&mut self) -> Option<Value> {
        let queued = self.queued.iter_mut().find(|queued| !queued.locked)?;
        queued.locked = true;
        queued.deliveries += 1;
        let found = queued.to_json();
        self.log.push(format!("receive {}", queued.number));
        self.at_once += 1;
        self.most_at_once = self.most_at_once.max(self.at_once);
        Some(found)
    }

    fn settle(&mut self, verb: &str, token: &str) -> Response {
        let held = |queued: &Queued| queued.locked && queued.token() == token;
        let Some(index) = self.queued.iter().position(held) else {
            self.log.push(format!("refused {verb}"));
            return StatusCode::GONE.into_response();
        };
        let queued = &mut self.queued[index];
        let (number, dead) = (queued.number, queued.deliveries >= MAX_DELIVERIES);
        self.log.push(format!("{verb} {number}"));
        if verb == "renew" {
            return Json(json!({ "lockedUntil": "2026-11-23T07:02:00Z" })).into_response();
        }
        self.at_once -= 1;
        queued.locked = false;
        if verb == "abandon" && dead {
            self.log.push(format!("dead-letter {number}"));
        }
        if verb == "complete" || dead {
            self.queued.remove(index);
        }
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Queued {
    /// Another one each delivery.
    fn token(&self) -> String {
        format!("lock-{}-{}", self.number, self.deliveries)
    }

    fn to_json(&self) -> Value {
        json!({
            "lockToken": self.token(), "messageId": format!("m-{}", self.number), "sessionId": self.session,
            "sequenceNumber": self.number, "deliveryCount": self.deliveries,
            "enqueuedTime": "2023-10-12T20:13:49.5Z", "expiresAt": "2023-10-26T20:13:49.5Z",
            "contentType": "application/json", "correlationId": null, "subject": null,
            "bodyBase64": STANDARD.encode(&self.body), "applicationProperties": {},
        })
    }
}
