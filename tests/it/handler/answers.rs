//! A1, A4, A5, A11, A12: it listens at once and on loopback only, and every answer is one that the host can read.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use cloud_sim::Fault;
use reqwest::StatusCode;
use serde_json::json;

use super::identity::{FORWARDED, token};
use super::{Answer, Handler};
use crate::setting::event;

const INVOCATIONS: [&str; 3] = ["ml_event", "advance", "sweep"];

#[tokio::test]
async fn a1_it_listens_on_127_0_0_1_and_nowhere_else() {
    let handler = Handler::start().await;
    assert_eq!(Answer::to(handler.get("/")).await.status, StatusCode::OK);
    // Every address of 127/8 is this machine: a listener on all interfaces would answer.
    let elsewhere = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), handler.port));
    let refused = TcpStream::connect_timeout(&elsewhere, Duration::from_secs(2));
    assert!(refused.is_err(), "{elsewhere} is listened on");
}

#[tokio::test]
async fn a1_it_is_ready_before_anything_else_is() {
    // No answer comes from any service: storage, identity, clock are black holes.
    let handler = Handler::start_with(&[
        ("LIFTLOCK_STORAGE_URL", "http://127.0.0.1:9/blob/stliftlock"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:9/token"),
    ])
    .await;
    assert_eq!(Answer::to(handler.get("/")).await.status, StatusCode::OK);
    let health = Answer::to(handler.get("/api/health")).await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(health.object()["status"], "unreachable");
}

#[tokio::test]
async fn a4_every_invocation_is_answered_by_a_json_object() {
    let handler = Handler::start().await;
    let bodies = [
        "",
        "null",
        "[]",
        "{",
        "\u{0}",
        "{}",
        r#"{"Data":{}}"#,
        r#"{"Data":null}"#,
        r#"{"Data":{"event":7,"message":7}}"#,
    ];
    for function in INVOCATIONS {
        for body in bodies {
            let answer = handler.invoke(function, body).await;
            answer.object();
            assert_eq!(
                answer.status,
                StatusCode::OK,
                "{function} {body:?}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn a5_only_what_may_come_right_is_asked_for_again() {
    let handler = Handler::start().await;
    handler.invoke("sweep", r#"{"Data":{"timer":{}}}"#).await;
    let down = Fault::Status {
        status: axum::http::StatusCode::SERVICE_UNAVAILABLE,
        code: "ServerBusy".to_owned(),
    };
    handler.cloud.faults().add("blob.*", down, 1000);
    let registered = event(
        "ModelRegistered",
        "models/diabetes:2",
        &json!({"modelName": "diabetes", "modelVersion": "2"}),
    );
    let body = json!({"Data": {"event": registered}, "Metadata": {}}).to_string();
    let answer = handler.invoke("ml_event", body.clone()).await;
    answer.object();
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    // A message would be in the dead-letter queue within seconds: the sweep brings it back instead.
    let wake_up = r#"{"Data":{"message":"{\"journal\":\"m-1.r-0123456789\"}"}}"#;
    assert_eq!(
        handler.invoke("advance", wake_up).await.status,
        StatusCode::OK
    );
    handler.cloud.faults().clear();
    assert_eq!(
        handler.invoke("ml_event", body).await.status,
        StatusCode::OK
    );
    assert_eq!(handler.blobs("state", "open/").len(), 1);
}

#[tokio::test]
async fn a11_a_slow_invocation_keeps_nobody_waiting() {
    let handler = Handler::start().await;
    let delay = Duration::from_secs(3);
    handler
        .cloud
        .faults()
        .add("blob.*", Fault::Delay { delay }, 1);
    let slow = handler.invoke("sweep", r#"{"Data":{"timer":{}}}"#);
    let quick = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let asked = Instant::now();
        Answer::to(handler.get("/")).await;
        asked.elapsed()
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(slow.status, StatusCode::OK);
    assert!(quick < delay / 2, "{quick:?}");
}

#[tokio::test]
async fn a12_an_unknown_path_is_not_found() {
    let handler = Handler::start().await;
    for path in [
        "/nothing",
        "/ml_event/more",
        "/api/nothing",
        "/api/v1/nothing",
        "/ML_EVENT",
    ] {
        let answer = Answer::to(handler.post(path).body("{}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn every_answer_says_what_it_is() {
    let handler = Handler::start().await;
    for (path, kind) in [
        ("/api/board/", "text/html; charset=utf-8"),
        ("/api/board/style.css", "text/css; charset=utf-8"),
        ("/api/board/refresh.js", "text/javascript; charset=utf-8"),
        ("/api/board/promotions/none", "text/html; charset=utf-8"),
        ("/api/approvals/none", "text/html; charset=utf-8"),
        ("/api/v1/promotions", "application/json"),
        ("/api/v1/promotions/none", "application/json"),
        ("/api/v1/events", "application/json"),
        ("/api/health", "application/json"),
    ] {
        let request = handler.get(path).header(FORWARDED, token(&handler.cloud));
        let answer = Answer::to(request).await;
        assert_eq!(answer.kind, kind, "{path}");
        assert!(
            !answer.text.is_empty() && !answer.status.is_redirection(),
            "{path}"
        );
    }
}
