//! `/runtime/webhooks/eventgrid`: the handshakes, and one invocation for each event of a delivery.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::join_all;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::form::field;
use crate::app::EventGridFunction;
use crate::clock::Clock;
use crate::invocation::{Envelope, InvocationFailure, Invoker, Metadata};

/// The webhook and the functions behind it.
#[derive(Debug)]
pub(crate) struct EventGridWebhook {
    pub(crate) functions: BTreeMap<String, EventGridFunction>,
    pub(crate) invoker: Invoker,
    pub(crate) clock: Clock,
    pub(crate) system_key: String,
}

/// An event of either schema, untouched; only its data is looked at.
#[derive(Debug)]
struct Event {
    whole: Box<RawValue>,
    data: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct EventData {
    data: Option<Box<RawValue>>,
}

impl EventGridWebhook {
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        let known_methods = [
            Method::GET,
            Method::PUT,
            Method::POST,
            Method::DELETE,
            Method::OPTIONS,
        ];
        if !known_methods.contains(request.method()) {
            return StatusCode::NOT_FOUND.into_response();
        }
        let query = request.uri().query().unwrap_or_default().as_bytes();
        if !self.is_authorized(request.headers(), query) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let name = field(query, "functionName").unwrap_or_default();
        match self
            .functions
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            Some((name, function)) => self.deliver(name, function, request).await,
            None => (
                StatusCode::NOT_FOUND,
                format!("cannot find function: '{name}'"),
            )
                .into_response(),
        }
    }

    /// The header wins over the query.
    fn is_authorized(&self, headers: &HeaderMap, query: &[u8]) -> bool {
        let key = match headers.get("x-functions-key") {
            Some(key) => key.to_str().ok().map(str::to_owned),
            None => field(query, "code"),
        };
        key.is_some_and(|key| key == self.system_key)
    }

    async fn deliver(
        &self,
        name: &str,
        function: &EventGridFunction,
        request: Request<Body>,
    ) -> Response {
        if request.method() == Method::OPTIONS {
            return [("Webhook-Allowed-Origin", "eventgrid.azure.net")].into_response();
        }
        let event_type = request
            .headers()
            .get("aeg-event-type")
            .and_then(|value| value.to_str().ok());
        let event_type = event_type.unwrap_or_default().to_ascii_lowercase();
        let Ok(body) = to_bytes(request.into_body(), usize::MAX).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        match event_type.as_str() {
            "subscriptionvalidation" => validate(&body),
            "notification" => self.notify(name, function, &body).await,
            "unsubscribe" => StatusCode::ACCEPTED.into_response(),
            _ => StatusCode::BAD_REQUEST.into_response(),
        }
    }

    /// All events at once; one failure makes Event Grid deliver all of them again.
    async fn notify(&self, name: &str, function: &EventGridFunction, body: &[u8]) -> Response {
        let events = match read_events(body) {
            Ok(events) => events,
            Err(error) => return failed(&error.to_string()),
        };
        let invocations = events
            .into_iter()
            .map(|event| self.invoke(name, function, &event));
        let outcomes = join_all(invocations).await;
        match outcomes.into_iter().find_map(Result::err) {
            None => StatusCode::ACCEPTED.into_response(),
            Some(failure) => failed(&failure.to_string()),
        }
    }

    /// The invocation goes on when Event Grid hangs up: the envelope's call knows no cancellation.
    fn invoke(
        &self,
        name: &str,
        function: &EventGridFunction,
        event: &Event,
    ) -> impl Future<Output = Result<(), InvocationFailure>> + use<> {
        let metadata = match &event.data {
            Some(data) if data.get().starts_with('{') => Metadata::default().object("data", data),
            data => {
                Metadata::default().value("data", data.as_ref().filter(|data| data.get() != "null"))
            }
        };
        let envelope = Envelope::new(
            &function.binding,
            &event.whole,
            metadata,
            name,
            self.clock.now(),
        );
        let (invoker, name) = (self.invoker.clone(), name.to_owned());
        let invocation = tokio::spawn(async move { invoker.invoke(&name, &envelope).await });
        async {
            invocation
                .await
                .unwrap_or_else(|error| Err(InvocationFailure::new(error.to_string())))
        }
    }
}

fn failed(message: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, message.to_owned()).into_response()
}

/// An array of objects or one object.
fn read_events(body: &[u8]) -> Result<Vec<Event>, serde_json::Error> {
    let events: Vec<Box<RawValue>> = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(body)?,
        _ => vec![serde_json::from_slice(body)?],
    };
    events.into_iter().map(read_event).collect()
}

fn read_event(whole: Box<RawValue>) -> Result<Event, serde_json::Error> {
    let EventData { data } = serde_json::from_str(whole.get())?;
    Ok(Event { whole, data })
}

/// The function is not invoked: the host answers for it.
fn validate(body: &[u8]) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = match &body {
        Value::Array(_) => body.pointer("/0/data/validationCode").cloned(),
        other => other.get("data").and_then(Value::as_str).and_then(|data| {
            serde_json::from_str::<Value>(data)
                .ok()
                .and_then(|data| data.get("validationCode").cloned())
        }),
    };
    match code {
        Some(code) => {
            let answer = json!({ "validationResponse": code }).to_string();
            ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}
