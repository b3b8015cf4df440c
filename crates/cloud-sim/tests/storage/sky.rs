//! A cloud and a client for it.

use cloud_sim::{Cloud, CloudOptions};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// A running cloud whose time stands still until a test moves it.
pub(crate) struct Sky {
    pub(crate) cloud: Cloud,
    pub(crate) http: Client,
}

/// What a test looks at: status, error code, body.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Sky {
    pub(crate) async fn new() -> Self {
        let start = "2026-11-23T07:00:00Z".parse().unwrap();
        let options = CloudOptions {
            clock_start: Some(start),
            clock_rate: 0.0,
            ..CloudOptions::default()
        };
        let cloud = Cloud::start(options).await.unwrap();
        let http = Client::builder().no_proxy().build().unwrap();
        let sky = Self { cloud, http };
        assert_eq!(sky.put_container("stdev/models").await, StatusCode::CREATED);
        sky
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.cloud.url())
    }

    pub(crate) fn token(&self, audience: &str) -> String {
        self.cloud.identity().token(audience).0
    }

    /// A request to the blob plane with a good token.
    pub(crate) fn blob(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, self.url(&format!("/blob/{path}")));
        request
            .bearer_auth(self.token("https://storage.azure.com"))
            .header("x-ms-version", "2025-11-05")
    }

    pub(crate) fn put(&self, path: &str, body: &'static str) -> RequestBuilder {
        self.blob(Method::PUT, path)
            .header("x-ms-blob-type", "BlockBlob")
            .body(body)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.blob(Method::GET, path)
    }

    pub(crate) async fn put_container(&self, path: &str) -> StatusCode {
        self.blob(Method::PUT, &format!("{path}?restype=container"))
            .send()
            .await
            .unwrap()
            .status()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.http
            .post(self.url(path))
            .json(&body)
            .send()
            .await
            .unwrap()
    }
}

/// Sends and reads the answer.
pub(crate) async fn see(request: RequestBuilder) -> Seen {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let code = headers
        .get("x-ms-error-code")
        .map_or("", |code| code.to_str().unwrap())
        .to_owned();
    Seen {
        status,
        code,
        headers,
        body: answer.text().await.unwrap(),
    }
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status and error code in one, for tables.
    pub(crate) fn outcome(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.code)
            .trim_end()
            .to_owned()
    }
}
