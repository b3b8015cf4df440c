//! Batch endpoints: their shape, their default deployment, their jobs.

use cloud_sim::{Cloud, JobFault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::estate::{Estate, Seen};

const ENDPOINT: &str = "/batchEndpoints/diabetes-batch";
const CONTAINER: &str = "azureml-blobstore-7c8d1f20-0000-4000-8000-0000000000e1";
const SAMPLE: &str = "azureml://datastores/workspaceblobstore/paths/samples/diabetes.csv";

async fn seeded() -> Estate {
    let estate = Estate::new().await;
    estate.cloud.serve_in_batch().unwrap();
    estate
}

/// With the challenger's deployment beside the champion's.
async fn with_challenger() -> Estate {
    let estate = seeded().await;
    assert_eq!(estate.bring_to_prod("challenger", "2").await.status, 201);
    let model = format!("{}/models/diabetes/versions/2", Cloud::prod().arm_id());
    let compute = format!("{}/computes/cpu-cluster", Cloud::prod().arm_id());
    let body = json!({
        "location": "westeurope",
        "properties": {
            "model": {"referenceType": "Id", "assetId": model}, "compute": compute,
            "resources": {"instanceCount": 2}, "miniBatchSize": 10, "outputAction": "AppendRow",
        },
    });
    let path = format!("{ENDPOINT}/deployments/challenger-v2");
    let put = estate.put(&Cloud::prod(), &path, body).await;
    assert_eq!(put.status, 201);
    assert!(!put.header("azure-asyncoperation").is_empty());
    assert_eq!(put.body["properties"]["provisioningState"], "Creating");
    estate.pass(121);
    estate
}

async fn switch(estate: &Estate, default: Value) -> Seen {
    let body = json!({
        "location": "westeurope",
        "properties": {"authMode": "AADToken", "defaults": {"deploymentName": default}},
    });
    estate.put(&Cloud::prod(), ENDPOINT, body).await
}

async fn default(estate: &Estate) -> Value {
    let seen = estate.get(&Cloud::prod(), ENDPOINT).await;
    seen.body["properties"]["defaults"]["deploymentName"].clone()
}

/// A job that the endpoint is asked for under this id.
async fn invoke(estate: &Estate, deployment: Option<&str>, id: &str) -> Seen {
    let output = format!("azureml://datastores/workspaceblobstore/paths/results/{id}.csv");
    let body = json!({
        "properties": {
            "inputData": {"sample": {"jobInputType": "uri_file", "uri": SAMPLE}},
            "outputData": {"score": {"jobOutputType": "uri_file", "uri": output}},
        },
    });
    let url = estate.url("/scoring/diabetes-batch/jobs");
    let token = estate.cloud.identity().token("https://ml.azure.com").0;
    let mut request = estate.http.request(Method::POST, url).bearer_auth(token);
    request = request.header("repeatability_request-id", id).json(&body);
    if let Some(name) = deployment {
        request = request.header("azureml-model-deployment", name);
    }
    Seen::of(request.send().await.unwrap()).await
}

fn result(estate: &Estate, id: &str) -> Option<String> {
    let path = format!("results/{id}.csv");
    let bytes = estate.cloud.blobs().get("stprod", CONTAINER, &path)?;
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

async fn status(estate: &Estate, started: &Seen) -> Value {
    let name = started.body["name"].as_str().unwrap();
    let seen = estate.get(&Cloud::prod(), &format!("/jobs/{name}")).await;
    assert_eq!(seen.body["properties"]["jobType"], "Pipeline");
    seen.body["properties"]["status"].clone()
}

#[tokio::test]
async fn the_default_switches_and_can_be_taken_away() {
    let estate = with_challenger().await;
    assert_eq!(default(&estate).await, "champion-v1");
    assert_eq!(switch(&estate, json!("challenger-v2")).await.status, 200);
    assert_eq!(default(&estate).await, "champion-v1", "not before its time");
    assert_eq!(switch(&estate, json!(null)).await.status, 409);
    estate.pass(16);
    assert_eq!(default(&estate).await, "challenger-v2");
    assert_eq!(switch(&estate, json!(null)).await.status, 200);
    estate.pass(16);
    assert_eq!(default(&estate).await, Value::Null);
}

#[tokio::test]
async fn a_default_is_there_and_is_not_deleted() {
    let estate = with_challenger().await;
    let missing = switch(&estate, json!("nobody")).await;
    assert_eq!(missing.status, 400);
    let path = |name: &str| format!("{ENDPOINT}/deployments/{name}");
    let default = estate.delete(&Cloud::prod(), &path("champion-v1")).await;
    assert_eq!(default.status, 400, "{}", default.body);
    let other = estate.delete(&Cloud::prod(), &path("challenger-v2")).await;
    assert_eq!(other.status, 202);
    estate.pass(31);
    let gone = estate.delete(&Cloud::prod(), &path("challenger-v2")).await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn a_job_scores_with_the_model_of_its_deployment_when_its_time_has_come() {
    let estate = with_challenger().await;
    let by_default = invoke(&estate, None, "one").await;
    let named = invoke(&estate, Some("challenger-v2"), "two").await;
    assert_eq!((by_default.status, named.status), (201, 201));
    assert_eq!(status(&estate, &named).await, "Running");
    assert_eq!(result(&estate, "two"), None);
    estate.pass(121);
    assert_eq!(status(&estate, &named).await, "Completed");
    let (champion, challenger) = (result(&estate, "one"), result(&estate, "two"));
    let (champion, challenger) = (champion.unwrap(), challenger.unwrap());
    assert_eq!(champion.lines().count(), 5);
    assert_ne!(champion, challenger);
    let first = challenger.lines().next().unwrap();
    assert!(
        first.starts_with("0 ") && first.ends_with(" diabetes.csv"),
        "{first}"
    );
}

#[tokio::test]
async fn two_calls_with_one_request_id_are_one_job() {
    let estate = seeded().await;
    let first = invoke(&estate, None, "same").await;
    let second = invoke(&estate, None, "same").await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["name"], second.body["name"]);
    assert_eq!(estate.cloud.batch_jobs(), ["champion-v1 Running 2"]);
}

#[tokio::test]
async fn planted_faults_show_in_the_results() {
    let estate = seeded().await;
    for (fault, id) in [
        (JobFault::LosesRows(2), "fewer"),
        (JobFault::PredictsNothing(1), "silent"),
        (JobFault::AddsColumn, "wider"),
        (JobFault::Fails, "failed"),
    ] {
        estate.cloud.spoil_jobs("1", fault);
        let started = invoke(&estate, None, id).await;
        estate.pass(121);
        let failed = fault == JobFault::Fails;
        let expected = if failed { "Failed" } else { "Completed" };
        assert_eq!(status(&estate, &started).await, expected);
    }
    assert_eq!(result(&estate, "fewer").unwrap().lines().count(), 3);
    assert!(result(&estate, "silent").unwrap().starts_with("0 nan "));
    assert!(
        result(&estate, "wider")
            .unwrap()
            .lines()
            .all(|line| line.ends_with(" 1"))
    );
    assert_eq!(result(&estate, "failed"), None);
}

#[tokio::test]
async fn whom_nobody_knows_gets_no_job() {
    let estate = seeded().await;
    assert_eq!(invoke(&estate, Some("nobody"), "x").await.status, 404);
    let url = estate.url("/scoring/diabetes-batch/jobs");
    let unsigned = estate.http.request(Method::POST, url).send().await.unwrap();
    assert_eq!(unsigned.status(), 401);
}

#[tokio::test]
async fn what_a_batch_endpoint_is_not_is_refused() {
    let estate = seeded().await;
    let keyed = json!({"location": "westeurope", "properties": {"authMode": "Key"}});
    let put = estate
        .put(&Cloud::prod(), "/batchEndpoints/second", keyed)
        .await;
    assert_eq!(put.status, 400);
    let listed = estate.get(&Cloud::prod(), "/batchEndpoints").await;
    assert_eq!(listed.body["value"].as_array().unwrap().len(), 1);
    let deployments = estate
        .get(&Cloud::prod(), &format!("{ENDPOINT}/deployments"))
        .await;
    assert_eq!(deployments.body["value"][0]["name"], "champion-v1");
    assert_eq!(
        deployments.body["value"][0]["properties"]["errorThreshold"],
        -1
    );
}
