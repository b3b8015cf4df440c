//! Faults hit the operations of these planes by name and in their shape.

use std::time::Duration;

use cloud_sim::{Cloud, Fault};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::estate::{Estate, Seen};

#[tokio::test]
async fn a_refused_call_changes_nothing() {
    let estate = Estate::new().await;
    let fault = Fault::Status {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "ServerBusy".into(),
    };
    estate.cloud.faults().add("arm.deployments.put", fault, 1);
    let refused = estate.deploy("again-v1", "1").await;
    assert_eq!((refused.status, refused.code()), (503, "ServerBusy"));
    let path = "/onlineEndpoints/diabetes/deployments/again-v1";
    assert_eq!(estate.get(&Cloud::prod(), path).await.status, 404);
    assert_eq!(estate.deploy("again-v1", "1").await.status, 201);
    assert_eq!(estate.cloud.calls()["arm.deployments.put"], 2);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_deed() {
    let estate = Estate::new().await;
    estate
        .cloud
        .faults()
        .add("arm.endpoints.put", Fault::LostAnswer, 1);
    let url = estate.url(&format!(
        "/arm{}/onlineEndpoints/fresh?api-version=2024-04-01",
        Cloud::prod().arm_id()
    ));
    let body = json!({"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {"authMode": "Key"}});
    let sent = estate.request(Method::PUT, &url).json(&body).send().await;
    assert!(sent.is_err());
    let path = "/onlineEndpoints/fresh";
    assert_eq!(estate.get(&Cloud::prod(), path).await.status, 200);
}

#[tokio::test]
async fn a_smoke_test_can_fail_while_traffic_is_served() {
    let estate = Estate::new().await;
    let fault = Fault::Status {
        status: StatusCode::BAD_GATEWAY,
        code: "ModelError".into(),
    };
    estate.cloud.faults().add("scoring.scoreNamed", fault, 1);
    estate.cloud.faults().add("scoring.score", delay(), 1);
    let score = async |named: bool| {
        let mut request = estate.http.post(estate.url("/scoring/diabetes/score"));
        if named {
            request = request.header("azureml-model-deployment", "champion-v1");
        }
        Seen::of(request.body("{}").send().await.unwrap())
            .await
            .status
    };
    assert_eq!(score(true).await, 502);
    // No key was sent: the endpoint itself answers.
    assert_eq!(score(false).await, 401);
    assert_eq!(score(true).await, 401);
}

fn delay() -> Fault {
    Fault::Delay {
        delay: Duration::from_millis(1),
    }
}
