//! Workspaces, datastores, models and their versions.

use cloud_sim::{Cloud, ModelKind, WorkspaceId};
use reqwest::Method;
use serde_json::json;

use crate::estate::Estate;

#[tokio::test]
async fn a_workspace_leads_to_its_other_addresses() {
    let estate = Estate::new().await;
    let seen = estate.get(&Cloud::dev(), "").await;
    let properties = &seen.body["properties"];
    assert_eq!(seen.status, 200);
    assert!(!seen.header("x-ms-request-id").is_empty());
    assert_eq!(properties["discoveryUrl"], estate.url("/region/discovery"));
    let host = estate.cloud.url().trim_start_matches("http://").to_owned();
    let tracking = format!(
        "azureml://{host}/region/mlflow/v1.0{}",
        Cloud::dev().arm_id()
    );
    assert_eq!(properties["mlFlowTrackingUri"], tracking);
}

#[tokio::test]
async fn ids_are_compared_without_case() {
    let estate = Estate::new().await;
    let id = Cloud::dev();
    let shouted = WorkspaceId::new(&id.subscription, "RG-ML-DEV", "ML-Dev");
    let seen = estate.get(&shouted, "/Models/Diabetes/Versions/1").await;
    assert_eq!(seen.status, 200, "{:?}", seen.body);
    assert!(seen.body["id"].as_str().unwrap().starts_with(&id.arm_id()));
}

#[tokio::test]
async fn refusals_have_arms_shape() {
    let estate = Estate::unrecorded().await;
    let id = Cloud::dev().arm_id();
    let no_version = estate
        .at(Method::GET, &estate.url(&format!("/arm{id}")))
        .await;
    assert_eq!(
        (no_version.status, no_version.code()),
        (400, "MissingApiVersionParameter")
    );
    let url = estate.url(&format!("/arm{id}?api-version=2024-04-01"));
    let anonymous = estate.http.get(&url).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let storage = estate.cloud.identity().token("https://storage.azure.com").0;
    let wrong = estate
        .http
        .get(&url)
        .bearer_auth(storage)
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 401);
    let missing = estate
        .get(&Cloud::dev(), "/models/diabetes/versions/99")
        .await;
    assert_eq!((missing.status, missing.code()), (404, "ResourceNotFound"));
    assert_eq!(
        estate
            .get(&Cloud::dev(), "/onlineEndpoints/none")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn datastores_have_no_secrets() {
    let estate = Estate::new().await;
    let all = estate.get(&Cloud::dev(), "/datastores").await;
    assert_eq!(all.body["value"].as_array().unwrap().len(), 2);
    let one = estate
        .get(&Cloud::dev(), "/datastores/workspaceartifactstore")
        .await;
    assert_eq!(one.body["properties"]["containerName"], "azureml");
    assert_eq!(one.body["properties"]["accountName"], "stdev");
    assert_eq!(
        one.body["properties"]["credentials"]["credentialsType"],
        "None"
    );
}

#[tokio::test]
async fn a_version_shows_what_its_mlmodel_says() {
    let estate = Estate::new().await;
    let seen = estate.bring_to_prod("challenger", "2").await;
    let properties = &seen.body["properties"];
    assert_eq!(seen.status, 201, "{:?}", seen.body);
    assert_eq!(
        properties["flavors"]["python_function"]["data"]["loader_module"],
        "diabetes_model"
    );
    let long = "resourceGroups/rg-ml-prod/workspaces/ml-prod/datastores/workspaceblobstore/paths/copied/challenger";
    assert!(properties["modelUri"].as_str().unwrap().ends_with(long));
    assert_eq!(
        seen.body["systemData"]["createdBy"],
        "Liftlock (managed identity)"
    );
    let again = estate.get(&Cloud::prod(), "/models/diabetes").await;
    assert_eq!(again.body["properties"]["latestVersion"], "2");
    assert_eq!(again.body["properties"]["nextVersion"], "3");
}

#[tokio::test]
async fn a_version_keeps_its_path_and_changes_its_tags() {
    let estate = Estate::new().await;
    estate.bring_to_prod("challenger", "2").await;
    let path = "/models/diabetes/versions/2";
    let uri = "azureml://datastores/workspaceblobstore/paths/copied/challenger/";
    let body = json!({"properties": {"modelUri": uri, "tags": {"live": "yes"}}});
    let changed = estate.put(&Cloud::prod(), path, body).await;
    assert_eq!(
        (changed.status, &changed.body["properties"]["tags"]["live"]),
        (200, &json!("yes"))
    );
    assert_eq!(changed.body["properties"]["modelType"], "mlflow_model");
    let other =
        json!({"properties": {"modelUri": "azureml://datastores/workspaceblobstore/paths/other"}});
    let refused = estate.put(&Cloud::prod(), path, other).await;
    assert_eq!((refused.status, refused.code()), (400, "UserError"));
    let foreign = json!({"properties": {"modelUri": format!("azureml://subscriptions/{}/resourceGroups/rg-ml-dev/workspaces/ml-dev/datastores/workspaceblobstore/paths/x", Cloud::dev().subscription)}});
    assert_eq!(
        estate
            .put(&Cloud::prod(), "/models/diabetes/versions/9", foreign)
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_container_is_created_and_changed() {
    let estate = Estate::new().await;
    let body = json!({"properties": {"description": "rates", "tags": {"team": "credit"}}});
    assert_eq!(
        estate.get(&Cloud::prod(), "/models/rates").await.status,
        404
    );
    assert_eq!(
        estate
            .put(&Cloud::prod(), "/models/rates", body.clone())
            .await
            .status,
        201
    );
    assert_eq!(
        estate
            .put(&Cloud::prod(), "/models/rates", body)
            .await
            .status,
        200
    );
    let seen = estate.get(&Cloud::prod(), "/models/rates").await;
    assert_eq!(seen.body["properties"]["tags"]["team"], "credit");
    assert_eq!(seen.body["properties"]["latestVersion"], json!(null));
}

#[tokio::test]
async fn versions_are_listed_newest_first_in_pages() {
    let estate = Estate::new().await;
    for _ in 0..4 {
        estate.pass(60);
        estate.cloud.register(ModelKind::Worse).unwrap();
    }
    let path = "/models/diabetes/versions?$orderBy=createdtime%20desc&$top=2";
    let mut page = estate.get(&Cloud::dev(), path).await;
    let mut names = Vec::new();
    loop {
        let versions = page.body["value"].as_array().unwrap().clone();
        names.extend(
            versions
                .iter()
                .map(|v| v["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page.body["nextLink"].as_str().map(str::to_owned) else {
            break;
        };
        page = estate.at(Method::GET, &next).await;
    }
    assert_eq!(names, ["5", "4", "3", "2", "1"]);
}

#[tokio::test]
async fn archived_versions_are_listed_on_demand() {
    let estate = Estate::new().await;
    let path = "/models/diabetes/versions/1";
    let seen = estate.get(&Cloud::dev(), path).await;
    let uri = &seen.body["properties"]["modelUri"];
    let body = json!({"properties": {"modelUri": uri, "isArchived": true}});
    assert_eq!(estate.put(&Cloud::dev(), path, body).await.status, 200);
    for (view, count) in [("ActiveOnly", 0), ("ArchivedOnly", 1), ("All", 1)] {
        let path = format!("/models/diabetes/versions?listViewType={view}");
        let listed = estate.get(&Cloud::dev(), &path).await;
        assert_eq!(
            listed.body["value"].as_array().unwrap().len(),
            count,
            "{view}"
        );
    }
}
