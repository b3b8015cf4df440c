//! Who is believed: the platform's sign-in, and only with the platform's own marker.

use cloud_sim::Cloud;
use reqwest::StatusCode;
use serde_json::json;

use super::{Answer, Handler};

/// The ID token of an approver, as the platform forwards it.
pub(super) fn token(cloud: &Cloud) -> String {
    cloud.id_token(ADA).unwrap()
}

/// The header that brings it.
pub(super) const FORWARDED: &str = "x-ms-token-aad-id-token";

const ADA: &str = "00000000-0000-4000-8000-00000000000b";

async fn start_a_promotion(handler: &Handler) -> Answer {
    let wish = json!({"route": "diabetes-to-prod", "version": "1", "reason": "to see who may"});
    let request = handler
        .post("/api/v1/promotions")
        .header(FORWARDED, token(&handler.cloud))
        .header("content-type", "application/json")
        .body(wish.to_string());
    Answer::to(request).await
}

#[tokio::test]
async fn without_the_platforms_marker_its_headers_are_nobodys() {
    let handler = Handler::start_with(&[("WEBSITE_AUTH_ENABLED", "False")]).await;
    let answer = start_a_promotion(&handler).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.object()["error"]["code"], "NotSignedIn");
    assert!(handler.blobs("journals", "").is_empty());
}

#[tokio::test]
async fn nobody_reads_without_signing_in() {
    let handler = Handler::start().await;
    for path in ["/api/board/", "/api/board/promotions/none"] {
        let answer = Answer::to(handler.get(path)).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{path}: {answer:?}");
    }
    for path in [
        "/api/v1/promotions",
        "/api/v1/promotions/none",
        "/api/v1/promotions/none/why",
        "/api/v1/events",
    ] {
        let answer = Answer::to(handler.get(path)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.object()["error"]["code"], "NotSignedIn", "{path}");
    }
    for path in [
        "/api/board/style.css",
        "/api/board/refresh.js",
        "/api/health",
    ] {
        let answer = Answer::to(handler.get(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn without_the_platforms_marker_nobody_reads_and_learns_why() {
    let handler = Handler::start_with(&[("WEBSITE_AUTH_ENABLED", "False")]).await;
    for path in ["/api/board/", "/api/v1/promotions"] {
        let request = handler.get(path).header(FORWARDED, token(&handler.cloud));
        let answer = Answer::to(request).await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
        assert!(answer.text.contains("WEBSITE_AUTH_ENABLED"), "{answer:?}");
    }
}

#[tokio::test]
async fn what_a_list_cannot_be_asked_is_said() {
    let handler = Handler::start().await;
    for (query, code) in [
        ("promotions?closed=2026-13", "BadMonth"),
        ("promotions?closed=open", "BadMonth"),
        ("events?day=today", "BadDay"),
        ("promotions?from=zzz", "BadFrom"),
        ("promotions?closed=2026-11&from=zzz", "BadFrom"),
        ("events?from=zzz", "BadFrom"),
    ] {
        let request = handler
            .get(&format!("/api/v1/{query}"))
            .header(FORWARDED, token(&handler.cloud));
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.object()["error"]["code"], code, "{query}");
    }
}

#[tokio::test]
async fn with_the_platforms_marker_they_are_believed() {
    let handler = Handler::start().await;
    let answer = start_a_promotion(&handler).await;
    assert!(answer.status.is_success(), "{answer:?}");
    assert_eq!(handler.blobs("journals", "diabetes-1.").len(), 1);
}
