//! Service Bus without sessions: single messages, each under a lock of its own.

use std::time::Duration;

use cloud_sim::{Disturbance, QueueView};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::sky::{Sky, see};

const RECEIVER: &str = "/servicebus/$receiver/promotions-plain";

async fn sent(sky: &Sky, properties: &Value) {
    let request = sky
        .http
        .post(sky.url("/servicebus/promotions-plain/messages"))
        .bearer_auth(sky.token("https://servicebus.azure.net"))
        .header("BrokerProperties", properties.to_string())
        .body("{}");
    assert_eq!(see(request).await.status, StatusCode::CREATED);
}

async fn ask(sky: &Sky, receiver: &str, wait_ms: u64) -> Response {
    let wish = json!({"receiver": receiver, "waitMs": wait_ms, "lockSeconds": 1});
    sky.post(&format!("{RECEIVER}/receive"), wish).await
}

async fn receive(sky: &Sky, receiver: &str, wait_ms: u64) -> Option<Value> {
    let answer = ask(sky, receiver, wait_ms).await;
    match answer.status() {
        StatusCode::OK => Some(answer.json().await.unwrap()),
        status => {
            assert_eq!(status, StatusCode::NO_CONTENT);
            None
        }
    }
}

async fn settle(sky: &Sky, verb: &str, receiver: &str, message: &Value) -> u16 {
    let wish = json!({"receiver": receiver, "lockToken": message["lockToken"]});
    let answer = sky.post(&format!("{RECEIVER}/messages/{verb}"), wish).await;
    answer.status().as_u16()
}

fn view(sky: &Sky) -> QueueView {
    sky.cloud.queues().view("promotions-plain").unwrap()
}

#[tokio::test]
async fn messages_of_one_session_are_given_to_several_receivers_at_once() {
    let sky = Sky::new().await;
    sent(&sky, &json!({"MessageId": "1", "SessionId": "a"})).await;
    sent(&sky, &json!({"MessageId": "2", "SessionId": "a"})).await;
    sent(&sky, &json!({"MessageId": "3"})).await;
    let mut received = Vec::new();
    for receiver in ["x", "y", "x"] {
        received.push(receive(&sky, receiver, 0).await.unwrap());
    }
    assert_eq!(receive(&sky, "y", 0).await, None);
    let sessions: Vec<_> = received.iter().map(|m| m["sessionId"].clone()).collect();
    assert_eq!(sessions, [json!("a"), json!("a"), Value::Null]);
    assert_eq!((view(&sky).active, view(&sky).locked), (0, 3));
    // Somebody else's lock is not ours to settle.
    assert_eq!(settle(&sky, "complete", "y", &received[0]).await, 410);
    for (receiver, message) in [("x", 2), ("y", 1), ("x", 0)] {
        let message = &received[message];
        assert_eq!(settle(&sky, "complete", receiver, message).await, 204);
        assert_eq!(settle(&sky, "complete", receiver, message).await, 410);
    }
    assert_eq!((view(&sky).active, view(&sky).locked), (0, 0));
}

#[tokio::test]
async fn an_abandoned_message_comes_back_at_once_and_dies_after_ten_deliveries() {
    let sky = Sky::new().await;
    sent(&sky, &json!({"MessageId": "1"})).await;
    for delivery in 1..=10 {
        let message = receive(&sky, "x", 0).await.unwrap();
        assert_eq!(message["deliveryCount"], delivery);
        assert_eq!(settle(&sky, "abandon", "x", &message).await, 204);
    }
    assert_eq!(receive(&sky, "x", 0).await, None);
    let dead = view(&sky).dead_letters;
    assert_eq!((dead.len(), dead[0].delivery_count), (1, 10));
    assert_eq!(dead[0].session_id, None);
}

#[tokio::test]
async fn a_lock_that_is_not_renewed_is_lost_and_its_message_comes_again() {
    let sky = Sky::new().await;
    sent(&sky, &json!({"MessageId": "1"})).await;
    let message = receive(&sky, "x", 0).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(settle(&sky, "renew", "x", &message).await, 200);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(receive(&sky, "y", 0).await, None, "renewed in time");
    let again = receive(&sky, "y", 3000).await.unwrap();
    assert_eq!(again["deliveryCount"], 2, "woken by the end of the lock");
    for verb in ["renew", "complete"] {
        assert_eq!(settle(&sky, verb, "x", &message).await, 410);
    }
    assert_eq!(settle(&sky, "complete", "y", &again).await, 204);
}

#[tokio::test]
async fn a_scheduled_message_waits_for_the_clouds_clock() {
    let sky = Sky::new().await;
    let due = "Mon, 23 Nov 2026 08:00:00 GMT";
    sent(
        &sky,
        &json!({"MessageId": "1", "ScheduledEnqueueTimeUtc": due}),
    )
    .await;
    assert_eq!(receive(&sky, "x", 10).await, None);
    let (received, ()) = tokio::join!(receive(&sky, "x", 5000), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sky.cloud.clock().advance(Duration::from_hours(1));
    });
    assert_eq!(received.unwrap()["enqueuedTime"], "2026-11-23T08:00:00Z");
}

#[tokio::test]
async fn each_kind_of_queue_refuses_receivers_of_the_other() {
    let sky = Sky::new().await;
    let sessionful = json!({"receiver": "x", "waitMs": 0, "lockSeconds": 1});
    let answer = sky
        .post(&format!("{RECEIVER}/accept"), sessionful.clone())
        .await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let text = answer.text().await.unwrap();
    assert!(text.contains("does not require sessions"), "{text}");
    let answer = sky
        .post("/servicebus/$receiver/promotions/receive", sessionful)
        .await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let text = answer.text().await.unwrap();
    assert!(text.contains("requires sessions"), "{text}");
}

#[tokio::test]
async fn every_send_can_be_doubled() {
    let sky = Sky::new().await;
    let queues = sky.cloud.queues();
    queues.disturb_every_send(Some(Disturbance::Duplicate));
    queues.disturb_next_send(Disturbance::Lose);
    for id in ["1", "2", "3"] {
        sent(&sky, &json!({"MessageId": id})).await;
    }
    assert_eq!(view(&sky).active, 4);
    queues.disturb_every_send(None);
    sent(&sky, &json!({"MessageId": "4"})).await;
    assert_eq!(view(&sky).active, 5);
}
