//! An app folder around the probe handler, and the host that runs it.

use std::fs;
use std::ops::Deref;

use functions_host::{Host, HostError, HostOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{self, Answer};
use super::lines::{Call, Lines};

/// An app folder in the making.
pub(crate) struct TestApp {
    folder: TempDir,
    pub(crate) host_json: Value,
    pub(crate) options: HostOptions,
    lines: Lines,
}

/// A running host and what it logged.
pub(crate) struct Running {
    pub(crate) host: Host,
    pub(crate) lines: Lines,
    pub(crate) folder: TempDir,
}

impl Deref for Running {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

impl TestApp {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lines = Lines::default();
        let mut options = HostOptions::new(folder.path());
        options.log = lines.sink();
        "system-key".clone_into(&mut options.system_key);
        let host_json = json!({
            "version": "2.0",
            "functionTimeout": "00:05:00",
            "customHandler": {
                "description": { "defaultExecutablePath": env!("CARGO_BIN_EXE_probe-worker") },
                "enableProxyingHttpRequest": true,
            },
            "extensions": { "serviceBus": { "sessionIdleTimeout": "00:00:00.2" } },
        });
        Self {
            folder,
            host_json,
            options,
            lines,
        }
    }

    pub(crate) fn function(self, name: &str, bindings: &Value) -> Self {
        let folder = self.folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(
            folder.join("function.json"),
            json!({ "bindings": bindings }).to_string(),
        )
        .unwrap();
        self
    }

    pub(crate) fn http(self, name: &str, route: &str, methods: &[&str]) -> Self {
        let trigger = json!({ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous",
            "route": route, "methods": methods });
        self.function(
            name,
            &json!([trigger, { "type": "http", "direction": "out", "name": "res" }]),
        )
    }

    pub(crate) fn event_grid(self) -> Self {
        self.function(
            "on_event",
            &json!([{ "type": "eventGridTrigger", "direction": "in", "name": "event" }]),
        )
    }

    pub(crate) fn queue(self) -> Self {
        self.function(
            "drain",
            &json!([{ "type": "serviceBusTrigger", "direction": "in", "name": "msg", "queueName": "%QUEUE%",
                "connection": "ServiceBus", "isSessionsEnabled": true, "dataType": "binary" }]),
        )
        .env("QUEUE", "promotions")
        .env("ServiceBus__fullyQualifiedNamespace", "ns.servicebus.windows.net")
    }

    pub(crate) fn timer(self, schedule: &str) -> Self {
        let trigger = json!({ "type": "timerTrigger", "direction": "in", "name": "timer", "schedule": schedule });
        self.function("nightly", &json!([trigger]))
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.options.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut HostOptions)) -> Self {
        change(&mut self.options);
        self
    }

    pub(crate) fn host_json(mut self, pointer: &str, value: Value) -> Self {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        self.host_json.pointer_mut(parent).unwrap()[key] = value;
        self
    }

    pub(crate) async fn start(self) -> Running {
        let (lines, result) = (self.lines.clone(), self.try_start().await);
        let (host, folder) = result.unwrap();
        Running {
            host,
            lines,
            folder,
        }
    }

    pub(crate) async fn try_start(self) -> Result<(Host, TempDir), HostError> {
        let path = self.folder.path().join("host.json");
        fs::write(path, self.host_json.to_string()).unwrap();
        Ok((Host::start(self.options).await?, self.folder))
    }

    pub(crate) async fn refusal(self) -> String {
        self.try_start()
            .await
            .map(|_| "it started")
            .unwrap_err()
            .to_string()
    }
}

impl Running {
    pub(crate) fn port(&self) -> u16 {
        self.url().port().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        client::send(self.port(), method, path, headers, body).await
    }

    /// A delivery of Event Grid.
    pub(crate) async fn deliver(&self, body: &Value) -> Answer {
        let path = "/runtime/webhooks/eventgrid?functionName=on_event&code=system-key";
        self.send(
            "POST",
            path,
            &[("aeg-event-type", "Notification")],
            &body.to_string(),
        )
        .await
    }

    /// Delivers an event whose data asks the handler for something.
    pub(crate) async fn deliver_command(&self, command: &str) -> Answer {
        self.deliver(&json!([{ "id": "1", "data": { "do": command } }]))
            .await
    }

    /// The handler's next call that was not taken yet.
    pub(crate) async fn call(&self) -> Call {
        self.lines.next_call().await
    }
}
