//! HTTP functions: routes, and the proxy that streams.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::BodyExt;
use serde_json::json;

use crate::support::{TestApp, open};

#[tokio::test]
async fn e16_unknown_route_or_method_is_404() {
    let app = TestApp::new()
        .http("approval", "approvals/{id}", &["get", "post"])
        .http("board", "board/{*path}", &[]);
    let host = app.start().await;
    for (method, path, status) in [
        ("GET", "/api/approvals/7", 200),
        ("POST", "/api/Approvals/7", 200),
        ("DELETE", "/api/approvals/7", 404),
        ("GET", "/api/approvals", 404),
        ("GET", "/approvals/7", 404),
        ("DELETE", "/api/board/a/b", 200),
        ("GET", "/api/board", 200),
        ("GET", "/", 404),
        ("GET", "/approval", 404),
    ] {
        assert_eq!(
            host.send(method, path, &[], "").await.status,
            status,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn e17_the_prefix_stays_in_a_proxied_path() {
    let app = TestApp::new().http("echo", "echo/{*path}", &[]);
    let host = app.start().await;
    let answer = host
        .send(
            "PUT",
            "/api/echo/a%20b?x=1&x=2",
            &[("x-mine", "1")],
            "the body",
        )
        .await;
    let seen = answer.json();
    assert_eq!(seen["method"], "PUT");
    assert_eq!(seen["path"], "/api/echo/a%20b?x=1&x=2");
    assert_eq!(seen["body"], "the body");
    assert_eq!(seen["headers"]["x-mine"], "1");
}

#[tokio::test]
async fn e17_an_empty_prefix_leaves_functions_at_the_root() {
    let app = TestApp::new()
        .http("echo", "api/echo", &[])
        .host_json("/extensions/http", json!({ "routePrefix": "" }));
    assert_eq!(app.start().await.get("/api/echo").await.status, 200);
}

#[tokio::test]
async fn e18_http_is_proxied_and_events_are_enveloped_in_one_app() {
    let host = TestApp::new()
        .http("echo", "echo", &[])
        .event_grid()
        .start()
        .await;
    let ids = [
        ("x-azure-functions-invocationid", "forged"),
        ("user-agent", "curl"),
        ("x-ms-invocation-id", "forged"),
    ];
    let seen = host.send("GET", "/api/echo", &ids, "").await.json();
    let header = |name: &str| {
        seen["headers"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(header("x-azure-functions-invocationid").len(), 36);
    assert_eq!(
        header("x-ms-invocation-id"),
        header("x-azure-functions-invocationid")
    );
    assert!(header("x-azure-functions-hostversion").starts_with("4."));
    assert_eq!(header("user-agent"), "curl");
    assert_eq!(header("host"), format!("127.0.0.1:{}", host.port()));

    host.deliver(&json!([{ "id": "1" }])).await;
    assert_eq!(host.call().await.path, "/on_event");
}

#[tokio::test]
async fn e18_a_proxied_answer_streams_and_its_status_is_passed_on() {
    let host = TestApp::new().http("any", "{*path}", &[]).start().await;
    let moved = host.get("/api/moved").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (302, "/elsewhere")
    );

    let mut stream = open(host.port(), "GET", "/api/stream", &[], "")
        .await
        .into_body();
    for expected in ["line 0\n", "line 1\n"] {
        let frame = tokio::time::timeout(Duration::from_secs(2), stream.frame())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(
            frame.into_data().unwrap(),
            Bytes::from_static(expected.as_bytes())
        );
    }
}

#[tokio::test]
async fn e33_a_body_over_the_limit_is_413() {
    let app = TestApp::new()
        .http("echo", "echo", &[])
        .env("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "10");
    let host = app.start().await;
    for (body, status) in [("0123456789", 200), ("0123456789a", 413)] {
        assert_eq!(
            host.send("POST", "/api/echo", &[], body).await.status,
            status
        );
        let chunked = [("transfer-encoding", "chunked")];
        assert_eq!(
            host.send("POST", "/api/echo", &chunked, body).await.status,
            status,
            "chunked"
        );
    }
}

#[tokio::test]
async fn e22_a_stream_beyond_the_functions_time_out_costs_the_handler() {
    let app = TestApp::new().http("any", "{*path}", &[]);
    let host = app
        .with(|options| options.function_timeout = Some(Duration::from_millis(400)))
        .start()
        .await;
    let answer = host.get("/api/stream").await;
    assert!(answer.body.starts_with("line 0\n"));
    assert_eq!(host.get("/api/echo").await.status, 200);
    assert_eq!(host.restarts(), 1);
}
