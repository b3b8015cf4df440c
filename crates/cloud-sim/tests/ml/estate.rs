//! A seeded cloud whose time stands still, and a client for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cloud_sim::{Cloud, CloudOptions, WorkspaceId};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) struct Estate {
    pub(crate) cloud: Cloud,
    pub(crate) http: Client,
}

/// What a test looks at.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Seen {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        Self {
            status,
            headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// ARM's error code.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/diabetes")
}

impl Estate {
    pub(crate) async fn new() -> Self {
        Self::with(CloudOptions::default()).await
    }

    /// A cloud whose ARM exchanges are not recorded: the test sends what no client may send.
    pub(crate) async fn unrecorded() -> Self {
        Self::start(CloudOptions::default()).await
    }

    pub(crate) async fn with(options: CloudOptions) -> Self {
        let record = std::env::var_os("CLOUD_SIM_RECORD")
            .filter(|file| !file.is_empty())
            .map(PathBuf::from);
        Self::start(CloudOptions { record, ..options }).await
    }

    async fn start(options: CloudOptions) -> Self {
        let options = CloudOptions {
            clock_start: Some("2026-11-23T07:00:00Z".parse().unwrap()),
            clock_rate: 0.0,
            example: Some(example()),
            ..options
        };
        let cloud = Cloud::start(options).await.unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        Self { cloud, http }
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.cloud.clock().advance(Duration::from_secs(seconds));
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.cloud.url())
    }

    /// A request to any URL of the cloud with ARM's token.
    pub(crate) fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let token = self
            .cloud
            .identity()
            .token("https://management.azure.com")
            .0;
        self.http.request(method, url).bearer_auth(token)
    }

    pub(crate) async fn at(&self, method: Method, url: &str) -> Seen {
        Seen::of(self.request(method, url).send().await.unwrap()).await
    }

    /// A request below a workspace, with the api-version.
    pub(crate) async fn arm(
        &self,
        method: Method,
        workspace: &WorkspaceId,
        path: &str,
        body: Option<Value>,
    ) -> Seen {
        let mark = if path.contains('?') { '&' } else { '?' };
        let id = workspace.arm_id();
        let url = self.url(&format!("/arm{id}{path}{mark}api-version=2024-04-01"));
        let mut request = self.request(method, &url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Seen::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, workspace: &WorkspaceId, path: &str) -> Seen {
        self.arm(Method::GET, workspace, path, None).await
    }

    pub(crate) async fn put(&self, workspace: &WorkspaceId, path: &str, body: Value) -> Seen {
        self.arm(Method::PUT, workspace, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, workspace: &WorkspaceId, path: &str) -> Seen {
        self.arm(Method::DELETE, workspace, path, None).await
    }

    /// Copies the model of the kind to production and registers it there.
    pub(crate) async fn bring_to_prod(&self, kind: &str, version: &str) -> Seen {
        let prod = Cloud::prod();
        let container = self.default_container().await;
        let folder = format!("copied/{kind}");
        for file in [
            "MLmodel",
            "code/diabetes_model.py",
            "data/coefficients.json",
        ] {
            let bytes = std::fs::read(example().join("models").join(kind).join(file)).unwrap();
            let path = format!("{folder}/{file}");
            self.cloud.blobs().put("stprod", &container, &path, bytes);
        }
        let uri = format!("azureml://datastores/workspaceblobstore/paths/{folder}");
        let body = json!({"properties": {"modelUri": uri, "modelType": "mlflow_model", "tags": {}, "properties": {}}});
        self.put(&prod, &format!("/models/diabetes/versions/{version}"), body)
            .await
    }

    async fn default_container(&self) -> String {
        let seen = self.get(&Cloud::prod(), "/datastores?isDefault=true").await;
        let name = seen.body["value"][0]["properties"]["containerName"].clone();
        name.as_str().unwrap().to_owned()
    }

    /// Starts to deploy a version at the seeded endpoint.
    pub(crate) async fn deploy(&self, name: &str, version: &str) -> Seen {
        let prod = Cloud::prod();
        let model = format!("{}/models/diabetes/versions/{version}", prod.arm_id());
        let body = json!({
            "location": "westeurope",
            "sku": {"name": "Default", "capacity": 1},
            "properties": {"endpointComputeType": "Managed", "model": model, "instanceType": "Standard_DS3_v2"},
        });
        let path = format!("/onlineEndpoints/diabetes/deployments/{name}");
        self.put(&prod, &path, body).await
    }

    /// Starts to change the traffic of the seeded endpoint.
    pub(crate) async fn shift(&self, traffic: Value) -> Seen {
        let body = json!({
            "location": "westeurope",
            "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": "Key", "traffic": traffic},
        });
        self.put(&Cloud::prod(), "/onlineEndpoints/diabetes", body)
            .await
    }

    /// Two deployments, all traffic on the champion.
    pub(crate) async fn with_challenger() -> Self {
        Self::new().await.plus_challenger().await
    }

    pub(crate) async fn plus_challenger(self) -> Self {
        let estate = self;
        assert_eq!(estate.bring_to_prod("challenger", "2").await.status, 201);
        assert_eq!(estate.deploy("challenger-v2", "2").await.status, 201);
        estate.pass(121);
        estate
    }

    pub(crate) async fn traffic(&self) -> Value {
        let seen = self.get(&Cloud::prod(), "/onlineEndpoints/diabetes").await;
        seen.body["properties"]["traffic"].clone()
    }
}
