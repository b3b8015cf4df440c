//! The cloud's page and its buttons, without a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cloud_sim::{Cloud, CloudOptions, ControlHook, DeliveryState};
use serde_json::{Value, json};

use crate::estate::{Estate, Seen};

async fn page(estate: &Estate) -> String {
    estate
        .http
        .get(estate.url("/"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

/// Presses a button and reads the page that it leads to.
async fn press(estate: &Estate, action: &str) -> String {
    let pressed = estate
        .http
        .post(estate.url(&format!("/do/{action}")))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("rate=60");
    pressed.send().await.unwrap().text().await.unwrap()
}

async fn control(estate: &Estate, path: &str, body: Value) -> Seen {
    let url = estate.url(&format!("/control/{path}"));
    Seen::of(estate.http.post(url).json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn the_page_shows_the_cloud() {
    let estate = Estate::with_challenger().await;
    let page = page(&estate).await;
    for word in [
        "ml-dev",
        "ml-prod",
        "champion-v1",
        "challenger-v2",
        "100 %",
        "Register the better model",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert!(!page.contains("Kill the handler"));
    let view = estate.cloud.view();
    let deployments = &view.workspaces[1].endpoints[0].deployments;
    assert!(deployments.iter().all(|d| d.predictions.len() == 3));
}

#[tokio::test]
async fn every_button_does_what_it_says() {
    let killed = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&killed);
    let hook = ControlHook::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let estate = Estate::with(CloudOptions {
        kill_handler: Some(hook),
        ..CloudOptions::default()
    })
    .await;
    for (action, says) in [
        ("resend", "Not done"),
        ("register-better", "Registered diabetes:2"),
        ("register-worse", "Registered diabetes:3"),
        ("complete-job", "it registered no version"),
        ("resend", "5 times more"),
        ("tamper", "Changed a byte of diabetes:3"),
        ("fail-next", "next deployment will fail"),
        ("kill", "Killed the handler"),
        ("speed", "60 times as fast"),
    ] {
        let page = press(&estate, action).await;
        assert!(page.contains(says), "{action}");
    }
    assert_eq!(killed.load(Ordering::Relaxed), 1);
    assert!((estate.cloud.clock().rate() - 60.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn the_same_verbs_are_there_as_json() {
    let estate = Estate::new().await;
    let registered = control(
        &estate,
        "register",
        json!({"model": "challenger", "tags": {"a": "b"}}),
    )
    .await;
    assert_eq!(registered.body["version"], "2");
    let job = control(
        &estate,
        "complete-job",
        json!({"model": "challenger", "register": true}),
    )
    .await;
    assert_eq!(job.body["registered"]["version"], "3");
    assert_eq!(control(&estate, "tamper", json!({})).await.status, 200);
    assert_eq!(control(&estate, "kill", json!({})).await.status, 409);
    let wish = json!({"operation": "traffic", "code": "Oops", "message": "no"});
    assert_eq!(control(&estate, "fail-next", wish).await.status, 204);
    assert_eq!(
        control(
            &estate,
            "subscriptions",
            json!({"url": "http://127.0.0.1:1/"})
        )
        .await
        .status,
        204
    );
    assert_eq!(control(&estate, "events/hold", json!({})).await.status, 204);
    assert_eq!(
        control(&estate, "resend", json!({"times": 2})).await.status,
        200
    );
    assert_eq!(
        control(&estate, "events/release", json!({"order": "reversed"}))
            .await
            .body["released"],
        0
    );
    let state = Seen::of(
        estate
            .http
            .get(estate.url("/control/state"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        state.body["workspaces"][0]["models"][0]["versions"][0]["version"],
        "3"
    );
    assert_eq!(estate.cloud.deliveries().len(), 2);
    assert!(
        estate
            .cloud
            .deliveries()
            .iter()
            .all(|d| d.state != DeliveryState::Delivered)
    );
}

#[tokio::test]
async fn tampering_changes_one_byte_of_the_candidate() {
    let estate = Estate::new().await;
    let file = "ExperimentRun/dcid.diabetes_train_0001/model/data/coefficients.json";
    let before = estate.cloud.blobs().get("stdev", "azureml", file).unwrap();
    estate.cloud.tamper_candidate().unwrap();
    let after = estate.cloud.blobs().get("stdev", "azureml", file).unwrap();
    assert_eq!(
        before
            .iter()
            .zip(after.iter())
            .filter(|(a, b)| a != b)
            .count(),
        1
    );
    assert_eq!(estate.cloud.view().workspaces[0].id, Cloud::dev().arm_id());
}

#[tokio::test]
async fn a_failing_traffic_change_leaves_the_weights() {
    let estate = Estate::with_challenger().await;
    control(&estate, "fail-next", json!({"operation": "traffic"})).await;
    estate.shift(json!({"challenger-v2": 100})).await;
    estate.pass(15);
    assert_eq!(estate.traffic().await, json!({"champion-v1": 100}));
}

#[tokio::test]
async fn a_shell_gets_a_token_of_somebody_by_their_first_name() {
    let estate = Estate::with_challenger().await;
    let ask = async |name: &str| {
        let url = estate.url(&format!("/control/token?as={name}"));
        let answer = estate.http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, token) = ask("ada").await;
    assert_eq!(status, 200, "{token}");
    let whose = estate.cloud.sign_ins().whose(&token);
    assert_eq!(
        whose.as_deref(),
        Some("00000000-0000-4000-8000-00000000000b")
    );
    let (status, told) = ask("bob").await;
    let names = "nobody here is called \"bob\"; there are cleo, tina, ada, ben, sam";
    assert_eq!(status, 404);
    assert!(told.starts_with(names), "{told}");
}
