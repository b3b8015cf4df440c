//! The call itself: queue until ready, post, follow redirects, judge, enforce the function's time-out.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http::response::Parts;
use http::{Method, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::Instant;

use super::answer::{Answer, judge};
use super::envelope::Envelope;
use super::request::enveloped;
use crate::http_client::{self, SendError};
use crate::ids;
use crate::log::{Level, LogSink};
use crate::worker::{NotReady, Worker};

/// .NET's `MaxAutomaticRedirections`.
const MAX_REDIRECTS: usize = 50;

/// Calls functions of one app.
#[derive(Debug, Clone)]
pub(crate) struct Invoker {
    worker: Arc<Worker>,
    function_timeout: Option<Duration>,
    log: LogSink,
}

/// Why an invocation failed, as the real host's exception would say.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationFailure {
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The connection to the handler failed or broke.
    #[error(transparent)]
    Broken(#[from] SendError),
    #[error("Timeout value of {limit:?} exceeded by function 'Functions.{function}'.")]
    TimedOut { limit: Duration, function: String },
    /// The answer fails the function.
    #[error("{0}")]
    Failed(String),
}

impl InvocationFailure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

impl Invoker {
    pub(crate) fn new(
        worker: Arc<Worker>,
        function_timeout: Option<Duration>,
        log: LogSink,
    ) -> Self {
        Self {
            worker,
            function_timeout,
            log,
        }
    }

    pub(crate) fn worker(&self) -> &Arc<Worker> {
        &self.worker
    }

    pub(crate) fn function_timeout(&self) -> Option<Duration> {
        self.function_timeout
    }

    pub(crate) fn log(&self) -> &LogSink {
        &self.log
    }

    /// One attempt, with an id of its own. Not cancelled when whoever caused it goes away.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        envelope: &Envelope,
    ) -> Result<(), InvocationFailure> {
        let invocation_id = ids::guid();
        let started = Instant::now();
        self.log.host(
            Level::Information,
            format!("Executing 'Functions.{function}' (Id={invocation_id})"),
        );
        let outcome = self.attempt(function, envelope, &invocation_id).await;
        let took = started.elapsed().as_millis();
        match &outcome {
            Ok(lines) => {
                let category = format!("Function.{function}.User");
                for line in lines {
                    self.log.line(Level::Information, &category, line.as_str());
                }
                let news = format!(
                    "Executed 'Functions.{function}' (Succeeded, Id={invocation_id}, Duration={took}ms)"
                );
                self.log.host(Level::Information, news);
            }
            Err(failure) => {
                let news = format!(
                    "Executed 'Functions.{function}' (Failed, Id={invocation_id}, Duration={took}ms): {failure}"
                );
                self.log.host(Level::Error, news);
            }
        }
        outcome.map(|_| ())
    }

    async fn attempt(
        &self,
        function: &str,
        envelope: &Envelope,
        invocation_id: &str,
    ) -> Result<Vec<String>, InvocationFailure> {
        let generation = self.worker.ready().await?;
        let limit = self.function_timeout.unwrap_or(Duration::MAX);
        let call = self.call(function, envelope, invocation_id);
        let outcome = tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            self.worker.function_timed_out(generation);
            Err(InvocationFailure::TimedOut {
                limit,
                function: function.to_owned(),
            })
        });
        if let Err(InvocationFailure::Broken(_) | InvocationFailure::TimedOut { .. }) = &outcome {
            self.worker.end_noticed(generation).await;
        }
        outcome
    }

    async fn call(
        &self,
        function: &str,
        envelope: &Envelope,
        invocation_id: &str,
    ) -> Result<Vec<String>, InvocationFailure> {
        let body = serde_json::to_vec(envelope)
            .map_err(|error| InvocationFailure::new(error.to_string()))?;
        let (head, body) = self
            .exchange(&format!("/{function}"), &body.into(), invocation_id)
            .await?;
        match judge(&head, &body)? {
            Answer::Succeeded(lines) => Ok(lines),
            Answer::Hangs => std::future::pending().await,
        }
    }

    /// Redirects are followed as .NET follows them: 301, 302 and 303 turn into a GET, 307 and 308 repeat the POST.
    async fn exchange(
        &self,
        path: &str,
        body: &Bytes,
        invocation_id: &str,
    ) -> Result<(Parts, Bytes), InvocationFailure> {
        let port = self.worker.port();
        let (mut method, mut path) = (Method::POST, path.to_owned());
        for _ in 0..=MAX_REDIRECTS {
            let request = enveloped(port, &path, invocation_id, &method, body)
                .ok_or_else(|| InvocationFailure::new(format!("{path} is no path of a request")))?;
            let (head, body) = http_client::send(port, request).await?.into_parts();
            let body = body.collect().await.map_err(SendError::Http)?.to_bytes();
            let Some((next_method, next_path)) = redirect(&head, &method, port) else {
                return Ok((head, body));
            };
            (method, path) = (next_method, next_path);
        }
        Err(InvocationFailure::new("too many redirects"))
    }
}

/// Where a redirect leads, when it stays at the handler.
fn redirect(head: &Parts, method: &Method, port: u16) -> Option<(Method, String)> {
    let method = match head.status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => Method::GET,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => method.clone(),
        _ => return None,
    };
    let location = head.headers.get(header::LOCATION)?.to_str().ok()?;
    let path = location
        .strip_prefix(&format!("http://127.0.0.1:{port}"))
        .unwrap_or(location);
    path.starts_with('/').then(|| (method, path.to_owned()))
}
