//! A8, A9, A14: it may be killed at any instruction, comes back on the same port, and lost nothing that it acknowledged.

use reqwest::StatusCode;
use serde_json::json;

use super::identity::{FORWARDED, token};
use super::{Answer, Handler};
use crate::setting::event;

#[tokio::test]
async fn a8_what_was_acknowledged_outlives_a_kill() {
    let handler = Handler::start().await;
    let registered = event(
        "ModelRegistered",
        "models/diabetes:2",
        &json!({"modelName": "diabetes", "modelVersion": "2"}),
    );
    let body = json!({"Data": {"event": registered}}).to_string();
    assert_eq!(
        handler.invoke("ml_event", body).await.status,
        StatusCode::OK
    );
    let (cloud, port) = handler.kill();
    let next = Handler::start_in(cloud, port, &[]).await;
    let listed = Answer::to(
        next.get("/api/v1/promotions")
            .header(FORWARDED, token(&next.cloud)),
    )
    .await
    .object();
    assert_eq!(listed["value"][0]["version"], "2");
    assert_eq!(listed["value"][0]["stage"], "proposed");
}

#[tokio::test]
async fn a14_the_same_port_is_listened_on_again_at_once() {
    let mut handler = Handler::start().await;
    for _ in 0..3 {
        // An open connection is what keeps a port busy.
        Answer::to(handler.get("/")).await;
        let (cloud, port) = handler.kill();
        handler = Handler::start_in(cloud, port, &[]).await;
        assert_eq!(handler.port, port);
    }
}

#[tokio::test]
async fn a9_a_request_that_is_too_large_or_nonsense_ends_nothing() {
    let handler = Handler::start().await;
    let pid = handler.pid();
    // The largest event of Event Grid, as a text of a text.
    let large = json!({"Data": {"event": "\\".repeat(1024 * 1024)}}).to_string();
    assert_eq!(
        handler.invoke("ml_event", large).await.status,
        StatusCode::OK
    );
    let long = "x".repeat(70 * 1024);
    let answer = Answer::to(handler.post("/api/v1/promotions").body(long)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let odd = format!("/api/approvals/{}", "%00~1~".repeat(500));
    assert_eq!(
        Answer::to(handler.get(&odd)).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(Answer::to(handler.get("/")).await.status, StatusCode::OK);
    assert_eq!(handler.pid(), pid);
}
