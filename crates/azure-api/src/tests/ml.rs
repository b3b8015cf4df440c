//! Azure Machine Learning: what is asked, what is read, where a token does not go.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::server::{Says, Server, workspace};
use crate::{
    Error,
    ml::{
        BatchJobSpec, ComputeType, DeploymentSpec, NewModelVersion, OperationState, OperationUrl,
        SubmissionState, Submitted,
    },
};

const BASE: &str = "/arm/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws";

fn version(name: u32) -> Value {
    json!({ "name": name.to_string(), "properties": { "tags": null, "flavors": {} } })
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_stops_when_it_has_enough() {
    let server = Server::start().await;
    let next = format!("{}arm/next?api-version=2024-04-01&$skip=x", server.url);
    let page = |names: [u32; 2], next: Option<&str>| {
        Says::new(
            200,
            json!({ "value": names.map(version), "nextLink": next }).to_string(),
        )
    };
    server.then(page([4, 3], Some(&next)));
    server.then(page([2, 1], Some(&next)));
    let found = server
        .azure()
        .machine_learning()
        .model_versions(&workspace(), "m", 3)
        .await
        .unwrap();
    let names: Vec<_> = found.into_iter().map(|version| version.name).collect();
    assert_eq!(names, ["4", "3", "2"]);
    let targets: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| asked.target)
        .collect();
    let first = "/models/m/versions?api-version=2024-04-01&%24orderBy=createdtime+desc&%24top=3&listViewType=ActiveOnly";
    assert_eq!(
        targets,
        [
            format!("{BASE}{first}"),
            "/arm/next?api-version=2024-04-01&$skip=x".to_owned()
        ]
    );
}

#[tokio::test]
async fn pages_of_versions_are_asked_for_one_by_one_without_archived_ones() {
    let server = Server::start().await;
    let next = format!("{}arm/next?api-version=2024-04-01&$skip=x", server.url);
    let page = |name: u32, next: Option<&str>| {
        let body = json!({ "value": [version(name)], "nextLink": next });
        Says::new(200, body.to_string())
    };
    server.then(page(2, Some(&next)));
    server.then(page(1, None));
    let ml = server.azure().machine_learning();
    let first = ml
        .model_version_page(&workspace(), "m", None)
        .await
        .unwrap();
    let second = ml
        .model_version_page(&workspace(), "m", first.next.as_ref())
        .await
        .unwrap();
    let names = [&first, &second].map(|page| page.versions[0].name.as_str());
    assert_eq!((names, &second.next), (["2", "1"], &None));
    let asked = server.asked();
    assert!(asked[0].target.ends_with(
        "/models/m/versions?api-version=2024-04-01&%24orderBy=createdtime+desc&%24top=20&listViewType=ActiveOnly"
    ));
    let elsewhere = "https://elsewhere.example/next".parse().unwrap();
    let lured = ml
        .model_version_page(&workspace(), "m", Some(&elsewhere))
        .await;
    assert!(matches!(lured, Err(Error::Refused { .. })), "{lured:?}");
}

