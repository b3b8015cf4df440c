//! Endpoints, deployments, traffic: long-running operations and what is refused.

use cloud_sim::{Cloud, CloudOptions, Timings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::estate::{Estate, Seen};

async fn state(estate: &Estate, name: &str) -> Value {
    let path = format!("/onlineEndpoints/diabetes/deployments/{name}");
    estate.get(&Cloud::prod(), &path).await.body["properties"]["provisioningState"].clone()
}

#[tokio::test]
async fn the_champion_serves_from_the_start() {
    let estate = Estate::new().await;
    assert_eq!(estate.traffic().await, json!({"champion-v1": 100}));
    assert_eq!(state(&estate, "champion-v1").await, "Succeeded");
    let seen = estate.get(&Cloud::prod(), "/onlineEndpoints").await;
    assert_eq!(seen.body["value"][0]["name"], "diabetes");
}

#[tokio::test]
async fn a_deployment_takes_its_time() {
    let estate = Estate::new().await;
    estate.bring_to_prod("challenger", "2").await;
    let put = estate.deploy("challenger-v2", "2").await;
    assert_eq!(
        (put.status, &put.body["properties"]["provisioningState"]),
        (201, &json!("Creating"))
    );
    assert_eq!(
        put.body["properties"]["scaleSettings"]["scaleType"],
        "Default"
    );
    let operation = put.header("azure-asyncoperation").to_owned();
    let wait: u64 = put.header("retry-after").parse().unwrap();
    assert!(wait >= 1);
    let running = estate.at(Method::GET, &operation).await;
    assert_eq!(
        (running.status, &running.body["status"]),
        (200, &json!("InProgress"))
    );
    estate.pass(119);
    assert_eq!(state(&estate, "challenger-v2").await, "Creating");
    estate.pass(2);
    let done = estate.at(Method::GET, &operation).await;
    assert_eq!(done.body["status"], "Succeeded");
    assert_eq!(state(&estate, "challenger-v2").await, "Succeeded");
}

#[tokio::test]
async fn operations_last_as_long_as_is_asked_for() {
    let timings = Timings {
        deployment: jiff::SignedDuration::from_secs(5),
        ..Timings::default()
    };
    let estate = Estate::with(CloudOptions {
        timings,
        ..CloudOptions::default()
    })
    .await;
    estate.deploy("again-v1", "1").await;
    estate.pass(5);
    assert_eq!(state(&estate, "again-v1").await, "Succeeded");
}

#[tokio::test]
async fn traffic_moves_when_its_operation_ends() {
    let estate = Estate::with_challenger().await;
    let put = estate
        .shift(json!({"champion-v1": 90, "challenger-v2": 10}))
        .await;
    assert_eq!(
        (put.status, &put.body["properties"]["provisioningState"]),
        (200, &json!("Updating"))
    );
    assert!(!put.header("azure-asyncoperation").is_empty());
    assert_eq!(estate.traffic().await, json!({"champion-v1": 100}));
    estate.pass(15);
    assert_eq!(
        estate.traffic().await,
        json!({"champion-v1": 90, "challenger-v2": 10})
    );
}

#[tokio::test]
async fn traffic_that_breaks_the_rules_is_refused() {
    let estate = Estate::unrecorded().await.plus_challenger().await;
    estate.deploy("third", "1").await;
    for (traffic, why) in [
        (json!({"champion-v1": 50}), "sum to 0 or 100"),
        (
            json!({"champion-v1": 90, "challenger-v2": 20}),
            "sum to 0 or 100",
        ),
        (json!({"champion-v1": 90, "ghost": 10}), "does not exist"),
        (
            json!({"champion-v1": 110, "challenger-v2": -10}),
            "whole number",
        ),
        (
            json!({"champion-v1": 90.5, "challenger-v2": 9.5}),
            "deserialized",
        ),
        (
            json!({"champion-v1": 90, "third": 10}),
            "provisioning state is Creating",
        ),
    ] {
        let refused = estate.shift(traffic.clone()).await;
        let message = refused.body["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert_eq!(refused.status, 400, "{traffic}");
        assert!(message.contains(why), "{traffic}: {message}");
    }
    assert_eq!(estate.shift(json!({})).await.status, 200);
}

#[tokio::test]
async fn a_busy_resource_is_left_alone() {
    let estate = Estate::with_challenger().await;
    estate.deploy("third", "1").await;
    let again = estate.deploy("third", "1").await;
    assert_eq!(
        (again.status, again.code()),
        (409, "ResourceOperationConflict")
    );
    estate.shift(json!({"challenger-v2": 100})).await;
    assert_eq!(estate.shift(json!({"champion-v1": 100})).await.status, 409);
    assert_eq!(delete(&estate, "third").await.status, 409);
}

async fn delete(estate: &Estate, name: &str) -> Seen {
    let path = format!("/onlineEndpoints/diabetes/deployments/{name}");
    estate.delete(&Cloud::prod(), &path).await
}

#[tokio::test]
async fn what_has_traffic_cannot_be_deleted() {
    let estate = Estate::with_challenger().await;
    assert_eq!(delete(&estate, "champion-v1").await.status, 400);
    estate.shift(json!({"challenger-v2": 100})).await;
    // On its way is as good as there.
    assert_eq!(delete(&estate, "challenger-v2").await.status, 400);
    estate.pass(15);
    let accepted = delete(&estate, "champion-v1").await;
    let location = accepted.header("location").to_owned();
    assert_eq!(accepted.status, 202);
    assert_eq!(estate.at(Method::GET, &location).await.status, 202);
    estate.pass(31);
    assert_eq!(estate.at(Method::GET, &location).await.status, 204);
    assert_eq!(delete(&estate, "champion-v1").await.status, 204);
}

#[tokio::test]
async fn a_deployment_fails_when_it_is_told_to() {
    let estate = Estate::new().await;
    estate
        .cloud
        .fail_next_deployment("OutOfQuota", "no cores left");
    let put = estate.deploy("again-v1", "1").await;
    estate.pass(121);
    let operation = estate
        .at(Method::GET, put.header("azure-asyncoperation"))
        .await;
    assert_eq!(operation.body["status"], "Failed");
    assert_eq!(
        operation.body["error"],
        json!({"code": "OutOfQuota", "message": "no cores left"})
    );
    assert_eq!(state(&estate, "again-v1").await, "Failed");
    assert_eq!(
        estate
            .shift(json!({"champion-v1": 50, "again-v1": 50}))
            .await
            .status,
        400
    );
    assert_eq!(delete(&estate, "again-v1").await.status, 202);
}

#[tokio::test]
async fn a_deployment_really_loads_the_files() {
    let estate = Estate::new().await;
    estate.bring_to_prod("challenger", "2").await;
    let container = "azureml-blobstore-7c8d1f20-0000-4000-8000-0000000000e1";
    let file = "copied/challenger/data/coefficients.json";
    estate
        .cloud
        .blobs()
        .overwrite("stprod", container, file, "{");
    let put = estate.deploy("challenger-v2", "2").await;
    estate.pass(121);
    let operation = estate
        .at(Method::GET, put.header("azure-asyncoperation"))
        .await;
    assert_eq!(
        (&operation.body["status"], operation.code()),
        (&json!("Failed"), "ResourceNotReady")
    );
    let ghost = estate.deploy("ghost-v9", "9").await;
    estate.pass(121);
    let operation = estate
        .at(Method::GET, ghost.header("azure-asyncoperation"))
        .await;
    assert_eq!(operation.code(), "ModelRegistryError");
}

#[tokio::test]
async fn an_endpoint_comes_and_goes() {
    let estate = Estate::new().await;
    let path = "/onlineEndpoints/fresh";
    let body = json!({"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {"authMode": "AMLToken"}});
    let put = estate.put(&Cloud::prod(), path, body.clone()).await;
    assert_eq!(
        (put.status, &put.body["properties"]["provisioningState"]),
        (201, &json!("Creating"))
    );
    estate.pass(21);
    let token = estate
        .arm(
            Method::POST,
            &Cloud::prod(),
            "/onlineEndpoints/fresh/token",
            None,
        )
        .await;
    assert_eq!(token.body["tokenType"], "Bearer");
    let keys = estate
        .arm(
            Method::POST,
            &Cloud::prod(),
            "/onlineEndpoints/fresh/listKeys",
            None,
        )
        .await;
    assert_eq!(keys.status, 400);
    assert_eq!(estate.delete(&Cloud::prod(), path).await.status, 202);
    estate.pass(31);
    assert_eq!(estate.get(&Cloud::prod(), path).await.status, 404);
}

#[tokio::test]
async fn an_endpoint_needs_what_azure_needs() {
    let estate = Estate::unrecorded().await;
    let path = "/onlineEndpoints/fresh";
    let body = json!({"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {"authMode": "Key"}});
    for broken in ["location", "identity", "properties"] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(broken);
        assert_eq!(
            estate.put(&Cloud::prod(), path, body).await.status,
            400,
            "{broken}"
        );
    }
    assert_eq!(
        estate
            .put(&Cloud::prod(), "/onlineEndpoints/a_b", body)
            .await
            .status,
        400
    );
}
