//! Event Grid: shapes, retries, refusals, duplicates and order.

use std::time::Duration;

use cloud_sim::{Cloud, DeliveryState, EventSchema, ModelKind};
use serde_json::json;

use crate::estate::Estate;
use crate::webhook::Webhook;

/// Waits until the log of deliveries looks so.
async fn until(estate: &Estate, wanted: impl Fn(&[cloud_sim::DeliveryReport]) -> bool) {
    for _ in 0..500 {
        if wanted(&estate.cloud.deliveries()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the log stays {:?}", estate.cloud.deliveries());
}

async fn subscribed(codes: &[u16]) -> (Estate, Webhook) {
    let (estate, webhook) = (Estate::new().await, Webhook::answering(codes).await);
    estate.cloud.subscribe_all(&webhook.url);
    (estate, webhook)
}

#[tokio::test]
async fn e34_an_event_is_an_array_of_one_in_the_samples_casing() {
    let (estate, webhook) = subscribed(&[]).await;
    estate.cloud.register(ModelKind::Challenger).unwrap();
    let delivery = webhook.wait_for(1).await.remove(0);
    assert_eq!(delivery.headers["aeg-event-type"], "Notification");
    let events = delivery.body.as_array().unwrap();
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event["topic"], Cloud::dev().arm_id());
    assert_eq!(event["subject"], "models/diabetes:2");
    assert_eq!(
        event["eventType"],
        "Microsoft.MachineLearningServices.ModelRegistered"
    );
    assert_eq!(
        event["data"],
        json!({"ModelName": "diabetes", "ModelVersion": 2, "ModelTags": {}, "ModelProperties": {}})
    );
    assert_eq!(
        (&event["dataVersion"], &event["metadataVersion"]),
        (&json!(""), &json!("1"))
    );
}

#[tokio::test]
async fn a_completed_job_says_so_and_registers_nothing() {
    let (estate, webhook) = subscribed(&[]).await;
    let job = estate
        .cloud
        .complete_job(ModelKind::Challenger, false)
        .unwrap();
    let delivery = webhook.wait_for(1).await.remove(0);
    let event = &delivery.body[0];
    assert_eq!(
        event["eventType"],
        "Microsoft.MachineLearningServices.RunCompleted"
    );
    assert_eq!(event["data"]["runId"], job.job);
    assert_eq!(event["data"]["experimentName"], "diabetes-train");
    assert_eq!(
        estate.get(&Cloud::dev(), "/models/diabetes").await.body["properties"]["latestVersion"],
        "1"
    );
    assert_eq!(webhook.count(), 1);
}

#[tokio::test]
async fn whoever_registers_a_version_causes_an_event() {
    let (estate, webhook) = subscribed(&[]).await;
    estate.bring_to_prod("challenger", "2").await;
    let delivery = webhook.wait_for(1).await.remove(0);
    assert_eq!(delivery.body[0]["topic"], Cloud::prod().arm_id());
}

#[tokio::test]
async fn cloud_events_come_alone() {
    let (estate, webhook) = (Estate::new().await, Webhook::answering(&[]).await);
    estate
        .cloud
        .subscribe(&Cloud::dev(), &webhook.url, EventSchema::CloudEvents);
    estate.cloud.register(ModelKind::Worse).unwrap();
    let delivery = webhook.wait_for(1).await.remove(0);
    assert_eq!(delivery.body["specversion"], "1.0");
    assert_eq!(delivery.body["source"], Cloud::dev().arm_id());
    assert_eq!(
        delivery.headers["content-type"],
        "application/cloudevents+json; charset=utf-8"
    );
}

#[tokio::test]
async fn e34_failures_are_retried_by_the_clouds_time() {
    let (estate, webhook) = subscribed(&[503, 500, 404]).await;
    estate.cloud.register(ModelKind::Challenger).unwrap();
    for (attempts, wait) in [(1, 10), (2, 30), (3, 60)] {
        until(&estate, |log| log[0].attempts.len() == attempts).await;
        estate.pass(wait - 1);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(webhook.count(), attempts, "too early");
        // The wait starts after the answer, at the time that stood still meanwhile.
        estate.pass(1);
        webhook.wait_for(attempts + 1).await;
    }
    until(&estate, |log| log[0].state == DeliveryState::Delivered).await;
    assert_eq!(
        estate.cloud.deliveries()[0].attempts,
        ["503", "500", "404", "200"]
    );
}

#[tokio::test]
async fn e34_what_is_refused_for_good_is_dropped() {
    for code in [400, 401, 403, 413] {
        let (estate, webhook) = subscribed(&[code]).await;
        estate.cloud.register(ModelKind::Challenger).unwrap();
        until(&estate, |log| log[0].state == DeliveryState::Dropped).await;
        estate.pass(100_000);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(webhook.count(), 1, "{code}");
    }
}

#[tokio::test]
async fn e34_only_200_to_204_is_success() {
    let (estate, webhook) = subscribed(&[205, 302, 204]).await;
    estate.cloud.register(ModelKind::Challenger).unwrap();
    for (attempts, wait) in [(1, 10), (2, 30)] {
        until(&estate, |log| log[0].attempts.len() == attempts).await;
        estate.pass(wait);
        webhook.wait_for(attempts + 1).await;
    }
    until(&estate, |log| log[0].state == DeliveryState::Delivered).await;
}

#[tokio::test]
async fn an_event_gives_up_after_a_day() {
    let estate = Estate::new().await;
    // Nobody listens there.
    estate.cloud.subscribe_all("http://127.0.0.1:1/hook");
    estate.cloud.register(ModelKind::Challenger).unwrap();
    for attempts in 1.. {
        until(&estate, |log| {
            log[0].attempts.len() == attempts || log[0].state == DeliveryState::Dropped
        })
        .await;
        if estate.cloud.deliveries()[0].state == DeliveryState::Dropped {
            break;
        }
        estate.pass(43_200);
    }
    assert!(estate.cloud.deliveries()[0].attempts.len() <= 10);
}

#[tokio::test]
async fn the_last_event_can_come_again_with_its_id() {
    let (estate, webhook) = subscribed(&[]).await;
    estate.cloud.register(ModelKind::Challenger).unwrap();
    let id = estate.cloud.resend_last_event(4);
    let ids: Vec<String> = webhook
        .wait_for(5)
        .await
        .iter()
        .map(|d| d.body[0]["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.iter().all(|found| Some(found) == id.as_ref()));
}

#[tokio::test]
async fn held_events_come_in_another_order_and_more_than_once() {
    let (estate, webhook) = subscribed(&[]).await;
    estate.cloud.hold_events();
    estate
        .cloud
        .complete_job(ModelKind::Challenger, true)
        .unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(webhook.count(), 0);
    assert_eq!(estate.cloud.release_events(true, 2), 2);
    assert_eq!(webhook.wait_for(4).await.len(), 4);
}

/// Time is paused: tokio jumps over waits in which nothing else happens.
#[tokio::test(start_paused = true)]
async fn e34_an_answer_is_awaited_for_30_seconds() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let estate = Estate::new().await;
    let url = format!("http://{}/hook", silent.local_addr().unwrap());
    estate.cloud.subscribe_all(&url);
    estate.cloud.register(ModelKind::Challenger).unwrap();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert!(estate.cloud.deliveries()[0].attempts.is_empty());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let delivery = estate.cloud.deliveries().remove(0);
    assert_eq!(delivery.attempts, ["no answer within 30 s"]);
    assert_eq!(delivery.state, DeliveryState::Pending);
}
