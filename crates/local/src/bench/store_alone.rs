//! What the simulated storage account and queue do by themselves with the writes of one event: who limits?

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use cloud_sim::Cloud;
use reqwest::{Client, RequestBuilder};
use std::collections::BTreeMap;

use crate::state::ACCOUNT;

/// The writes of an event that was taken before, to be repeated under other names.
pub(super) struct StoreAlone<'c> {
    http: &'c Client,
    base: String,
    blobs: String,
    bus: String,
    event: Bytes,
    record: Bytes,
    marker: BTreeMap<String, String>,
}

impl<'c> StoreAlone<'c> {
    /// Takes sizes and metadata from what the handler has written.
    pub(super) fn of(cloud: &Cloud, http: &'c Client) -> anyhow::Result<Self> {
        let store = cloud.blobs();
        let first = |container: &str, prefix: &str| {
            let blob = store.list(ACCOUNT, container, prefix).into_iter().next();
            let blob = blob.with_context(|| format!("nothing was written to {prefix}"))?;
            let bytes = store.get(ACCOUNT, container, &blob.name);
            anyhow::Ok((bytes.context("it has vanished")?, blob.metadata))
        };
        Ok(Self {
            http,
            base: cloud.url().to_owned(),
            blobs: cloud.identity().token("https://storage.azure.com").0,
            bus: cloud.identity().token("https://servicebus.azure.net").0,
            event: first("state", "events/")?.0,
            record: first("journals", "")?.0,
            marker: first("state", "open/")?.1,
        })
    }

    /// Event, journal, first record, marker, message.
    pub(super) async fn writes(&self, number: usize) -> anyhow::Result<()> {
        let journal = format!("journals/alone-{number}.jsonl");
        let event = self
            .blob(&format!("state/alone/{number}.json"), "BlockBlob")
            .header("If-None-Match", "*");
        done(event.body(self.event.clone())).await?;
        let create = self
            .blob(&journal, "AppendBlob")
            .header("If-None-Match", "*");
        done(create.header("Content-Length", "0")).await?;
        let append = self
            .blob(&format!("{journal}?comp=appendblock"), "AppendBlob")
            .header("x-ms-blob-condition-appendpos", "0");
        done(append.body(self.record.clone())).await?;
        let mut marker = self.blob(&format!("state/alone-open/{number}"), "BlockBlob");
        for (name, value) in &self.marker {
            marker = marker.header(format!("x-ms-meta-{name}"), value);
        }
        done(marker.header("Content-Length", "0")).await?;
        let message = self
            .http
            .post(format!("{}/servicebus/promotions/messages", self.base))
            .bearer_auth(&self.bus)
            .header(
                "BrokerProperties",
                format!(r#"{{"MessageId":"{number}","SessionId":"alone-{number}"}}"#),
            )
            .body(format!(r#"{{"journal":"alone-{number}"}}"#));
        done(message).await
    }

    fn blob(&self, path: &str, kind: &str) -> RequestBuilder {
        self.http
            .put(format!("{}/blob/{ACCOUNT}/{path}", self.base))
            .bearer_auth(&self.blobs)
            .header("x-ms-version", "2025-05-05")
            .header("x-ms-blob-type", kind)
    }
}

async fn done(request: RequestBuilder) -> anyhow::Result<()> {
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(
        status.is_success(),
        "the simulated store answers {status}: {text}"
    );
    Ok(())
}
