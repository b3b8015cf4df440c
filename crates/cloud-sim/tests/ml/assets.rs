//! Code and environments: registered, read, listed; and what a deployment that refers to them needs.

use cloud_sim::Cloud;
use serde_json::{Value, json};

use crate::estate::{Estate, Seen};

const CODE: &str = "/codes/score/versions/1";
const ENVIRONMENT: &str = "/environments/python/versions/1";

async fn register(estate: &Estate) -> (Seen, Seen) {
    let folder = estate.url("/blob/stprod/azureml/code/1");
    let code = json!({"properties": {"codeUri": folder, "properties": {"made.by": "us"}}});
    let environment = json!({"properties": {
        "image": "python", "osType": "Linux", "condaFile": "name: a\n",
        "inferenceConfig": {"scoringRoute": {"path": "/score", "port": 5001}},
    }});
    (
        estate.put(&Cloud::prod(), CODE, code).await,
        estate.put(&Cloud::prod(), ENVIRONMENT, environment).await,
    )
}

fn id(path: &str) -> String {
    format!("{}{path}", Cloud::prod().arm_id())
}

/// A custom model as version 2 in production, deployed with these.
async fn deploy(estate: &Estate, brought: Value) -> Seen {
    let mut properties = json!({
        "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
        "model": id("/models/diabetes/versions/2"),
    });
    let into = properties.as_object_mut().unwrap();
    into.extend(brought.as_object().unwrap().clone());
    let body = json!({
        "location": "westeurope", "sku": {"name": "Default", "capacity": 1}, "properties": properties,
    });
    let path = "/onlineEndpoints/diabetes/deployments/custom";
    estate.put(&Cloud::prod(), path, body).await
}

fn both(script: &str) -> Value {
    json!({
        "environmentId": id(ENVIRONMENT),
        "codeConfiguration": {"codeId": id(CODE), "scoringScript": script},
    })
}

async fn with_custom_model(estate: &Estate) {
    assert_eq!(estate.bring_to_prod("challenger", "9").await.status, 201);
    let uri = "azureml://datastores/workspaceblobstore/paths/copied/challenger";
    let model = json!({"properties": {"modelUri": uri, "modelType": "custom_model"}});
    let path = "/models/diabetes/versions/2";
    assert_eq!(estate.put(&Cloud::prod(), path, model).await.status, 201);
}

#[tokio::test]
async fn a_version_is_read_and_listed_as_it_was_registered() {
    let estate = Estate::new().await;
    for (kind, name) in [("codes", "score"), ("environments", "python")] {
        let path = format!("/{kind}/{name}/versions");
        let none = estate.get(&Cloud::prod(), &path).await;
        assert_eq!((none.status, none.code()), (404, "ResourceNotFound"));
    }
    let (code, environment) = register(&estate).await;
    assert_eq!((code.status, environment.status), (201, 201));
    let seen = estate.get(&Cloud::prod(), CODE).await.body;
    assert_eq!(
        (&seen["id"], &seen["name"]),
        (&json!(id(CODE)), &json!("1"))
    );
    assert_eq!(seen["properties"]["properties"], json!({"made.by": "us"}));
    let seen = estate.get(&Cloud::prod(), ENVIRONMENT).await.body;
    assert_eq!(seen["properties"]["condaFile"], "name: a\n");
    assert_eq!(seen["properties"]["environmentType"], "UserCreated");
    let listed = estate.get(&Cloud::prod(), "/codes/SCORE/versions").await;
    assert_eq!(listed.body["value"].as_array().unwrap().len(), 1);
    let view = estate.cloud.view();
    let mut workspaces = view.workspaces.iter();
    let prod = workspaces.find(|found| found.name == "ml-prod").unwrap();
    assert_eq!((prod.code.len(), prod.environments.len()), (1, 1));
}

