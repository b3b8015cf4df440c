//! The handler without a host: called as the host calls it, but only when the bench says so. Nothing that it wakes goes on.

use anyhow::{Context as _, ensure};
use cloud_sim::{Cloud, CloudOptions};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Memory;
use crate::App;
use crate::world::environment;

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A sweep may take a minute by itself.
const PATIENCE: Duration = Duration::from_secs(90);

/// The version whose event comes first of all.
pub(super) const WARM_UP: usize = 0;

/// A cloud whose time is real, and a handler. Dropping it ends both.
pub(super) struct Bare {
    pub(super) cloud: Cloud,
    pub(super) http: Client,
    process: Child,
    url: String,
    /// Before the first call.
    pub(super) at_start: Memory,
}

/// An answer that the host would take for a failure.
#[derive(Debug)]
pub(super) struct NotTaken(pub(super) StatusCode);

impl Bare {
    pub(super) async fn start(app: &App) -> anyhow::Result<Self> {
        let cloud = Cloud::start(CloudOptions::default()).await?;
        let http = Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut environment = environment(&cloud, port);
        // As on Azure: the machine's clock.
        environment.remove("LIFTLOCK_CLOCK_URL");
        let process = Command::new(app.folder().join("liftlock"))
            .current_dir(app.folder())
            .envs(environment)
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .context("the handler does not start")?;
        let at_start = Memory {
            now: 0.0,
            peak: 0.0,
        };
        let mut bare = Self {
            cloud,
            http,
            process,
            url: format!("http://127.0.0.1:{port}"),
            at_start,
        };
        bare.ready().await?;
        bare.at_start = bare.memory()?;
        // What happens once a process happens before anything is measured: tokens, containers.
        let warm_up = event("diabetes", WARM_UP);
        bare.call("ml_event", &warm_up)
            .await?
            .ok()
            .context("the first event was not taken")?;
        Ok(bare)
    }

    /// One invocation, in the host's envelope.
    pub(super) async fn call(
        &self,
        function: &str,
        data: &Value,
    ) -> anyhow::Result<Result<(), NotTaken>> {
        let answer = self
            .http
            .post(format!("{}/{function}", self.url))
            .json(&json!({ "Data": data, "Metadata": {} }))
            .send()
            .await?;
        let status = answer.status();
        answer.bytes().await?;
        Ok(if status == StatusCode::OK {
            Ok(())
        } else {
            Err(NotTaken(status))
        })
    }

    pub(super) fn memory(&self) -> anyhow::Result<Memory> {
        Memory::of(self.process.id())
    }

    /// How often what was called since `before`, but what the bench itself calls.
    pub(super) fn calls_since(&self, before: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let since = |(kind, times): (String, u64)| {
            let new = times - before.get(&kind).copied().unwrap_or_default();
            (new > 0).then_some((kind, new))
        };
        self.cloud.calls().into_iter().filter_map(since).collect()
    }

    async fn ready(&self) -> anyhow::Result<()> {
        let started = Instant::now();
        while self.http.get(&self.url).send().await.is_err() {
            ensure!(
                started.elapsed() < READY_WITHIN,
                "the handler did not answer within {} s",
                READY_WITHIN.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A registered version, as Event Grid says it.
pub(super) fn event(model: &str, version: usize) -> Value {
    json!({ "event": {
        "id": format!("{model}-{version}"),
        "topic": Cloud::dev().arm_id(),
        "subject": format!("models/{model}:{version}"),
        "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
        "eventTime": "2026-11-23T07:00:00.123456Z",
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": { "modelName": model, "modelVersion": version.to_string() },
    } })
}
