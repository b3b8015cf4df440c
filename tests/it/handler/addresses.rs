//! What programs get wrong: parameters, addresses, methods and bodies are refused in JSON, with what to do.

use reqwest::{Method, RequestBuilder, StatusCode};

use super::identity::{FORWARDED, token};
use super::{Answer, Handler};

async fn signed_in(handler: &Handler, request: RequestBuilder) -> Answer {
    Answer::to(request.header(FORWARDED, token(&handler.cloud))).await
}

/// A wish in JSON.
async fn wish(handler: &Handler, path: &str, body: &'static str) -> Answer {
    let request = handler.post(&format!("/api/v1/{path}"));
    signed_in(
        handler,
        request
            .header("content-type", "application/json")
            .body(body),
    )
    .await
}

#[track_caller]
fn refused(answer: &Answer, status: StatusCode, code: &str, words: &[&str]) {
    assert_eq!(answer.status, status, "{answer:?}");
    let error = &answer.object()["error"];
    assert_eq!(error["code"], code, "{answer:?}");
    for words in words {
        assert!(
            error["message"].as_str().unwrap().contains(words),
            "{words}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_is_not_known_is_named_with_those_that_are() {
    let handler = Handler::start().await;
    let unreadable = |answer: &Answer, words: &[&str]| {
        refused(answer, StatusCode::BAD_REQUEST, "Unreadable", words);
    };
    let sent = r#"{"reason": "to see"}"#;
    for path in [
        "promotions?dryrun=true",
        "promotions/none-1.r-0/replay?dryrun=true",
        "events/2026-11-23/0000/replay?dryrun=true",
    ] {
        let answer = wish(&handler, path, sent).await;
        unreadable(&answer, &["`dryrun`", "`dryRun`"]);
    }
    for (path, known) in [("promotions", "`closed`"), ("events", "`day`")] {
        let list = handler.get(&format!("/api/v1/{path}?limit=1"));
        unreadable(
            &signed_in(&handler, list).await,
            &["`limit`", known, "`from`"],
        );
    }
    let twice = "promotions/none-1.r-0/replay?dryRun=true&dryRun=false";
    unreadable(&wish(&handler, twice, sent).await, &["`dryRun`", "twice"]);
    let form = handler.post("/api/v1/promotions/none-1.r-0/abort");
    let form = form
        .header("content-type", "application/x-www-form-urlencoded")
        .body("why=because");
    unreadable(
        &signed_in(&handler, form).await,
        &["`why`", "`reason`", "`csrf`"],
    );
    let board = handler.get("/api/board/?month=2026-11&month=2026-10");
    assert_eq!(signed_in(&handler, board).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_address_and_no_method_is_said_in_json() {
    let handler = Handler::start().await;
    for path in ["/api/v1/promotion", "/api/v1", "/nothing"] {
        let answer = signed_in(&handler, handler.get(path)).await;
        let known = [path, "/api/v1/promotions", "/api/v1/events"];
        refused(&answer, StatusCode::NOT_FOUND, "UnknownPath", &known);
    }
    for (method, path) in [
        (Method::POST, "/api/v1/events"),
        (Method::GET, "/api/v1/promotions/none-1.r-0/abort"),
    ] {
        let request = match method {
            Method::POST => handler.post(path),
            _ => handler.get(path),
        };
        let answer = request.send().await.unwrap();
        let allowed = answer.headers()["allow"].to_str().unwrap().to_owned();
        assert!(!allowed.contains(method.as_str()), "{path}: {allowed}");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let text = answer.text().await.unwrap();
        for words in ["WrongMethod", method.as_str(), path] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}

#[tokio::test]
async fn no_answer_of_the_api_is_kept_by_anybody() {
    let handler = Handler::start().await;
    let big = "x".repeat(65 * 1024);
    for request in [
        handler.get("/api/v1/promotions"),
        handler
            .get("/api/v1/promotions")
            .header(FORWARDED, token(&handler.cloud)),
        handler
            .get("/api/v1/promotions/none-1.r-0")
            .header(FORWARDED, token(&handler.cloud)),
        handler
            .get("/api/v1/me")
            .header(FORWARDED, token(&handler.cloud)),
        handler.get("/api/v1/nothing"),
        handler.get("/api/v1"),
        handler.post("/api/v1/events"),
        handler.post("/api/v1/promotions").body(big),
    ] {
        let answer = request.send().await.unwrap();
        let kept = answer.headers().get("cache-control");
        let kept = kept.map(|value| value.to_str().unwrap());
        assert_eq!(
            kept,
            Some("no-store"),
            "{} {}",
            answer.url(),
            answer.status()
        );
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_knows_who_asks_for_it() {
    let handler = Handler::start().await;
    for path in ["/api/approvals/nonsense", "/api/board/nonsense"] {
        let page = signed_in(&handler, handler.get(path)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.kind.starts_with("text/html"), "{page:?}");
        assert!(page.text.contains("Ada Approver"), "{page:?}");
        assert!(!page.text.contains("Not signed in"), "{page:?}");
        let unknown = Answer::to(handler.get(path)).await;
        assert!(unknown.text.contains("Not signed in"), "{unknown:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_answered_with_one() {
    let handler = Handler::start().await;
    for (path, example) in [
        ("promotions/none-1.r-0/abort", r#"like {"reason": "…"}"#),
        ("promotions", r#"like {"model": "…", "version""#),
    ] {
        for (body, what) in [
            ("", "empty"),
            ("  \n", "empty"),
            ("[]", "no JSON object"),
            (r#"["because", "x", "y"]"#, "no JSON object"),
            ("null", "no JSON object"),
            ("{", "EOF"),
        ] {
            let answer = wish(&handler, path, body).await;
            let words = [what, example];
            refused(&answer, StatusCode::BAD_REQUEST, "Unreadable", &words);
        }
    }
}

#[tokio::test]
async fn whoever_asks_what_would_happen_needs_to_say_nothing() {
    let handler = Handler::start().await;
    for path in [
        "promotions/none-1.r-0/replay?dryRun=true",
        "events/2026-11-23/0000/replay?dryRun=true",
    ] {
        let typed = wish(&handler, path, "").await;
        let untyped = signed_in(&handler, handler.post(&format!("/api/v1/{path}"))).await;
        for answer in [typed, untyped] {
            refused(&answer, StatusCode::NOT_FOUND, "NotFound", &[]);
        }
        let done = path.trim_end_matches("?dryRun=true");
        let untyped = signed_in(&handler, handler.post(&format!("/api/v1/{done}"))).await;
        assert_eq!(untyped.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
