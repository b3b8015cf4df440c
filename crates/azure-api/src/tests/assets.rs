//! Code and environments: what is sent, what is read, what absence is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::server::{Says, Server, workspace};
use crate::{
    Error,
    ml::{NewCodeVersion, NewEnvironmentVersion},
};

const BASE: &str = "/arm/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws";

fn properties() -> BTreeMap<String, String> {
    BTreeMap::from([("made.by".to_owned(), "us".to_owned())])
}

#[tokio::test]
async fn code_is_put_under_its_version_and_read_back() {
    let body = json!({
        "id": "/x", "name": "1",
        "properties": { "codeUri": "https://a.blob/c/p", "properties": { "made.by": "us" }, "tags": null },
    });
    let server = Server::saying([Says::new(201, body.to_string())]).await;
    let ml = server.azure().machine_learning();
    let new = NewCodeVersion {
        code_uri: "https://a.blob/c/p".to_owned(),
        properties: properties(),
    };
    let at = workspace();
    let put = ml.put_code_version(&at, "n", "1", &new).await.unwrap();
    assert_eq!((put.id.as_str(), &put.properties), ("/x", &properties()));
    let asked = server.asked().remove(0);
    let target = format!("{BASE}/codes/n/versions/1?api-version=2024-04-01");
    assert_eq!((asked.method.as_str(), asked.target), ("PUT", target));
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    let expected = json!({ "codeUri": "https://a.blob/c/p", "properties": { "made.by": "us" } });
    assert_eq!(sent, json!({ "properties": expected }));
}

#[tokio::test]
async fn an_environment_is_put_without_what_it_has_not() {
    let body = json!({ "name": "1", "properties": { "image": "i", "properties": null } });
    let server = Server::saying([Says::new(200, body.to_string())]).await;
    let ml = server.azure().machine_learning();
    let new = NewEnvironmentVersion {
        image: "i".to_owned(),
        conda_file: Some("name: a\n".to_owned()),
        os_type: "Linux",
        inference_config: Some(
            json!({ "livenessRoute": null, "scoringRoute": { "path": "/", "port": 80 } }),
        ),
        description: None,
        properties: properties(),
    };
    let at = workspace();
    let put = ml.put_environment_version(&at, "n", "1", &new).await;
    assert_eq!(put.unwrap().image.as_deref(), Some("i"));
    let asked = server.asked().remove(0);
    let target = format!("{BASE}/environments/n/versions/1?api-version=2024-04-01");
    assert_eq!((asked.method.as_str(), asked.target), ("PUT", target));
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    let expected = json!({
        "image": "i", "condaFile": "name: a\n", "osType": "Linux",
        "inferenceConfig": { "scoringRoute": { "path": "/", "port": 80 } },
        "properties": { "made.by": "us" },
    });
    assert_eq!(sent, json!({ "properties": expected }));
}

#[tokio::test]
async fn a_version_that_is_not_there_is_none_and_a_missing_workspace_an_error() {
    let says = |message: &str| {
        let error = json!({ "error": { "code": "ResourceNotFound", "message": message } });
        Says::new(404, error.to_string())
    };
    let lost = "The Resource 'Microsoft.MachineLearningServices/workspaces/ws' was not found.";
    let server = Server::saying([says("no code"), says("no environment"), says(lost)]).await;
    let ml = server.azure().machine_learning();
    let code = ml.code_version(&workspace(), "n", "1").await.unwrap();
    let environment = ml
        .environment_version(&workspace(), "n", "1")
        .await
        .unwrap();
    assert_eq!((code, environment), (None, None));
    let without = ml.code_version(&workspace(), "n", "1").await;
    assert!(matches!(without, Err(Error::NotFound(_))), "{without:?}");
}
