//! No secret is logged, at any level, by us or by what we are built on.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use serde_json::json;

use super::server::{Says, Server, TOKEN, workspace};
use crate::{
    Azure, TeamsWebhook, Url,
    blob::{Condition, ETag, Metadata},
    copy::{CopyJob, SourceAuth, copy_file},
};

const SECRET: &str = "c2VjcmV0LXNpZ25hdHVyZQ";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_level_shows_a_secret() {
    let server = Server::saying([Says::new(403, format!("sig={SECRET}"))]).await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The runtime has one thread, so this hears the tasks of the HTTP client too.
    let guard = tracing::subscriber::set_default(subscriber);
    use_everything(&server).await;
    drop(guard);
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.lines().count() > 20, "the libraries log: {text}");
    for secret in [SECRET, TOKEN] {
        let shown: Vec<_> = text.lines().filter(|line| line.contains(secret)).collect();
        assert!(shown.is_empty(), "{shown:#?}");
    }
}

async fn use_everything(server: &Server) {
    let azure = server.azure();
    azure
        .machine_learning()
        .job(&workspace(), "run")
        .await
        .unwrap_err();
    let webhook = TeamsWebhook::parse(&format!("{}hook?sig={SECRET}", server.url)).unwrap();
    azure.webhook(webhook).post(&json!({})).await.unwrap_err();
    copy(&azure, server).await;
}

/// With a SAS at both ends: in the request's URL and in the header that names the source.
async fn copy(azure: &Azure, server: &Server) {
    let account =
        |name: &str| Url::parse(&format!("{}{name}?sv=1&sig={SECRET}", server.url)).unwrap();
    let source = azure.blobs(account("stdev")).container("c").blob("b");
    let destination = azure.blobs(account("stprod")).container("c").blob("b");
    let (etag, metadata) = (ETag::new("1"), Metadata::new());
    source
        .put(Bytes::new(), Condition::None, &metadata)
        .await
        .unwrap_err();
    let job = CopyJob {
        source: &source,
        source_etag: &etag,
        size: 1,
        auth: SourceAuth::Bearer,
        destination: &destination,
        metadata: &metadata,
        block_bytes: 1,
    };
    let absent = || Says::new(404, "").header("x-ms-error-code", "BlobNotFound");
    server.then(absent());
    source.head().await.unwrap_err();
    server.then(absent());
    server.then(Says::new(403, format!("sig={SECRET}")));
    copy_file(&job, Duration::ZERO).await.unwrap_err();
    assert!(
        server
            .asked()
            .iter()
            .any(|asked| asked.header("x-ms-copy-source").is_some())
    );
}
