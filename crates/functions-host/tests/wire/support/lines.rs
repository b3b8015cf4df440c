//! Everything that handler and host logged, and the calls that the probe handler told of.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use functions_host::{LogLine, LogSink};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Notify;

#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    lines: Mutex<Vec<LogLine>>,
    taken: Mutex<usize>,
    arrived: Notify,
}

/// What the handler was called with.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Call {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Names in the order of the wire.
    pub(crate) fn header_names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl Lines {
    pub(crate) fn sink(&self) -> LogSink {
        let shared = Arc::clone(&self.0);
        LogSink::new(move |line| {
            shared.lines.lock().unwrap().push(line);
            shared.arrived.notify_waiters();
        })
    }

    pub(crate) fn all(&self) -> Vec<LogLine> {
        self.0.lines.lock().unwrap().clone()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.all()
            .iter()
            .filter_map(|line| serde_json::from_str(line.text.strip_prefix("call ")?).ok())
            .collect()
    }

    pub(crate) async fn next_call(&self) -> Call {
        let index = {
            let mut taken = self.0.taken.lock().unwrap();
            *taken += 1;
            *taken - 1
        };
        self.wait_for(|lines| lines.calls().get(index).cloned())
            .await
    }

    pub(crate) async fn line(&self, part: &str) -> LogLine {
        self.wait_for(|lines| {
            lines
                .all()
                .into_iter()
                .find(|line| line.text.contains(part))
        })
        .await
    }

    async fn wait_for<T>(&self, find: impl Fn(&Self) -> Option<T>) -> T {
        let found = async {
            loop {
                let arrived = self.0.arrived.notified();
                if let Some(found) = find(self) {
                    return found;
                }
                let _ = tokio::time::timeout(Duration::from_millis(50), arrived).await;
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(5), found).await;
        found.unwrap_or_else(|_| panic!("not logged; the log is {:#?}", self.all()))
    }
}
