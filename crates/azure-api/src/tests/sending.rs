//! Messages and cards on the wire.

use bytes::Bytes;
use serde_json::{Value, json};

use super::server::{Says, Server, TOKEN};
use crate::{Envelope, Error, FlowAudience, Message, TeamsWebhook, WebhookAuth};

#[tokio::test]
async fn a_message_goes_to_its_queue_and_session() {
    let server = Server::saying([Says::new(201, "")]).await;
    let queue = server
        .azure()
        .queue(server.url.join("servicebus").unwrap(), "promotions");
    let message = Message {
        session_id: "s",
        message_id: "m",
        body: Bytes::from("{}"),
        scheduled_at: None,
    };
    queue.send(&message).await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("POST", "/servicebus/promotions/messages")
    );
    assert_eq!(
        asked.header("brokerproperties"),
        Some(r#"{"MessageId":"m","SessionId":"s"}"#)
    );
    assert_eq!(
        asked.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(asked.body, "{}");
}

#[tokio::test]
async fn a_card_goes_in_its_envelope_without_a_token() {
    let server = Server::saying([Says::new(202, "")]).await;
    let webhook = TeamsWebhook::parse(&format!(
        "{}teams/workflows/promotions?sig=c2VjcmV0",
        server.url
    ))
    .unwrap();
    let webhook = server.azure().webhook(webhook);
    webhook
        .post(&json!({ "type": "AdaptiveCard" }))
        .await
        .unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.target, "/teams/workflows/promotions?sig=c2VjcmV0");
    assert_eq!(asked.header("authorization"), None);
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        sent["attachments"][0]["content"],
        json!({ "type": "AdaptiveCard" })
    );
    assert!(!format!("{webhook:?}").contains("c2VjcmV0"));
}

#[tokio::test]
async fn a_workflow_of_another_kind_gets_a_token_or_the_bare_card() {
    let server = Server::saying([Says::new(202, "")]).await;
    let webhook = TeamsWebhook::parse(&format!("{}teams/workflows/promotions", server.url));
    let webhook = server
        .azure()
        .webhook(webhook.unwrap())
        .of_kind(Envelope::Bare, WebhookAuth::Entra(FlowAudience::Public));
    let card = json!({ "type": "AdaptiveCard" });
    webhook.post(&card).await.unwrap();
    let asked = &server.asked()[0];
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(asked.header("authorization"), Some(bearer.as_str()));
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(sent, card);
}

#[tokio::test]
async fn a_refused_card_does_not_tell_the_secret() {
    let server = Server::saying([Says::new(400, "bad request to /x?sig=c2VjcmV0")]).await;
    let webhook = TeamsWebhook::parse(&format!("{}x?sig=c2VjcmV0", server.url)).unwrap();
    let error = server
        .azure()
        .webhook(webhook)
        .post(&json!({}))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
    assert!(!format!("{error} {error:?}").contains("c2VjcmV0"));
}
