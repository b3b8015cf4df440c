//! Jobs, MLflow runs and run history: metrics and people are found where Azure keeps them.

use cloud_sim::{Cloud, ModelKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::estate::{Estate, Seen};

async fn run(estate: &Estate, audience: &str, id: &str) -> Seen {
    let workspace = estate.get(&Cloud::dev(), "").await;
    let tracking = workspace.body["properties"]["mlFlowTrackingUri"]
        .as_str()
        .unwrap()
        .to_owned();
    let url = tracking.replacen("azureml:", "http:", 1) + "/api/2.0/mlflow/runs/get?run_id=" + id;
    let token = estate.cloud.identity().token(audience).0;
    let request = estate.http.get(url).bearer_auth(token);
    Seen::of(request.send().await.unwrap()).await
}

async fn history(estate: &Estate, id: &str) -> Seen {
    let discovery = Seen::of(
        estate
            .http
            .get(estate.url("/region/discovery"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let host = discovery.body["history"].as_str().unwrap().to_owned();
    let url = format!("{host}/history/v1.0{}/rundata", Cloud::dev().arm_id());
    let body = json!({"runId": id, "selectRunMetadata": true});
    Seen::of(
        estate
            .request(Method::POST, &url)
            .json(&body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

#[tokio::test]
async fn a_version_lies_among_the_artifacts_of_its_run() {
    let estate = Estate::new().await;
    let registered = estate.cloud.register(ModelKind::Challenger).unwrap();
    let version = estate
        .get(
            &Cloud::dev(),
            &format!("/models/diabetes/versions/{}", registered.version),
        )
        .await;
    assert_eq!(version.body["properties"]["jobName"], registered.job);
    let seen = run(&estate, "https://ml.azure.com", &registered.job).await;
    let artifacts = seen.body["run"]["info"]["artifact_uri"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        version.body["properties"]["modelUri"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{artifacts}/"))
    );
    assert_eq!(seen.body["run"]["info"]["status"], "FINISHED");
    let metrics = seen.body["run"]["data"]["metrics"]
        .as_array()
        .unwrap()
        .clone();
    let rmse: Vec<&Value> = metrics
        .iter()
        .filter(|m| m["key"] == "rmse")
        .map(|m| &m["value"])
        .collect();
    assert!((rmse[0].as_f64().unwrap() - 51.713_238_278_812_96).abs() < 1e-9);
}

#[tokio::test]
async fn run_history_knows_who_trained() {
    let estate = Estate::new().await;
    let job = estate
        .cloud
        .complete_job(ModelKind::Challenger, false)
        .unwrap();
    let record = history(&estate, &job.job).await;
    let metadata = &record.body["runMetadata"];
    assert_eq!(
        metadata["createdBy"]["userObjectId"],
        "00000000-0000-4000-8000-00000000000a"
    );
    assert_eq!(metadata["createdBy"]["userName"], "Tina Trainer");
    assert_eq!(metadata["lastModifiedBy"], metadata["createdBy"]);
    let ada = "00000000-0000-4000-8000-00000000000b";
    let tagged = estate.cloud.tag_job(&job.job, ada, ("note", "fine"));
    tagged.unwrap();
    let record = history(&estate, &job.job).await;
    let metadata = &record.body["runMetadata"];
    assert_eq!(metadata["createdBy"]["userName"], "Tina Trainer");
    assert_eq!(metadata["lastModifiedBy"]["userObjectId"], ada);
    assert_eq!(metadata["tags"]["note"], "fine");
    let seen = estate
        .get(&Cloud::dev(), &format!("/jobs/{}", job.job))
        .await;
    assert_eq!(seen.body["systemData"]["createdBy"], "Tina Trainer");
    assert_eq!(seen.body["properties"]["status"], "Completed");
    assert_eq!(seen.body["properties"]["experimentName"], "diabetes-train");
    let output = &seen.body["properties"]["outputs"]["best_model"];
    assert_eq!(output["jobOutputType"], "mlflow_model");
    let path = format!("paths/azureml/{}/best_model", job.job);
    assert!(output["uri"].as_str().unwrap().ends_with(&path));
}

#[tokio::test]
async fn a_jobs_output_can_be_registered_by_its_name() {
    let estate = Estate::new().await;
    let job = estate
        .cloud
        .complete_job(ModelKind::Challenger, false)
        .unwrap();
    assert_eq!(job.registered, None);
    let uri = format!("azureml://jobs/{}/outputs/best_model", job.job);
    let body =
        json!({"properties": {"modelUri": uri, "modelType": "mlflow_model", "jobName": job.job}});
    let put = estate
        .put(&Cloud::dev(), "/models/diabetes/versions/2", body)
        .await;
    let path = format!("paths/azureml/{}/best_model", job.job);
    assert!(
        put.body["properties"]["modelUri"]
            .as_str()
            .unwrap()
            .ends_with(&path)
    );
    assert!(put.body["properties"]["flavors"]["python_function"].is_object());
}

#[tokio::test]
async fn unknown_runs_and_audiences_are_refused() {
    let estate = Estate::new().await;
    assert_eq!(
        run(&estate, "https://ml.azure.com", "ghost").await.status,
        404
    );
    assert_eq!(
        run(&estate, "https://storage.azure.com", "diabetes_train_0001")
            .await
            .status,
        401
    );
    assert_eq!(
        run(
            &estate,
            "https://management.azure.com",
            "diabetes_train_0001"
        )
        .await
        .status,
        200
    );
    assert_eq!(history(&estate, "ghost").await.status, 404);
    assert_eq!(estate.get(&Cloud::dev(), "/jobs/ghost").await.status, 404);
}

#[tokio::test]
async fn the_champion_in_production_has_its_lineage() {
    let estate = Estate::new().await;
    let seen = estate
        .get(&Cloud::prod(), "/models/diabetes/versions/1")
        .await;
    let properties = &seen.body["properties"]["properties"];
    assert_eq!(
        properties["liftlock.source.workspace"],
        Cloud::dev().arm_id()
    );
    let source = properties["liftlock.source.run"].as_str().unwrap();
    assert_eq!(
        run(&estate, "https://ml.azure.com", source).await.status,
        200
    );
}
