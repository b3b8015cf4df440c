//! The rules of every call: what is repeated, how long it lasts, what an error tells.

use std::{sync::Arc, time::Duration};

use super::server::{Counting, Says, Server, TOKEN, workspace};
use crate::{Error, Identity, Settings, Url, ml::NewModelVersion};

fn model() -> NewModelVersion {
    NewModelVersion {
        model_uri: "azureml://datastores/a/paths/b".into(),
        model_type: "mlflow_model".into(),
        job_name: None,
        description: None,
        tags: [].into(),
        properties: [].into(),
        flavors: None,
    }
}

#[tokio::test]
async fn an_error_names_operation_status_code_message_and_request() {
    let says = Says::new(
        403,
        r#"{"error":{"code":"AuthorizationFailed","message":"no role"}}"#,
    )
    .header("x-ms-request-id", "id-7");
    let server = Server::saying([says]).await;
    let error = server
        .azure()
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Denied(_)));
    assert_eq!(
        error.to_string(),
        "jobs.get: 403 AuthorizationFailed no role (request id-7)"
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_read_is_tried_three_times_a_write_once() {
    let server = Server::saying([Says::new(503, "")]).await;
    let ml = server.azure().machine_learning();
    assert!(matches!(
        ml.job(&workspace(), "run").await,
        Err(Error::Unavailable(_))
    ));
    assert_eq!(server.asked().len(), 3);
    let put = ml.put_model_version(&workspace(), "m", "1", &model()).await;
    assert!(matches!(put, Err(Error::Unavailable(_))));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_read_that_recovers_succeeds() {
    let good = Says::new(
        200,
        r#"{"name":"run","properties":{"jobType":"Command","status":"Completed"}}"#,
    );
    let throttled = Says::new(429, "").header("x-ms-retry-after-ms", "1");
    let server = Server::saying([throttled, good]).await;
    let job = server
        .azure()
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(job.status, "Completed");
}

#[tokio::test]
async fn who_is_asked_to_wait_long_comes_back_by_himself() {
    let server = Server::saying([Says::new(429, "").header("retry-after", "60")]).await;
    let error = server
        .azure()
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Throttled(_)) && error.is_transient());
    assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_deadline_covers_all_tries() {
    let server = Server::saying([Says::new(503, "").after(Duration::from_millis(120))]).await;
    let ml = server
        .azure()
        .within(Duration::from_millis(150))
        .machine_learning();
    let error = ml.job(&workspace(), "run").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                operation: "jobs.get",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn nobody_there_is_a_transport_error_without_the_url() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let azure = Server::start().await.azure();
    let account = Url::parse(&format!("http://127.0.0.1:{port}/stdev?sv=1&sig=c2VjcmV0")).unwrap();
    let error = azure
        .blobs(account)
        .container("c")
        .blob("b")
        .delete(None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert!(!format!("{error:?}").contains("sig"), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::saying([Says::new(200, "{}")]).await;
    let server =
        Server::saying([Says::new(307, "").header("location", elsewhere.url.as_str())]).await;
    let error = server
        .azure()
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn no_token_goes_over_open_http() {
    let azure = crate::Azure::new(Settings {
        arm_url: Url::parse("http://10.255.255.1/").unwrap(),
        identity: Identity::Credential(Arc::new(Counting::default())),
        deadline: Duration::from_secs(5),
        transport: crate::Transport::Http,
    });
    let arm = azure
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap_err();
    let blobs = azure.blobs(Url::parse("http://10.255.255.1/stdev").unwrap());
    let blob = blobs.container("c").blob("b").head().await.unwrap_err();
    assert!(matches!(arm, Error::Refused { .. }), "{arm}");
    assert!(matches!(blob, Error::Refused { .. }), "{blob}");
}

#[tokio::test]
async fn nothing_prints_the_token() {
    let server = Server::saying([Says::new(401, format!("bad token Bearer {TOKEN}"))]).await;
    let azure = server.azure();
    let error = azure
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap_err();
    assert_eq!(
        server.asked()[0].header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    let printed = format!("{error} {error:?} {azure:?}");
    assert!(!printed.contains(TOKEN), "{printed}");
}

/// Callers run inside servers that move futures between threads.
#[test]
fn calls_can_move_between_threads() {
    fn movable<T: Send>(value: T) -> T {
        value
    }
    let azure = crate::Azure::new(Settings::public_cloud());
    let (ml, id) = (azure.machine_learning(), workspace());
    let blob = azure
        .blobs(Url::parse("https://a.blob.core.windows.net").unwrap())
        .container("c")
        .blob("b");
    let metadata = crate::blob::Metadata::new();
    drop(movable(ml.job(&id, "run")));
    drop(movable(ml.deployments(&id, "e")));
    drop(movable(blob.get(None, 1)));
    drop(movable(blob.create_append(&metadata)));
    let etag = crate::blob::ETag::new("1");
    let job = crate::copy::CopyJob {
        source: &blob,
        source_etag: &etag,
        size: 1,
        auth: crate::copy::SourceAuth::Bearer,
        destination: &blob,
        metadata: &metadata,
        block_bytes: 1,
    };
    drop(movable(crate::copy::copy_file(&job, Duration::ZERO)));
}
