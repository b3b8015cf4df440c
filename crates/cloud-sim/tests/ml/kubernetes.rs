//! Endpoints on the attached Kubernetes cluster: their shape, and what is refused there.

use cloud_sim::Cloud;
use serde_json::{Value, json};

use crate::estate::{Estate, Seen};

const ENDPOINT: &str = "/onlineEndpoints/diabetes-kubernetes";

fn cluster() -> String {
    format!("{}/computes/aks-prod", Cloud::prod().arm_id())
}

async fn put_endpoint(estate: &Estate, name: &str, properties: Value) -> Seen {
    let mut body = json!({
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key"},
    });
    let into = body["properties"].as_object_mut().unwrap();
    into.extend(properties.as_object().unwrap().clone());
    let path = format!("/onlineEndpoints/{name}");
    estate.put(&Cloud::prod(), &path, body).await
}

async fn put_deployment(estate: &Estate, endpoint: &str, kind: &str) -> Seen {
    let model = format!("{}/models/diabetes/versions/1", Cloud::prod().arm_id());
    let body = json!({
        "location": "westeurope",
        "properties": {"endpointComputeType": kind, "model": model},
    });
    let path = format!("/onlineEndpoints/{endpoint}/deployments/second");
    estate.put(&Cloud::prod(), &path, body).await
}

fn refused(seen: &Seen, why: &str) {
    let message = seen.body["error"]["message"].as_str().unwrap_or_default();
    assert_eq!(seen.status, 400, "{message}");
    assert!(message.contains(why), "{message}");
}

#[tokio::test]
async fn an_endpoint_with_a_compute_takes_deployments_on_kubernetes() {
    let estate = Estate::new().await;
    let made = put_endpoint(&estate, "first", json!({"compute": cluster()})).await;
    assert_eq!(
        (made.status, &made.body["properties"]["compute"]),
        (201, &json!(cluster()))
    );
    estate.pass(21);
    let put = put_deployment(&estate, "first", "Kubernetes").await;
    assert_eq!(put.status, 201);
    let properties = &put.body["properties"];
    assert_eq!(properties["endpointComputeType"], "Kubernetes");
    assert_eq!(properties["instanceType"], "defaultinstancetype");
    assert_eq!(
        properties["scaleSettings"]["scaleType"],
        "TargetUtilization"
    );
    estate.pass(121);
    let all = json!({"compute": cluster(), "traffic": {"second": 100}});
    assert_eq!(put_endpoint(&estate, "first", all).await.status, 200);
}

#[tokio::test]
async fn what_does_not_fit_its_compute_is_refused() {
    let estate = Estate::unrecorded().await;
    estate.cloud.serve_on_kubernetes().unwrap();
    let other = json!({"compute": format!("{}/computes/ghost", Cloud::prod().arm_id())});
    refused(
        &put_endpoint(&estate, "first", other).await,
        "is no Kubernetes cluster",
    );
    let moved = put_endpoint(&estate, "diabetes", json!({"compute": cluster()})).await;
    refused(&moved, "cannot be changed");
    let managed = put_deployment(&estate, "diabetes-kubernetes", "Managed").await;
    refused(&managed, "is not its endpoint's, Kubernetes");
    let kubernetes = put_deployment(&estate, "diabetes", "Kubernetes").await;
    refused(&kubernetes, "is not its endpoint's, Managed");
    let copied = json!({
        "compute": cluster(), "traffic": {"champion-v1": 100}, "mirrorTraffic": {"champion-v1": 10},
    });
    let mirrored = put_endpoint(&estate, "diabetes-kubernetes", copied).await;
    refused(&mirrored, "cannot be mirrored");
}

#[tokio::test]
async fn the_champion_serves_and_is_measured_there_too() {
    let estate = Estate::new().await;
    estate.cloud.serve_on_kubernetes().unwrap();
    let seen = estate.get(&Cloud::prod(), ENDPOINT).await;
    assert_eq!(
        seen.body["properties"]["traffic"],
        json!({"champion-v1": 100})
    );
    let view = estate.cloud.view();
    let prod = view
        .workspaces
        .iter()
        .find(|w| w.name == "ml-prod")
        .unwrap();
    let [managed, on_kubernetes] = prod.endpoints.as_slice() else {
        panic!("{:?}", prod.endpoints)
    };
    assert_eq!(managed.compute, None);
    assert_eq!(on_kubernetes.compute, Some(cluster()));
    let [one, other] = [managed, on_kubernetes].map(|e| &e.deployments[0]);
    assert_eq!(one.predictions, other.predictions);
    assert_eq!(
        [&one.compute_type, &other.compute_type],
        ["Managed", "Kubernetes"]
    );
}
