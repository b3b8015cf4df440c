//! The Teams webhook and its channel.

use cloud_sim::CloudOptions;
use serde_json::{Value, json};

use crate::estate::Estate;

fn message(card: &Value) -> Value {
    json!({"type": "message", "attachments": [
        {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card}]})
}

fn card(text: &str) -> Value {
    json!({"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": text}],
        "actions": [{"type": "Action.OpenUrl", "title": "Review", "url": "http://127.0.0.1:1/api/approvals/1"}]})
}

async fn post(estate: &Estate, path: &str, body: String) -> u16 {
    let request = estate.http.post(estate.url(path)).body(body);
    request.send().await.unwrap().status().as_u16()
}

async fn page(estate: &Estate) -> String {
    estate
        .http
        .get(estate.url("/teams/"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

const HOOK: &str = "/teams/workflows/promotions?sig=secret";

#[tokio::test]
async fn a_card_is_taken_and_shown() {
    let estate = Estate::new().await;
    assert_eq!(
        post(&estate, HOOK, message(&card("diabetes <3>")).to_string()).await,
        202
    );
    assert_eq!(
        estate.cloud.messages()[0]["card"]["body"][0]["text"],
        "diabetes <3>"
    );
    let page = page(&estate).await;
    assert!(page.contains("diabetes &lt;3&gt;"));
    assert!(page.contains("href=\"http://127.0.0.1:1/api/approvals/1\""));
    assert!(page.contains("adaptivecards renderer is not installed"));
}

#[tokio::test]
async fn the_webhook_takes_what_its_flow_cannot_post() {
    let estate = Estate::new().await;
    let large = card(&"x".repeat(28 * 1024));
    for body in [
        "no json".to_owned(),
        json!({"text": "old"}).to_string(),
        json!({"attachments": []}).to_string(),
        message(&json!({"type": "MessageCard"})).to_string(),
        message(&large).to_string(),
    ] {
        assert_eq!(post(&estate, HOOK, body).await, 202);
    }
    let messages = estate.cloud.messages();
    assert_eq!(
        messages
            .iter()
            .filter(|m| m["flowFailed"].is_string())
            .count(),
        5
    );
    assert!(page(&estate).await.contains("The flow failed"));
}

#[tokio::test]
async fn the_signature_is_the_only_key() {
    let estate = Estate::new().await;
    assert_eq!(
        post(&estate, "/teams/workflows/promotions", String::new()).await,
        401
    );
    assert!(estate.cloud.messages().is_empty());
}

#[tokio::test]
async fn a_workflow_takes_a_token_for_its_audience_to_the_letter() {
    let estate = Estate::new().await;
    let status = async |audience: &str| {
        let url = estate.url("/teams/workflows/promotions-bare");
        let token = estate.cloud.identity().token(audience).0;
        let request = estate.http.post(url).bearer_auth(token);
        let body = card("bare").to_string();
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("https://service.flow.microsoft.com").await, 401);
    assert_eq!(status("https://management.azure.com/").await, 401);
    assert_eq!(status("https://service.flow.microsoft.com/").await, 202);
    let messages = estate.cloud.messages();
    assert_eq!(messages[0]["card"]["body"][0]["text"], "bare");
    // Each template fails on what the other takes, long after its 202.
    let wrapped = message(&card("x")).to_string();
    let bare = "/teams/workflows/promotions-bare?sig=secret";
    assert_eq!(post(&estate, bare, wrapped).await, 202);
    assert_eq!(post(&estate, HOOK, card("x").to_string()).await, 202);
    let failed = estate.cloud.messages();
    assert!(failed[1..].iter().all(|m| m["flowFailed"].is_string()));
}

#[tokio::test]
async fn the_official_renderer_is_used_where_npm_has_it() {
    let npm = tempfile::tempdir().unwrap();
    for (file, text) in [
        (
            "adaptivecards/dist/adaptivecards.min.js",
            "var AdaptiveCards;",
        ),
        ("adaptivecards/dist/adaptivecards.css", "a {}"),
        (
            "adaptivecards-designer/lib/hostConfigs/microsoft-teams-light.json",
            r#"{"a": "</script>"}"#,
        ),
        (
            "adaptivecards-designer/lib/hostConfigs/microsoft-teams-dark.json",
            "{}",
        ),
    ] {
        let file = npm.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let npm = Some(npm.path().to_owned());
    let estate = Estate::with(CloudOptions {
        npm,
        ..CloudOptions::default()
    })
    .await;
    let page = page(&estate).await;
    assert!(page.contains("src=\"/teams/assets/adaptivecards.js\""));
    assert!(!page.contains("is not installed"));
    assert!(page.contains(r#"{"a":"\u003c/script>"}"#));
    let status = async |asset: &str| {
        let url = estate.url(&format!("/teams/assets/{asset}"));
        estate.http.get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("adaptivecards.css").await, 200);
    assert_eq!(status("..%2f..%2fsecret").await, 404);
}