#[tokio::test]
async fn what_is_in_a_version_stays() {
    let estate = Estate::new().await;
    register(&estate).await;
    let (code, environment) = register(&estate).await;
    assert_eq!((code.status, environment.status), (200, 200), "the same");
    let elsewhere = json!({"properties": {"codeUri": estate.url("/blob/stprod/azureml/code/2")}});
    let moved = estate.put(&Cloud::prod(), CODE, elsewhere).await;
    assert_eq!((moved.status, moved.code()), (400, "UserError"));
    let other = json!({"properties": {"image": "other", "osType": "Linux"}});
    let changed = estate.put(&Cloud::prod(), ENVIRONMENT, other).await;
    assert_eq!((changed.status, changed.code()), (400, "UserError"));
}

#[tokio::test]
async fn code_lies_in_the_workspaces_own_account() {
    let estate = Estate::unrecorded().await;
    for uri in [
        "https://stdev.blob.core.windows.net/azureml/code",
        "no url",
        "https://stprod.blob.core.windows.net/azureml",
    ] {
        let code = json!({"properties": {"codeUri": uri}});
        let put = estate.put(&Cloud::prod(), CODE, code).await;
        assert_eq!((put.status, put.code()), (400, "ValidationError"), "{uri}");
    }
    let code =
        json!({"properties": {"codeUri": "https://stprod.blob.core.windows.net/azureml/c/1"}});
    assert_eq!(estate.put(&Cloud::prod(), CODE, code).await.status, 201);
}

#[tokio::test]
async fn a_custom_model_answers_with_its_script() {
    let estate = Estate::new().await;
    with_custom_model(&estate).await;
    register(&estate).await;
    let blobs = estate.cloud.blobs();
    blobs.put("stprod", "azureml", "code/1/score.py", "def run(data): ...");
    assert_eq!(deploy(&estate, both("score.py")).await.status, 201);
    estate.pass(121);
    let view = estate.cloud.view();
    let all = view.workspaces.iter().flat_map(|found| &found.endpoints);
    let mut all = all.flat_map(|found| &found.deployments);
    let custom = all.find(|found| found.name == "custom").unwrap();
    assert_eq!(
        (custom.state.as_str(), custom.predictions.len()),
        ("Succeeded", 3)
    );
    assert_eq!(custom.code.as_deref(), Some("score:1"));
    assert_eq!(custom.environment.as_deref(), Some("python:1"));
}

#[tokio::test]
async fn a_script_that_is_not_there_fails_when_the_container_starts() {
    let estate = Estate::new().await;
    with_custom_model(&estate).await;
    register(&estate).await;
    assert_eq!(deploy(&estate, both("score.py")).await.status, 201);
    estate.pass(121);
    let path = "/onlineEndpoints/diabetes/deployments/custom";
    let seen = estate.get(&Cloud::prod(), path).await;
    assert_eq!(seen.body["properties"]["provisioningState"], "Failed");
}

#[tokio::test]
async fn what_a_deployment_lacks_is_told_at_once() {
    let estate = Estate::new().await;
    with_custom_model(&estate).await;
    let refused = async |brought: Value, code: &str, why: &str| {
        let seen = deploy(&estate, brought).await;
        let message = seen.body["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!((seen.status, seen.code()), (400, code), "{message}");
        assert!(message.contains(why), "{message}");
    };
    refused(json!({}), "BadArgument", "A custom model needs").await;
    refused(both("score.py"), "ValidationError", "could not be found").await;
    register(&estate).await;
    let alone = json!({"codeConfiguration": {"codeId": id(CODE), "scoringScript": "score.py"}});
    refused(alone, "BadArgument", "needs an environment").await;
    let mut other = both("score.py");
    other["environmentId"] = json!(id("/environments/python/versions/2"));
    refused(other, "ValidationError", "python/versions/2").await;
    let mut elsewhere = both("score.py");
    elsewhere["environmentId"] = json!("azureml://registries/r/environments/e/versions/1");
    assert_eq!(deploy(&estate, elsewhere).await.status, 201);
}
