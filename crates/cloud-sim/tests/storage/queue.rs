//! Service Bus: sessions one at a time, schedules by the cloud's clock, locks by the real one.

use std::time::{Duration, Instant};

use cloud_sim::{DeadLetter, Disturbance, QueueView};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::sky::{Sky, see};

const RECEIVER: &str = "/servicebus/$receiver/promotions";

fn send(sky: &Sky, properties: &Value) -> RequestBuilder {
    let request = sky.http.post(sky.url("/servicebus/promotions/messages"));
    let request = request.bearer_auth(sky.token("https://servicebus.azure.net"));
    request
        .header("BrokerProperties", properties.to_string())
        .header("content-type", "application/json")
        .body("{}")
}

async fn sent(sky: &Sky, id: &str, session: &str) {
    let sent = see(send(sky, &json!({"MessageId": id, "SessionId": session}))).await;
    assert_eq!(sent.status, StatusCode::CREATED);
}

async fn accept(sky: &Sky, receiver: &str, wait_ms: u64) -> Option<String> {
    let wish = json!({"receiver": receiver, "waitMs": wait_ms, "lockSeconds": 1});
    let answer = sky.post(&format!("{RECEIVER}/accept"), wish).await;
    if answer.status() == StatusCode::NO_CONTENT {
        return None;
    }
    Some(
        answer.json::<Value>().await.unwrap()["sessionId"]
            .as_str()
            .unwrap()
            .to_owned(),
    )
}

async fn receive(sky: &Sky, receiver: &str, session: &str, wait_ms: u64) -> Option<Value> {
    let wish = json!({"receiver": receiver, "waitMs": wait_ms});
    let answer = sky
        .post(&format!("{RECEIVER}/sessions/{session}/receive"), wish)
        .await;
    match answer.status() {
        StatusCode::OK => Some(answer.json().await.unwrap()),
        status => {
            assert_eq!(status, StatusCode::NO_CONTENT);
            None
        }
    }
}

async fn settle(sky: &Sky, verb: &str, receiver: &str, message: &Value) -> u16 {
    let session = message["sessionId"].as_str().unwrap();
    let wish = json!({"receiver": receiver, "lockToken": message["lockToken"]});
    sky.post(&format!("{RECEIVER}/sessions/{session}/{verb}"), wish)
        .await
        .status()
        .as_u16()
}

fn view(sky: &Sky) -> QueueView {
    sky.cloud.queues().view("promotions").unwrap()
}

#[tokio::test]
async fn sessions_are_given_by_age_and_messages_in_order() {
    let sky = Sky::new().await;
    for (id, session) in [("1", "a"), ("2", "b"), ("3", "a")] {
        sent(&sky, id, session).await;
    }
    assert_eq!(accept(&sky, "x", 0).await.as_deref(), Some("a"));
    assert_eq!(accept(&sky, "y", 0).await.as_deref(), Some("b"));
    assert_eq!(accept(&sky, "z", 0).await, None);
    let first = receive(&sky, "x", "a", 0).await.unwrap();
    assert_eq!(
        (&first["messageId"], &first["deliveryCount"]),
        (&json!("1"), &json!(1))
    );
    assert_eq!(
        (&first["bodyBase64"], &first["contentType"]),
        (&json!("e30="), &json!("application/json"))
    );
    assert_eq!(receive(&sky, "x", "a", 0).await, None, "one at a time");
    assert_eq!(settle(&sky, "complete", "x", &first).await, 204);
    assert_eq!(settle(&sky, "complete", "x", &first).await, 410);
    assert_eq!(receive(&sky, "x", "a", 0).await.unwrap()["messageId"], "3");
}

