//! Identity, clock, faults, and the end of a cloud.

use std::time::{Duration, Instant};

use cloud_sim::{Cloud, CloudOptions, Fault, Identity};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::sky::{Sky, see};

#[tokio::test]
async fn managed_identity_speaks_app_services_protocol() {
    let sky = Sky::new().await;
    let ask = |query: &str, secret: &str| {
        let url = sky.url(&format!("/identity/token?{query}"));
        sky.http.get(url).header("X-IDENTITY-HEADER", secret)
    };
    let resource = "resource=https://storage.azure.com&api-version=2019-08-01";
    let secret = sky.cloud.identity().header().to_owned();
    let known = format!("{resource}&client_id={}", Identity::CLIENT_ID);
    let granted: Value = serde_json::from_str(&see(ask(&known, &secret)).await.body).unwrap();
    let token = granted["access_token"].as_str().unwrap();
    assert!(
        granted["expires_on"]
            .as_str()
            .unwrap()
            .parse::<i64>()
            .is_ok()
    );
    let listing = sky.url("/blob/stdev/models?restype=container&comp=list");
    assert_eq!(
        see(sky.http.get(listing).bearer_auth(token)).await.status,
        StatusCode::OK
    );
    for (query, secret) in [
        (resource, "wrong"),
        ("resource=https://storage.azure.com", &secret),
        ("api-version=2019-08-01", &secret),
        (&format!("{resource}&client_id=someone-else"), &secret),
    ] {
        assert_eq!(
            see(ask(query, secret)).await.status,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_clock_stands_jumps_and_runs() {
    let sky = Sky::new().await;
    let show = || async { see(sky.http.get(sky.url("/clock"))).await.body };
    assert_eq!(
        show().await,
        r#"{"now":"2026-11-23T07:00:00.000Z","rate":0.0}"#
    );
    sky.post("/clock/advance", json!({"seconds": 90.5})).await;
    assert_eq!(
        show().await,
        r#"{"now":"2026-11-23T07:01:30.500Z","rate":0.0}"#
    );
    let back = sky.post("/clock/advance", json!({"seconds": -1})).await;
    assert_eq!(back.status(), StatusCode::BAD_REQUEST);
    let before = sky.cloud.clock().now();
    sky.post("/clock/rate", json!({"rate": 3600.0})).await;
    sky.cloud
        .clock()
        .sleep_until(before + jiff::SignedDuration::from_secs(360))
        .await;
    assert!(sky.cloud.clock().now().duration_since(before).as_secs() >= 360);
}

#[tokio::test]
async fn a_fault_meets_as_many_calls_as_it_should() {
    let sky = Sky::new().await;
    let rule = json!({"operation": "blob.put", "kind": "status", "status": 503, "code": "ServerBusy", "times": 2});
    assert_eq!(
        sky.post("/control/faults", rule).await.status(),
        StatusCode::NO_CONTENT
    );
    for expected in ["503 ServerBusy", "503 ServerBusy", "201"] {
        assert_eq!(
            see(sky.put("stdev/models/a", "x")).await.outcome(),
            expected
        );
    }
    assert_eq!(sky.cloud.calls()["blob.put"], 3);
    let odd = sky
        .post(
            "/control/faults",
            json!({"operation": "x", "kind": "status", "status": 20}),
        )
        .await;
    assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_reset_does_nothing_and_a_lost_answer_does_everything() {
    let sky = Sky::new().await;
    sky.cloud.faults().add("blob.put", Fault::Reset, 1);
    sky.cloud.faults().add("blob.put", Fault::LostAnswer, 1);
    assert!(sky.put("stdev/models/a", "x").send().await.is_err());
    assert_eq!(sky.cloud.blobs().get("stdev", "models", "a"), None);
    assert!(sky.put("stdev/models/a", "x").send().await.is_err());
    assert_eq!(sky.cloud.blobs().get("stdev", "models", "a").unwrap(), "x");
    assert_eq!(see(sky.put("stdev/models/a", "y")).await.outcome(), "201");
    assert_eq!(sky.cloud.faults().pending(), []);
}

#[tokio::test]
async fn a_delayed_call_is_served_late() {
    let sky = Sky::new().await;
    let rule = json!({"operation": "blob.*", "kind": "delay", "milliseconds": 150});
    sky.post("/control/faults", rule).await;
    let begun = Instant::now();
    assert_eq!(see(sky.put("stdev/models/a", "x")).await.outcome(), "201");
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_stopped_cloud_ends_long_polls_and_frees_its_port() {
    let sky = Sky::new().await;
    let accept = sky
        .http
        .post(sky.url("/servicebus/$receiver/promotions/accept"));
    let accept = accept.json(&json!({"receiver": "x", "waitMs": 60_000, "lockSeconds": 60}));
    let poll = tokio::spawn(accept.send());
    while !sky.cloud.calls().contains_key("servicebus.receiver.accept") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let url = sky.url("/clock");
    let begun = Instant::now();
    sky.cloud.stop().await;
    assert!(poll.await.unwrap().is_err());
    assert!(sky.http.get(url).send().await.is_err());
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "stopped after {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn exchanges_with_arm_are_recorded_by_several_clouds_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("arm.jsonl");
    let path = "/subscriptions/s/resourceGroups/g?api-version=2024-04-01";
    for _ in 0..2 {
        let options = CloudOptions {
            record: Some(record.clone()),
            ..CloudOptions::default()
        };
        let cloud = Cloud::start(options).await.unwrap();
        let url = format!("{}/arm{path}", cloud.url());
        let put = reqwest::Client::new()
            .put(url)
            .json(&json!({"location": "x"}));
        put.send().await.unwrap();
        cloud.stop().await;
    }
    let lines = std::fs::read_to_string(record).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(
            (&line["method"], &line["path"]),
            (&json!("PUT"), &json!(path))
        );
        assert_eq!(line["requestBody"], json!({"location": "x"}));
        assert_eq!(line["status"], 401);
    }
}
