//! A queue with sessions behind the receiver API, just enough of a broker to receive from.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
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
use tokio::sync::Notify;
use url::Url;

const MAX_DELIVERIES: u32 = 10;

#[derive(Clone)]
pub(crate) struct FakeQueue {
    shared: Arc<Shared>,
    pub(crate) url: Url,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Broker>,
    changed: Notify,
}

#[derive(Default)]
struct Broker {
    sessions: BTreeMap<String, VecDeque<Queued>>,
    locked: BTreeSet<String>,
    lost: BTreeSet<String>,
    log: Vec<String>,
    next_number: u32,
}

#[derive(Clone)]
struct Queued {
    number: u32,
    body: String,
    deliveries: u32,
}

impl FakeQueue {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/sb/$receiver/promotions/accept", post(accept))
            .route(
                "/sb/$receiver/promotions/sessions/{session}/receive",
                post(receive),
            )
            .route(
                "/sb/$receiver/promotions/sessions/{session}/{verb}",
                post(settle),
            )
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/sb", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { shared, url }
    }

    /// A message that asks the handler for something.
    pub(crate) fn send(&self, session: &str, command: &str) {
        let mut broker = self.shared.state.lock().unwrap();
        broker.next_number += 1;
        let queued = Queued {
            number: broker.next_number,
            body: json!({ "do": command }).to_string(),
            deliveries: 0,
        };
        broker
            .sessions
            .entry(session.to_owned())
            .or_default()
            .push_back(queued);
        drop(broker);
        self.shared.changed.notify_waiters();
    }

    /// From now on every call for this session is answered by 410.
    pub(crate) fn lose_lock(&self, session: &str) {
        self.shared
            .state
            .lock()
            .unwrap()
            .lost
            .insert(session.to_owned());
    }

    /// `accept a`, `complete a 1`, … in the order in which they came.
    pub(crate) fn log(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().log.clone()
    }

    pub(crate) async fn logged(&self, line: &str) {
        self.logged_times(line, 1).await;
    }

    pub(crate) async fn logged_times(&self, line: &str, times: usize) {
        let logged = async {
            while self.log().iter().filter(|known| *known == line).count() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let logged = tokio::time::timeout(Duration::from_secs(5), logged).await;
        assert!(logged.is_ok(), "no {line:?} in {:?}", self.log());
    }
}

/// Answers when `take` finds something, with 204 when the time is over.
async fn wait(
    shared: &Shared,
    asked: &Value,
    take: impl Fn(&mut Broker) -> Option<Value>,
) -> Response {
    let found = async {
        loop {
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = take(&mut shared.state.lock().unwrap()) {
                return found;
            }
            changed.await;
        }
    };
    let limit = Duration::from_millis(asked["waitMs"].as_u64().unwrap());
    match tokio::time::timeout(limit, found).await {
        Ok(found) => Json(found).into_response(),
        Err(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn accept(State(shared): State<Arc<Shared>>, Json(asked): Json<Value>) -> Response {
    wait(&shared, &asked, |broker| {
        let is_free = |(session, queued): &(&String, &VecDeque<Queued>)| {
            !queued.is_empty()
                && !broker.locked.contains(*session)
                && !broker.lost.contains(*session)
        };
        let session = broker.sessions.iter().find(is_free)?.0.clone();
        broker.locked.insert(session.clone());
        broker.log.push(format!("accept {session}"));
        Some(json!({ "sessionId": session, "lockedUntil": "2026-11-23T07:01:00Z" }))
    })
    .await
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    Path(session): Path<String>,
    Json(asked): Json<Value>,
) -> Response {
    wait(&shared, &asked, |broker| {
        let queued = broker.sessions.get_mut(&session)?.front_mut()?;
        queued.deliveries += 1;
        Some(message(&session, queued))
    })
    .await
}

fn message(session: &str, queued: &Queued) -> Value {
    json!({
        "lockToken": format!("lock-{}", queued.number), "messageId": format!("m-{}", queued.number), "sessionId": session,
        "sequenceNumber": queued.number, "deliveryCount": queued.deliveries,
        "enqueuedTime": "2023-10-12T20:13:49.5Z", "expiresAt": "2023-10-26T20:13:49.5Z",
        "contentType": "application/json", "correlationId": null, "subject": "s",
        "bodyBase64": STANDARD.encode(&queued.body), "applicationProperties": { "k": "v" },
    })
}

async fn settle(
    State(shared): State<Arc<Shared>>,
    Path((session, verb)): Path<(String, String)>,
) -> Response {
    let mut broker = shared.state.lock().unwrap();
    if broker.lost.contains(&session) {
        broker.log.push(format!("refused {verb} {session}"));
        return StatusCode::GONE.into_response();
    }
    let answer = settled(&mut broker, &session, &verb);
    drop(broker);
    shared.changed.notify_waiters();
    answer
}

fn settled(broker: &mut Broker, session: &str, verb: &str) -> Response {
    let queue = broker.sessions.get_mut(session).unwrap();
    let number = queue.front().map_or(0, |queued| queued.number);
    match verb {
        "complete" => drop(queue.pop_front()),
        "abandon"
            if queue
                .front()
                .is_some_and(|queued| queued.deliveries >= MAX_DELIVERIES) =>
        {
            queue.pop_front();
            broker.log.push(format!("dead-letter {session} {number}"));
        }
        "release" => drop(broker.locked.remove(session)),
        _ => {}
    }
    match verb {
        "complete" | "abandon" => broker.log.push(format!("{verb} {session} {number}")),
        _ => broker.log.push(format!("{verb} {session}")),
    }
    match verb {
        "renew" => Json(json!({ "lockedUntil": "2026-11-23T07:02:00Z" })).into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}
