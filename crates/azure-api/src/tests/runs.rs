//! Runs: metrics from `MLflow`, people from run history.

use serde_json::{Value, json};

use super::server::{Says, Server, workspace};
use crate::ml::Workspace;

async fn workspace_of(server: &Server) -> Workspace {
    let port = server.url.port().unwrap();
    let body = json!({ "location": "westeurope", "properties": {
        "workspaceId": "guid", "mlFlowTrackingUri": format!("azureml://127.0.0.1:{port}/region/mlflow/v1.0/ws"),
        "discoveryUrl": format!("{}region/discovery", server.url),
    }});
    server.then(Says::new(200, body.to_string()));
    server
        .azure()
        .machine_learning()
        .workspace(&workspace())
        .await
        .unwrap()
}

#[tokio::test]
async fn metrics_come_from_the_address_that_the_workspace_names() {
    let server = Server::start().await;
    let workspace = workspace_of(&server).await;
    server.then(Says::new(200, r#"{"run":{"info":{"run_id":"r","status":"FINISHED"},"data":{"metrics":[{"key":"rmse","value":"NaN"}]}}}"#));
    server.then(Says::new(
        404,
        r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"m"}"#,
    ));
    drain(&server).await;
    let ml = server.azure().machine_learning();
    let run = ml.run(&workspace, "r").await.unwrap().unwrap();
    assert!(run.metrics["rmse"].is_nan());
    let target = server.asked().pop().unwrap().target;
    assert_eq!(
        target,
        "/region/mlflow/v1.0/ws/api/2.0/mlflow/runs/get?run_id=r"
    );
    assert_eq!(ml.run(&workspace, "r").await.unwrap(), None);
}

#[tokio::test]
async fn who_ran_it_comes_from_run_history() {
    let server = Server::start().await;
    let workspace = workspace_of(&server).await;
    let discovered = json!({ "api": "x", "history": format!("{}region", server.url) });
    server.then(Says::new(200, discovered.to_string()));
    let record = json!({ "runMetadata": {
        "createdBy": { "userObjectId": "oid", "userName": "Tina Trainer" },
        "lastModifiedBy": { "userObjectId": "other", "userName": "Ada Approver" }, "parentRunId": null, "rootRunId": "r",
        "status": "Completed", "properties": { "a": "b" },
    }});
    server.then(Says::new(200, record.to_string()));
    drain(&server).await;
    let found = server
        .azure()
        .machine_learning()
        .run_record(&workspace, "r")
        .await
        .unwrap()
        .unwrap();
    let editor = found.last_modified_by.unwrap();
    assert_eq!(editor.user_object_id.as_deref(), Some("other"));
    let author = found.created_by.unwrap();
    assert_eq!(author.user_object_id.as_deref(), Some("oid"));
    assert!(
        !format!("{author:?}").contains("Tina"),
        "names are not for logs"
    );
    let asked = server.asked().pop().unwrap();
    let expected = "/region/history/v1.0/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/rundata";
    assert_eq!(asked.target, expected);
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(sent, json!({ "runId": "r", "selectRunMetadata": true }));
}

/// The last answer of a script stays; this takes the one that a test has used already.
async fn drain(server: &Server) {
    let found = server
        .azure()
        .machine_learning()
        .workspace(&workspace())
        .await;
    assert!(found.is_ok());
}
