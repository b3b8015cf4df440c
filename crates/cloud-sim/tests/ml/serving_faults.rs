//! Planted faults: what they do to the metrics and to real requests, and who may plant them.

use cloud_sim::{Cloud, ServingFault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::estate::Estate;
use crate::metrics::{
    CANARY, CANARY_ERRORS, P95, REQUESTS, at, averages, canary, pass_until, same,
};

async fn score(estate: &Estate, deployment: Option<&str>) -> u16 {
    let path = "/onlineEndpoints/diabetes/listKeys";
    let keys = estate.arm(Method::POST, &Cloud::prod(), path, None).await;
    let key = keys.body["primaryKey"].as_str().unwrap().to_owned();
    let mut request = estate
        .http
        .post(estate.url("/scoring/diabetes/score"))
        .bearer_auth(key)
        .body(r#"{"input_data": []}"#);
    if let Some(name) = deployment {
        request = request.header("azureml-model-deployment", name);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_fault_shows_in_errors_and_latency_from_its_time_on() {
    let estate = canary().await;
    estate.cloud.plant(ServingFault {
        latency: 3.0,
        since: Some(at("07:11:30")),
        ..ServingFault::errors("diabetes", "2", 0.5)
    });
    pass_until(&estate, "07:13:00");
    estate.cloud.mend();
    pass_until(&estate, "07:30:00");
    let span = ("07:10:00", "07:14:00");
    let errors = averages(&estate, REQUESTS, CANARY_ERRORS, span).await;
    same(&errors, &[Some(0.0), Some(1.5), Some(3.0), Some(0.0)]);
    let requests = averages(&estate, REQUESTS, CANARY, span).await;
    same(&requests, &[Some(6.0); 4]);
    let slow = averages(&estate, P95, CANARY, span).await;
    same(&slow, &[Some(50.0), Some(100.0), Some(150.0), Some(50.0)]);
    let champion = averages(
        &estate,
        "RequestLatency",
        "deployment eq 'champion-v1'",
        span,
    )
    .await;
    same(&champion, &[Some(24.0); 4]);
}

#[tokio::test]
async fn a_fault_may_wait_for_a_weight() {
    let estate = canary().await;
    let fault = |from_weight| ServingFault {
        from_weight,
        ..ServingFault::errors("diabetes", "2", 0.25)
    };
    estate.cloud.plant(fault(11));
    pass_until(&estate, "07:12:00");
    estate.cloud.plant(fault(10));
    pass_until(&estate, "07:14:00");
    estate
        .shift(json!({"champion-v1": 50, "challenger-v2": 50}))
        .await;
    pass_until(&estate, "07:30:00");
    let span = ("07:11:00", "07:16:00");
    let errors = averages(&estate, REQUESTS, CANARY_ERRORS, span).await;
    // Both faults from 07:14:15 on, on half of the traffic.
    let turning = 1.5 * 0.25 + 0.75 * 30.0 * 0.5;
    same(
        &errors,
        &[Some(0.0), Some(1.5), Some(1.5), Some(turning), Some(15.0)],
    );
}

#[tokio::test]
async fn real_requests_are_measured_too() {
    let estate = Estate::with_challenger().await;
    pass_until(&estate, "07:10:00");
    estate
        .cloud
        .plant(ServingFault::errors("diabetes", "2", 0.4));
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(score(&estate, Some("challenger-v2")).await);
    }
    assert_eq!(answers, [200, 200, 503, 200, 503]);
    assert_eq!(score(&estate, None).await, 200);
    pass_until(&estate, "07:20:00");
    let span = ("07:10:00", "07:12:00");
    let count = async |filter| averages(&estate, REQUESTS, filter, span).await;
    same(&count(CANARY).await, &[Some(5.0), Some(0.0)]);
    same(&count(CANARY_ERRORS).await, &[Some(2.0), Some(0.0)]);
    same(&count("").await, &[Some(6.0), Some(0.0)]);
    let latency = averages(&estate, "RequestLatency", CANARY, span).await;
    same(&latency, &[Some(24.0), None]);
}

#[tokio::test]
async fn a_smoke_test_passes_where_a_fault_waits_for_traffic() {
    let estate = canary().await;
    estate.cloud.plant(ServingFault {
        from_weight: 10,
        ..ServingFault::errors("diabetes", "2", 1.0)
    });
    for _ in 0..3 {
        assert_eq!(score(&estate, Some("challenger-v2")).await, 200);
    }
    let mut failed = 0;
    for _ in 0..20 {
        failed += u32::from(score(&estate, None).await == 503);
    }
    assert_eq!(failed, 2);
}

#[tokio::test]
async fn a_person_at_the_launcher_has_the_same_hands() {
    let estate = Estate::with_challenger().await;
    let fault = json!({"model": "diabetes", "version": "1", "errors": 0.1, "fromWeight": 10});
    let post = async |path: &str, body: Value| {
        let sent = estate.http.post(estate.url(path)).json(&body).send().await;
        sent.unwrap().status().as_u16()
    };
    assert_eq!(
        post("/control/callers", json!({"requestsPerMinute": 60})).await,
        204
    );
    assert_eq!(post("/control/serving-fault", fault).await, 204);
    assert_eq!(
        post("/control/serving-fault", json!({"model": "diabetes"})).await,
        422
    );
    let page = estate.http.get(estate.url("/")).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("60 requests a minute") && page.contains("10 % errors"));
    pass_until(&estate, "07:04:00");
    let mended = estate.http.delete(estate.url("/control/serving-fault"));
    assert_eq!(mended.send().await.unwrap().status(), 204);
    assert!(estate.cloud.view().serving_faults.is_empty());
    pass_until(&estate, "07:20:00");
    let filter = "statusCodeClass eq '5xx'";
    let errors = averages(&estate, REQUESTS, filter, ("07:03:00", "07:05:00")).await;
    same(&errors, &[Some(6.0), Some(0.0)]);
}