#[tokio::test]
async fn the_next_page_is_not_looked_for_elsewhere() {
    let elsewhere = Server::saying([Says::new(200, "{}")]).await;
    let page = json!({ "value": [], "nextLink": elsewhere.url });
    let server = Server::saying([Says::new(200, page.to_string())]).await;
    let listed = server
        .azure()
        .machine_learning()
        .deployments(&workspace(), "e")
        .await;
    assert!(matches!(listed, Err(Error::Refused { .. })));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn an_operation_is_asked_for_at_arm_only() {
    let elsewhere = Server::saying([Says::new(200, "{}")]).await;
    let server = Server::start().await;
    let ml = server.azure().machine_learning();
    for url in [
        elsewhere.url.as_str(),
        "https://management.azure.com/x",
        "nonsense",
    ] {
        let operation = OperationUrl::from(url.to_owned());
        assert!(ml.operation(&operation).await.is_err(), "{url}");
    }
    assert!(elsewhere.asked().is_empty() && server.asked().is_empty());
}

#[tokio::test]
async fn an_operation_tells_how_it_goes() {
    let cases = [
        (
            Says::new(200, r#"{"status":"InProgress"}"#).header("retry-after", "3"),
            OperationState::Running {
                retry_after: Some(Duration::from_secs(3)),
            },
        ),
        (
            Says::new(202, ""),
            OperationState::Running { retry_after: None },
        ),
        (
            Says::new(200, r#"{"status":"Succeeded"}"#),
            OperationState::Succeeded,
        ),
        (Says::new(204, ""), OperationState::Succeeded),
        (
            Says::new(409, r#"{"error":{"code":"C","message":"m"}}"#),
            OperationState::Failed {
                code: "C".into(),
                message: "m".into(),
            },
        ),
        (
            Says::new(200, r#"{"status":"Canceled"}"#),
            OperationState::Canceled,
        ),
        (
            Says::new(
                200,
                r#"{"status":"Failed","error":{"code":"C","message":"m"}}"#,
            ),
            OperationState::Failed {
                code: "C".into(),
                message: "m".into(),
            },
        ),
    ];
    for (says, expected) in cases {
        let server = Server::saying([says]).await;
        let operation = OperationUrl::from(format!("{}arm/op?t=secret", server.url));
        assert_eq!(
            server
                .azure()
                .machine_learning()
                .operation(&operation)
                .await
                .unwrap(),
            expected
        );
        assert!(!format!("{operation:?}").contains("secret"));
    }
}

fn deployment() -> DeploymentSpec {
    DeploymentSpec {
        location: "westeurope".into(),
        compute_type: ComputeType::Managed,
        model: "/subscriptions/…/models/m/versions/2".into(),
        instance_type: Some("Standard_DS3_v2".into()),
        capacity: 2,
        description: None,
        app_insights_enabled: None,
        environment_id: None,
        code_configuration: None,
        environment_variables: [].into(),
        tags: [("a".into(), "b".into())].into(),
        properties: [].into(),
        request_settings: Some(json!({ "requestTimeout": "PT5S", "maxQueueWait": null })),
        liveness_probe: None,
        readiness_probe: None,
        scale_settings: None,
        egress_public_network_access: None,
        model_mount_path: None,
        data_collector: None,
    }
}

#[tokio::test]
async fn a_deployment_is_put_as_the_api_documents_it() {
    let says = Says::new(201, r#"{"properties":{"provisioningState":"Creating"}}"#)
        .header("azure-asyncoperation", "https://arm/op")
        .header("retry-after", "2");
    let server = Server::saying([says]).await;
    let spec = deployment();
    let submitted = server
        .azure()
        .machine_learning()
        .put_deployment(&workspace(), "e", "d", &spec)
        .await
        .unwrap();
    let expected = Submitted {
        state: SubmissionState::Running,
        operation: Some(OperationUrl::from("https://arm/op".to_owned())),
        retry_after: Some(Duration::from_secs(2)),
    };
    assert_eq!(submitted, expected);
    let asked = &server.asked()[0];
    let target = format!("{BASE}/onlineEndpoints/e/deployments/d?api-version=2024-04-01");
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("PUT", target.as_str())
    );
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    let expected = json!({
        "location": "westeurope", "tags": { "a": "b" }, "sku": { "name": "Default", "capacity": 2 },
        "properties": {
            "endpointComputeType": "Managed", "model": "/subscriptions/…/models/m/versions/2",
            "instanceType": "Standard_DS3_v2", "environmentVariables": {}, "properties": {},
            "requestSettings": { "requestTimeout": "PT5S" },
        },
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_deployment_on_kubernetes_is_put_as_the_api_documents_it() {
    let server = Server::saying([Says::new(201, "{}")]).await;
    let spec = DeploymentSpec {
        compute_type: ComputeType::Kubernetes,
        instance_type: None,
        scale_settings: Some(json!({ "scaleType": "Default" })),
        ..deployment()
    };
    let ml = server.azure().machine_learning();
    ml.put_deployment(&workspace(), "e", "d", &spec)
        .await
        .unwrap();
    let sent: Value = serde_json::from_str(&server.asked()[0].body).unwrap();
    let expected = json!({
        "location": "westeurope", "tags": { "a": "b" }, "sku": { "name": "Default", "capacity": 2 },
        "properties": {
            "endpointComputeType": "Kubernetes", "model": "/subscriptions/…/models/m/versions/2",
            "environmentVariables": {}, "properties": {}, "scaleSettings": { "scaleType": "Default" },
            "requestSettings": { "requestTimeout": "PT5S" },
        },
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_deletion_says_whether_there_was_anything() {
    let cases = [
        (
            Says::new(202, "").header("location", "https://arm/op"),
            SubmissionState::Running,
        ),
        (Says::new(200, ""), SubmissionState::Done),
        (Says::new(204, ""), SubmissionState::Absent),
        (
            Says::new(
                404,
                r#"{"error":{"code":"NotFound","message":"no such deployment"}}"#,
            ),
            SubmissionState::Absent,
        ),
    ];
    for (says, expected) in cases {
        let server = Server::saying([says]).await;
        let submitted = server
            .azure()
            .machine_learning()
            .delete_deployment(&workspace(), "e", "d")
            .await
            .unwrap();
        assert_eq!(submitted.state, expected);
    }
}

#[tokio::test]
async fn a_missing_workspace_is_not_a_missing_model() {
    let message = "The Resource 'Microsoft.MachineLearningServices/workspaces/ws' under resource group 'rg' was not found.";
    let body = json!({ "error": { "code": "ResourceNotFound", "message": message } });
    let server = Server::saying([Says::new(404, body.to_string())]).await;
    let ml = server.azure().machine_learning();
    assert!(matches!(
        ml.model_version(&workspace(), "m", "1").await,
        Err(Error::NotFound(_))
    ));
    let body = json!({ "error": { "code": "UserError", "message": "no such model" } });
    let server = Server::saying([Says::new(404, body.to_string())]).await;
    let ml = server.azure().machine_learning();
    assert_eq!(
        ml.model_version(&workspace(), "m", "1").await.unwrap(),
        None
    );
    assert_eq!(ml.model_versions(&workspace(), "m", 5).await.unwrap(), []);
}

#[tokio::test]
async fn a_version_is_registered_without_what_only_the_service_writes() {
    let server = Server::saying([Says::new(201, version(7).to_string())]).await;
    let new = NewModelVersion {
        model_uri: "azureml://datastores/a/paths/b".into(),
        model_type: "mlflow_model".into(),
        job_name: None,
        description: Some("d".into()),
        tags: [].into(),
        properties: [("a".into(), "b".into())].into(),
        flavors: None,
    };
    let made = server
        .azure()
        .machine_learning()
        .put_model_version(&workspace(), "m", "7", &new)
        .await
        .unwrap();
    assert_eq!(made.name, "7");
    let sent: Value = serde_json::from_str(&server.asked()[0].body).unwrap();
    let expected = json!({ "properties": {
        "modelUri": "azureml://datastores/a/paths/b", "modelType": "mlflow_model", "description": "d",
        "tags": {}, "properties": { "a": "b" },
    }});
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn scoring_names_the_deployment_and_reports_any_status() {
    let endpoint = Says::new(200, r#"{"name":"e","properties":{"authMode":"Key"}}"#);
    let server = Server::saying([
        endpoint,
        Says::new(200, r#"{"primaryKey":"k3y","secondaryKey":"x"}"#),
    ])
    .await;
    let ml = server.azure().machine_learning();
    let endpoint = ml
        .online_endpoint(&workspace(), "e")
        .await
        .unwrap()
        .unwrap();
    let token = ml.scoring_token(&workspace(), &endpoint).await.unwrap();
    server.then(Says::new(424, "x".repeat(2 << 20)));
    server
        .azure()
        .machine_learning()
        .job(&workspace(), "drains-the-script")
        .await
        .unwrap_err();
    let uri = format!("{}score", server.url);
    let scored = ml
        .score(&uri, &token, Some("d"), Bytes::from("{}"))
        .await
        .unwrap();
    assert_eq!(
        (scored.status, scored.body.len(), scored.truncated),
        (424, 1 << 20, true)
    );
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.header("azureml-model-deployment"), Some("d"));
    assert_eq!(asked.header("authorization"), Some("Bearer k3y"));
    let open = ml
        .score("http://example.com/score", &token, None, Bytes::new())
        .await;
    assert!(matches!(open, Err(Error::Refused { .. })));
}

#[tokio::test]
async fn a_batch_job_is_asked_for_once_by_name_and_request_id() {
    let server = Server::start().await;
    server.then(Says::new(201, json!({ "name": "batchjob-1" }).to_string()));
    server.then(Says::new(201, json!({}).to_string()));
    server.then(Says::new(503, ""));
    let job = BatchJobSpec {
        deployment: "green",
        request_id: "02897806-abf6-1d49-167e-6339ca142cac",
        input_uri: "azureml://datastores/d/paths/sample.csv",
        output_uri: "azureml://datastores/d/paths/out/predictions.csv",
    };
    let ml = server.azure().machine_learning();
    let uri = format!("{}scoring/heart/jobs", server.url);
    assert_eq!(ml.start_batch_job(&uri, job).await.unwrap(), "batchjob-1");
    let asked = server.asked();
    let sent: Value = serde_json::from_str(&asked[0].body).unwrap();
    let input = &sent["properties"]["inputData"]["sample"];
    assert_eq!(input["jobInputType"], "uri_file");
    let output = &sent["properties"]["outputData"]["score"];
    assert_eq!(output["uri"], job.output_uri);
    assert_eq!(asked[0].header("azureml-model-deployment"), Some("green"));
    assert_eq!(
        asked[0].header("repeatability_request-id"),
        Some(job.request_id)
    );
    let nameless = ml.start_batch_job(&uri, job).await;
    assert!(matches!(nameless, Err(Error::Malformed { .. })));
    let folder = BatchJobSpec {
        input_uri: "azureml://datastores/d/paths/samples/",
        ..job
    };
    let refused = ml.start_batch_job(&uri, folder).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(server.asked().len(), 3, "it is sent once");
}