#[tokio::test]
async fn an_abandoned_message_comes_back_at_once_and_dies_after_ten_deliveries() {
    let sky = Sky::new().await;
    sent(&sky, "1", "a").await;
    accept(&sky, "x", 0).await.unwrap();
    for delivery in 1..=10 {
        let message = receive(&sky, "x", "a", 0).await.unwrap();
        assert_eq!(message["deliveryCount"], delivery);
        assert_eq!(settle(&sky, "abandon", "x", &message).await, 204);
    }
    assert_eq!(receive(&sky, "x", "a", 0).await, None);
    let dead = DeadLetter {
        message_id: "1".into(),
        session_id: Some("a".into()),
        delivery_count: 10,
    };
    assert_eq!(
        view(&sky),
        QueueView {
            active: 0,
            scheduled: 0,
            locked: 0,
            dead_letters: vec![dead]
        }
    );
    let shown = see(sky.http.get(sky.url(RECEIVER))).await.body;
    assert!(
        shown.contains(r#""deadLetters":[{"deliveryCount":10,"messageId":"1","sessionId":"a"}]"#),
        "{shown}"
    );
}

#[tokio::test]
async fn a_waiting_receiver_wakes_when_a_message_is_sent() {
    let sky = Sky::new().await;
    let begun = Instant::now();
    let (accepted, ()) = tokio::join!(accept(&sky, "x", 5000), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sent(&sky, "1", "a").await;
    });
    assert_eq!(accepted.as_deref(), Some("a"));
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "woke after {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_scheduled_message_waits_for_the_clouds_clock() {
    let sky = Sky::new().await;
    let due = "Mon, 23 Nov 2026 08:00:00 GMT";
    let properties = json!({"MessageId": "1", "SessionId": "a", "ScheduledEnqueueTimeUtc": due});
    assert_eq!(
        see(send(&sky, &properties)).await.status,
        StatusCode::CREATED
    );
    assert_eq!(accept(&sky, "x", 10).await, None);
    assert_eq!((view(&sky).active, view(&sky).scheduled), (0, 1));
    let (accepted, ()) = tokio::join!(accept(&sky, "x", 5000), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sky.cloud.clock().advance(Duration::from_hours(1));
    });
    assert_eq!(accepted.as_deref(), Some("a"));
    let message = receive(&sky, "x", "a", 0).await.unwrap();
    assert_eq!(message["enqueuedTime"], "2026-11-23T08:00:00Z");
}

#[tokio::test]
async fn a_lock_that_is_not_renewed_is_lost() {
    let sky = Sky::new().await;
    sent(&sky, "1", "a").await;
    accept(&sky, "x", 0).await.unwrap();
    let message = receive(&sky, "x", "a", 0).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let renew = format!("{RECEIVER}/sessions/a/renew");
    assert_eq!(
        sky.post(&renew, json!({"receiver": "x"})).await.status(),
        StatusCode::OK
    );
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(accept(&sky, "y", 0).await, None, "renewed in time");
    assert_eq!(
        accept(&sky, "y", 3000).await.as_deref(),
        Some("a"),
        "woken by the end of the lock"
    );
    assert_eq!(settle(&sky, "complete", "x", &message).await, 410);
    assert_eq!(
        sky.post(&renew, json!({"receiver": "x"})).await.status(),
        StatusCode::GONE
    );
    assert_eq!(
        receive(&sky, "y", "a", 0).await.unwrap()["deliveryCount"],
        2
    );
}

#[tokio::test]
async fn a_released_session_is_free_for_others() {
    let sky = Sky::new().await;
    sent(&sky, "1", "a").await;
    accept(&sky, "x", 0).await.unwrap();
    receive(&sky, "x", "a", 0).await.unwrap();
    let release = format!("{RECEIVER}/sessions/a/release");
    sky.post(&release, json!({"receiver": "y"})).await;
    assert_eq!(
        accept(&sky, "y", 0).await,
        None,
        "only its holder releases it"
    );
    assert_eq!(
        sky.post(&release, json!({"receiver": "x"})).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(accept(&sky, "y", 0).await.as_deref(), Some("a"));
    assert_eq!(
        receive(&sky, "y", "a", 0).await.unwrap()["deliveryCount"],
        2
    );
}

#[tokio::test]
async fn a_send_is_refused_as_service_bus_does() {
    let sky = Sky::new().await;
    let good = json!({"MessageId": "1", "SessionId": "a"});
    let elsewhere = sky.http.post(sky.url("/servicebus/other/messages"));
    let storage = sky.token("https://storage.azure.com");
    let table = [
        (send(&sky, &json!({"MessageId": "1"})), 400),
        (
            send(
                &sky,
                &json!({"SessionId": "a", "ScheduledEnqueueTimeUtc": "tomorrow"}),
            ),
            400,
        ),
        (send(&sky, &good).body("x".repeat((256 << 10) + 1)), 413),
        (
            elsewhere.bearer_auth(sky.token("https://servicebus.azure.net/.default")),
            404,
        ),
        (
            sky.http
                .post(sky.url("/servicebus/promotions/messages"))
                .bearer_auth(storage),
            401,
        ),
        (
            sky.http.post(sky.url("/servicebus/promotions/messages")),
            401,
        ),
    ];
    for (request, expected) in table {
        assert_eq!(see(request).await.status.as_u16(), expected);
    }
    assert_eq!(view(&sky).active, 0);
}

#[tokio::test]
async fn sends_can_be_lost_and_doubled() {
    let sky = Sky::new().await;
    sky.cloud.queues().disturb_next_send(Disturbance::Lose);
    sky.cloud.queues().disturb_next_send(Disturbance::Duplicate);
    sent(&sky, "1", "a").await;
    assert_eq!(view(&sky).active, 0);
    sent(&sky, "2", "a").await;
    assert_eq!(view(&sky).active, 2);
    sent(&sky, "3", "a").await;
    assert_eq!(view(&sky).active, 3);
}
