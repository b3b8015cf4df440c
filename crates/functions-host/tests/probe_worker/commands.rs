//! What an enveloped call can ask for, in the `do` of its event's data or its message.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};
use serde_json::Value;

/// Without a command the call succeeds and logs a line.
pub(crate) async fn obey(envelope: &str) -> Response {
    let envelope: Value = serde_json::from_str(envelope).unwrap_or_default();
    let command = command(&envelope).unwrap_or_default();
    let (verb, argument) = command.split_once(' ').unwrap_or((command.as_str(), ""));
    match verb {
        "fail" => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::CONTENT_TYPE, "application/json")],
            "{}",
        )
            .into_response(),
        "fail-until-delivery" if delivery_count(&envelope) < number(argument) => {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        "empty-until-delivery" if delivery_count(&envelope) < number(argument) => json_answer(""),
        "text" => (StatusCode::OK, "not json").into_response(),
        "broken" => json_answer("{"),
        "empty" => json_answer(""),
        "redirect" => (StatusCode::FOUND, [(header::LOCATION, "/redirected")]).into_response(),
        "exit" => std::process::exit(i32::try_from(number(argument)).expect("an exit code")),
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(number(argument))).await;
            json_answer("{}")
        }
        _ => json_answer(r#"{"Outputs":{},"Logs":["done"],"ReturnValue":null}"#),
    }
}

fn json_answer(body: &'static str) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .expect("a fixed answer")
}

fn command(envelope: &Value) -> Option<String> {
    let data = envelope.get("Data")?.as_object()?.values().next()?;
    let asked = match data {
        Value::String(base64) => {
            serde_json::from_slice::<Value>(&STANDARD.decode(base64).ok()?).ok()?
        }
        event => event.get("data")?.clone(),
    };
    Some(asked.get("do")?.as_str()?.to_owned())
}

fn delivery_count(envelope: &Value) -> u64 {
    envelope
        .pointer("/Metadata/DeliveryCount")
        .and_then(Value::as_str)
        .map_or(0, number)
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}
