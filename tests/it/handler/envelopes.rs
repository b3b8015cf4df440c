//! A2, A3, A6, A13: what comes in is read in every form that the host has for it, and only the data counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Handler};
use crate::setting::event;

fn registered(version: &str) -> Value {
    let data = json!({"modelName": "diabetes", "modelVersion": version});
    event(
        "ModelRegistered",
        &format!("models/diabetes:{version}"),
        &data,
    )
}

async fn deliver(handler: &Handler, envelope: &Value) {
    let answer = handler.invoke("ml_event", envelope.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a2_an_event_is_an_object_a_text_or_a_text_of_a_text() {
    let handler = Handler::start().await;
    let text = |value: &Value| Value::String(value.to_string());
    let forms = [
        registered("2"),
        text(&registered("3")),
        text(&text(&registered("4"))),
    ];
    for (number, form) in forms.iter().enumerate() {
        deliver(
            &handler,
            &json!({"Data": {"event": form}, "Metadata": {"data": {}}, "Other": 1}),
        )
        .await;
        assert_eq!(handler.blobs("journals", "diabetes-").len(), number + 1);
    }
}

#[tokio::test]
async fn a2_a_message_is_base64_or_text() {
    let handler = Handler::start().await;
    let name = {
        deliver(&handler, &json!({"Data": {"event": registered("2")}})).await;
        handler.blobs("journals", "")[0].replace(".jsonl", "")
    };
    let message = json!({ "journal": name }).to_string();
    let length = || handler.cloud.blobs().list("stliftlock", "journals", "")[0].size;
    let before = length();
    for form in [
        json!(STANDARD.encode(&message)),
        json!(message),
        json!(Value::String(message.clone()).to_string()),
    ] {
        let body = json!({"Data": {"message": form}, "Metadata": {}}).to_string();
        assert_eq!(handler.invoke("advance", body).await.status, StatusCode::OK);
    }
    assert!(length() > before, "nobody was woken");
}

#[tokio::test]
async fn a3_what_a_body_wrote_into_the_metadata_is_not_believed() {
    let handler = Handler::start().await;
    let poisoned = json!({"event": registered("9"), "data": registered("9"), "MessageId": "m", "SessionId": "s"});
    deliver(
        &handler,
        &json!({"Data": {"event": registered("2")}, "Metadata": poisoned}),
    )
    .await;
    let journals = handler.blobs("journals", "");
    assert!(
        journals.len() == 1 && journals[0].starts_with("diabetes-2."),
        "{journals:?}"
    );
}

#[tokio::test]
async fn a6_an_event_costs_one_write_each_and_a_duplicate_two_reads() {
    let handler = Handler::start().await;
    // Tokens and containers are there from here on.
    deliver(&handler, &json!({"Data": {"event": registered("1")}})).await;
    let envelope = json!({"Data": {"event": registered("2")}});
    // The event, the journal and the marker are put, the first record is appended.
    let once = ["blob.append=1", "blob.put=3", "servicebus.send=1"];
    assert_eq!(calls_of(&handler, &envelope).await, once);
    // The event is there, the journal is read, marker and message are repeated; the marker is looked at before, for somebody
    // may have announced a record in it.
    let again = [
        "blob.get=1",
        "blob.head=1",
        "blob.put=2",
        "servicebus.send=1",
    ];
    assert_eq!(calls_of(&handler, &envelope).await, again);
}

/// What one delivery calls, as `operation=times`.
async fn calls_of(handler: &Handler, envelope: &Value) -> Vec<String> {
    let before = handler.cloud.calls();
    deliver(handler, envelope).await;
    let calls = handler
        .cloud
        .calls()
        .into_iter()
        .filter_map(|(name, count)| {
            let more = count - before.get(&name).copied().unwrap_or(0);
            (more > 0).then(|| format!("{name}={more}"))
        });
    calls.collect()
}

#[tokio::test]
async fn a13_it_works_with_a_trace_parent_and_without() {
    let handler = Handler::start().await;
    for parent in [
        None,
        Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        Some("nonsense"),
    ] {
        let mut request = handler
            .post("/sweep")
            .header("content-type", "application/json")
            .body(r#"{"Data":{"timer":{}}}"#);
        if let Some(parent) = parent {
            request = request.header("traceparent", parent);
        }
        assert_eq!(
            Answer::to(request).await.status,
            StatusCode::OK,
            "{parent:?}"
        );
    }
}
