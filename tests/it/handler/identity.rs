//! Who is believed: the platform's sign-in, and only with the platform's own marker.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::json;

use super::{Answer, Handler};

/// What the platform says of an approver, or anybody who knows how it says it.
fn principal() -> String {
    let claims = json!({"auth_typ": "aad", "claims": [
        {"typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": "00000000-0000-4000-8000-00000000000b"},
        {"typ": "name", "val": "Ada Approver"},
        {"typ": "roles", "val": "Model.Approver"},
    ]});
    STANDARD.encode(claims.to_string())
}

async fn start_a_promotion(handler: &Handler) -> Answer {
    let wish = json!({"route": "diabetes-to-prod", "version": "1", "reason": "to see who may"});
    let request = handler
        .post("/api/v1/promotions")
        .header("x-ms-client-principal", principal())
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
async fn with_the_platforms_marker_they_are_believed() {
    let handler = Handler::start().await;
    let answer = start_a_promotion(&handler).await;
    assert!(answer.status.is_success(), "{answer:?}");
    assert_eq!(handler.blobs("journals", "diabetes-1.").len(), 1);
}
