//! The bot's calls as the official client sends them, and what their refusals come to.

use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Says, Server, TOKEN};
use crate::{Connector, LARGEST_CARD, NotPosted, Posted, Said, ServiceUrl};

const CHANNEL: &str = "19:abc@thread.tacv2";
const THREAD: &str = "19:abc@thread.tacv2;messageid=1700";
const CREATED: &str = r#"{"id":"19:abc@thread.tacv2;messageid=1700","activityId":"1700"}"#;

fn connector(server: &Server) -> Connector {
    let service = ServiceUrl::parse(&format!("{}teams/connector/", server.url)).unwrap();
    server.azure().connector(service, "app")
}

fn card() -> Value {
    json!({ "type": "AdaptiveCard" })
}

#[tokio::test]
async fn a_thread_begins_with_a_card() {
    let server = Server::saying([Says::new(201, CREATED)]).await;
    let posted = connector(&server)
        .post_to_channel("tid", CHANNEL, &card())
        .await;
    let expected = Posted {
        conversation: THREAD.to_owned(),
        activity: "1700".to_owned(),
    };
    assert_eq!(posted.unwrap(), expected);
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("POST", "/teams/connector/v3/conversations")
    );
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(asked.header("authorization"), Some(bearer.as_str()));
    let sent: Value = serde_json::from_str(&asked.body).unwrap();
    let attachment =
        json!({"contentType": "application/vnd.microsoft.card.adaptive", "content": card()});
    let expected = json!({
        "isGroup": true, "tenantId": "tid",
        "activity": {"type": "message", "attachments": [attachment]},
        "channelData": {"channel": {"id": CHANNEL}, "tenant": {"id": "tid"}},
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_post_is_replaced_and_answered_under_its_encoded_id() {
    let server = Server::saying([Says::new(200, r#"{"id":"1701"}"#)]).await;
    let bot = connector(&server);
    bot.update(THREAD, "1700", &card()).await.unwrap();
    let answer = bot.reply(THREAD, "1700", Said::Text("expires **soon**"));
    assert_eq!(answer.await.unwrap(), "1701");
    let asked = server.asked();
    let target = "/teams/connector/v3/conversations/19%3Aabc%40thread.tacv2%3Bmessageid%3D1700/activities/1700";
    let targets: Vec<_> = asked
        .iter()
        .map(|asked| (asked.method.as_str(), asked.target.as_str()))
        .collect();
    assert_eq!(targets, [("PUT", target), ("POST", target)]);
    let sent: Value = serde_json::from_str(&asked[1].body).unwrap();
    assert_eq!(
        (&sent["text"], &sent["replyToId"]),
        (&json!("expires **soon**"), &json!("1700"))
    );
}

#[tokio::test]
async fn an_id_cannot_leave_its_place() {
    let server = Server::saying([Says::new(200, "{}")]).await;
    let bot = connector(&server);
    for id in ["", ".", ".."] {
        let refused = bot.update(id, "1", &card()).await.unwrap_err();
        assert!(matches!(refused, NotPosted::Refused(_)), "{refused}");
    }
    bot.update("../../x?y#z", "1", &card()).await.unwrap();
    assert_eq!(
        server.asked()[0].target,
        "/teams/connector/v3/conversations/..%2F..%2Fx%3Fy%23z/activities/1"
    );
}

#[tokio::test]
async fn each_refusal_has_its_class() {
    let class = |refused: &NotPosted| match refused {
        NotPosted::Passing(_) => "passing",
        NotPosted::Blocked(_) => "blocked",
        NotPosted::Gone(_) => "gone",
        NotPosted::TooLarge { .. } => "too large",
        NotPosted::Refused(_) => "refused",
    };
    for (status, expected) in [
        (429, "passing"),
        (412, "passing"),
        (500, "passing"),
        (502, "passing"),
        (504, "passing"),
        (403, "blocked"),
        (404, "gone"),
        (413, "too large"),
        (401, "refused"),
        (400, "refused"),
    ] {
        let says = Says::new(status, r#"{"error":{"code":"X","message":"m"}}"#);
        let server = Server::saying([says.header("retry-after", "7")]).await;
        let refused = connector(&server)
            .post_to_channel("t", CHANNEL, &card())
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(class(&refused), expected, "{status}");
        // A write is sent once, whatever came of it.
        assert_eq!(server.asked().len(), 1, "{status}");
        if status == 429 {
            assert_eq!(refused.retry_after(), Some(Duration::from_secs(7)));
        }
    }
}

#[tokio::test]
async fn an_answer_without_ids_may_have_posted() {
    for body in ["", "{}", r#"{"id":"","activityId":"1"}"#] {
        let server = Server::saying([Says::new(201, body)]).await;
        let posted = connector(&server)
            .post_to_channel("t", CHANNEL, &card())
            .await;
        assert!(matches!(posted, Err(NotPosted::Passing(_))), "{body}");
    }
}

#[tokio::test]
async fn a_card_that_is_too_large_is_not_sent() {
    let server = Server::saying([Says::new(201, CREATED)]).await;
    let large = json!({ "type": "AdaptiveCard", "x": "x".repeat(LARGEST_CARD) });
    let posted = connector(&server)
        .post_to_channel("t", CHANNEL, &large)
        .await;
    assert!(matches!(posted, Err(NotPosted::TooLarge { .. })));
    assert!(server.asked().is_empty());
}
