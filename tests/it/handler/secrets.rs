//! A10: logs are lines of JSON with the invocation's id, and no level of them shows a secret.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Handler};
use crate::setting::{IDENTITY_SECRET, WEBHOOK_SECRET, event};

/// A candidate all the way to its card: identity, storage, ARM and the channel have been called.
pub(super) async fn until_the_card(handler: &Handler) {
    let registered = handler
        .cloud
        .register(cloud_sim::ModelKind::Challenger)
        .unwrap();
    let data = json!({"modelName": registered.model, "modelVersion": registered.version});
    let event = event("ModelRegistered", "models/diabetes:2", &data);
    let body = json!({"Data": {"event": event}}).to_string();
    assert_eq!(
        handler.invoke("ml_event", body).await.status,
        StatusCode::OK
    );
    let name = handler.blobs("journals", "diabetes-")[0].replace(".jsonl", "");
    let wake_up = json!({"Data": {"message": json!({"journal": name}).to_string()}}).to_string();
    assert_eq!(
        handler.invoke("advance", wake_up).await.status,
        StatusCode::OK
    );
    assert_eq!(handler.cloud.messages().len(), 1, "{:?}", handler.lines());
}

#[tokio::test]
async fn a10_no_level_of_the_log_shows_a_secret() {
    let handler = Handler::start_with(&[("RUST_LOG", "trace")]).await;
    until_the_card(&handler).await;
    Answer::to(handler.get("/api/board/?code=key-in-an-address")).await;
    let lines = handler.lines();
    assert!(lines.len() > 20, "{} lines", lines.len());
    for secret in [
        WEBHOOK_SECRET,
        IDENTITY_SECRET,
        "Bearer ey",
        "eyJ0eXAi",
        "key-in-an-address",
    ] {
        let shown = lines.iter().find(|line| line.contains(secret));
        assert_eq!(shown, None, "{secret}");
    }
}

#[tokio::test]
async fn a10_each_line_is_json_and_names_its_invocation() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    let lines = handler.lines();
    let parsed: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let of = |span: &str| {
        parsed
            .iter()
            .filter(|line| line["span"]["name"] == span)
            .count()
    };
    assert!(of("ml_event") > 0 && of("advance") > 0, "{lines:?}");
    // What libraries say of themselves is for whoever asks with RUST_LOG.
    for line in &parsed {
        let target = line["target"].as_str().unwrap();
        assert!(
            target.starts_with("liftlock") || target.starts_with("azure_api"),
            "{line}"
        );
    }
    let spans = parsed.iter().filter(|line| line["span"].is_object());
    for line in spans {
        assert_eq!(
            line["span"]["invocation"], "11111111-2222-4333-8444-555555555555",
            "{line}"
        );
    }
}
