//! A bot's channel: what its connector takes, and what clicks come to.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use cloud_sim::{Answered, Cloud, Fault, Identity, Post};
use http::{HeaderMap, StatusCode};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

use crate::estate::{Estate, Seen};

const ADA: &str = "00000000-0000-4000-8000-00000000000b";
const BEN: &str = "00000000-0000-4000-8000-00000000000c";

fn card(text: &str) -> Value {
    json!({"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": text}], "actions": [
        {"type": "Action.Execute", "title": "Approve", "verb": "approve", "data": {"digest": "d"},
         "fallback": {"type": "Action.OpenUrl", "title": "Open to decide", "url": "http://127.0.0.1:1/api/approvals/1"}}]})
}

fn message(card: &Value) -> Value {
    json!({"type": "message", "attachments": [
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]})
}

fn beginning(channel: &str, tenant: &str, card: &Value) -> Value {
    json!({"isGroup": true, "tenantId": tenant, "activity": message(card),
        "channelData": {"channel": {"id": channel}, "tenant": {"id": tenant}}})
}

impl Estate {
    /// The bot's own token, from the identity endpoint.
    async fn bot_token(&self) -> String {
        let url = format!(
            "/identity/token?resource=https://api.botframework.com&api-version=2019-08-01&client_id={}",
            Identity::BOT_APP_ID
        );
        let secret = self.cloud.identity().header().to_owned();
        let asked = self
            .http
            .get(self.url(&url))
            .header("x-identity-header", secret);
        let seen = Seen::of(asked.send().await.unwrap()).await;
        seen.body["access_token"].as_str().unwrap().to_owned()
    }

    async fn bot(&self, method: Method, path: &str, body: Value) -> Seen {
        let url = format!("{}v3/conversations{path}", self.cloud.connector_url());
        let request = self.http.request(method, url).json(&body);
        let request = request.bearer_auth(self.bot_token().await);
        Seen::of(request.send().await.unwrap()).await
    }

    async fn posted(&self, text: &str) -> Post {
        let body = beginning(Cloud::TEAMS_CHANNEL, Identity::TENANT_ID, &card(text));
        let seen = self.bot(Method::POST, "", body).await;
        assert_eq!(seen.status, 201);
        let id = seen.body["activityId"].as_str().unwrap();
        let thread = format!("{};messageid={id}", Cloud::TEAMS_CHANNEL);
        assert_eq!(seen.body["id"], thread);
        let posts = self.cloud.posts();
        posts.into_iter().find(|post| post.id == id).unwrap()
    }
}

fn at(post: &Post) -> String {
    let thread = post.thread.replace(':', "%3A").replace('@', "%40");
    let thread = thread.replace(';', "%3B").replace('=', "%3D");
    format!("/{thread}/activities/{}", post.id)
}

#[tokio::test]
async fn a_post_begins_a_thread_is_changed_for_everybody_and_answered() {
    let estate = Estate::new().await;
    let post = estate.posted("one").await;
    estate.pass(60);
    let put = estate
        .bot(Method::PUT, &at(&post), message(&card("two")))
        .await;
    assert_eq!((put.status, &put.body["id"]), (200, &json!(post.id)));
    let reply = json!({"type": "message", "text": "expires **soon**"});
    let reply = estate.bot(Method::POST, &at(&post), reply).await;
    assert_eq!(reply.status, 201);
    let posts = estate.cloud.posts();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].versions.len(), 2);
    assert_eq!(posts[0].card().unwrap()["body"][0]["text"], "two");
    assert_eq!(posts[1].answers.as_ref(), Some(&post.id));
    assert_eq!(posts[1].thread, post.thread);
    assert_eq!(estate.cloud.sends_to(&post.thread).len(), 3);
    let read = estate.bot(Method::GET, &at(&post), Value::Null).await;
    assert_eq!(read.body["attachments"][0]["content"], card("two"));
    let page = estate.http.get(estate.url("/teams/")).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("edited"));
    assert!(page.contains("expires <strong>soon</strong>"));
    // What only the official renderer can execute is the fallback's link here.
    assert!(page.contains("href=\"http://127.0.0.1:1/api/approvals/1\""));
}

#[tokio::test]
async fn the_roster_comes_in_pages() {
    let estate = Estate::new().await;
    let path = "/19%3Apromotions%40thread.tacv2/pagedmembers";
    let first = estate
        .bot(Method::GET, &format!("{path}?pageSize=3"), Value::Null)
        .await;
    assert_eq!(first.body["members"].as_array().unwrap().len(), 3);
    assert_eq!(first.body["members"][1]["objectId"], ADA);
    let more = format!("{path}?pageSize=3&continuationToken=3");
    let second = estate.bot(Method::GET, &more, Value::Null).await;
    assert_eq!(second.body["members"].as_array().unwrap().len(), 2);
    assert_eq!(second.body["continuationToken"], Value::Null);
}

#[tokio::test]
async fn only_the_bots_own_token_posts() {
    let estate = Estate::new().await;
    let url = format!("{}v3/conversations", estate.cloud.connector_url());
    let body = beginning(Cloud::TEAMS_CHANNEL, Identity::TENANT_ID, &card("x"));
    let identity = estate.cloud.identity();
    for token in [
        // The app's own identity, and the bot's for something else.
        identity.token("https://api.botframework.com").0,
        identity.token("https://management.azure.com").0,
        "x".to_owned(),
    ] {
        let request = estate.http.post(&url).json(&body).bearer_auth(token);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 401);
    }
    assert!(estate.cloud.posts().is_empty());
}

#[tokio::test]
async fn what_the_real_one_refuses_is_refused() {
    let estate = Estate::new().await;
    let (own, channel) = (Identity::TENANT_ID, Cloud::TEAMS_CHANNEL);
    let large = card(&"x".repeat(28 * 1024));
    for (body, status) in [
        (beginning("19:gone@thread.tacv2", own, &card("x")), 404),
        (beginning(channel, "another-tenant", &card("x")), 403),
        (beginning(channel, own, &large), 413),
        (
            beginning(channel, own, &json!({"type": "MessageCard"})),
            400,
        ),
        (json!({"text": "x"}), 400),
    ] {
        assert_eq!(estate.bot(Method::POST, "", body).await.status, status);
    }
    let post = estate.posted("x").await;
    let put = async |path: String| estate.bot(Method::PUT, &path, message(&card("y"))).await;
    assert_eq!(put(at(&post).replace(&post.id, "1")).await.status, 404);
    estate.cloud.delete_post(&post.id);
    assert_eq!(
        put(at(&post)).await.code(),
        "ActivityNotFoundInConversation"
    );
    estate.cloud.uninstall_bot();
    let blocked = put(at(&post)).await;
    assert_eq!(
        (blocked.status, &blocked.body["errorCode"]),
        (403, &json!(209))
    );
    assert!(
        blocked.body["message"]
            .as_str()
            .unwrap()
            .contains("MessageWritesBlocked")
    );
}

#[tokio::test]
async fn faults_wait_for_the_connectors_calls() {
    let estate = Estate::new().await;
    let post = estate.posted("x").await;
    let refusals = [
        (429, "RateLimited"),
        (403, "MessageWritesBlocked"),
        (412, "PreconditionFailed"),
        (502, "ServiceError"),
        (504, "ServiceError"),
    ];
    for (status, code) in refusals {
        let status_code = StatusCode::from_u16(status).unwrap();
        let code = code.to_owned();
        let fault = Fault::Status {
            status: status_code,
            code,
        };
        estate.cloud.faults().add("teams.activities.put", fault, 1);
        let seen = estate
            .bot(Method::PUT, &at(&post), message(&card("y")))
            .await;
        assert_eq!(seen.status, status);
        assert_eq!(
            seen.header("retry-after"),
            if status == 429 { "2" } else { "" }
        );
    }
    assert_eq!(estate.cloud.posts()[0].versions.len(), 1);
    assert_eq!(estate.cloud.calls()["teams.activities.put"], 5);
}

/// A bot that answers as it is told and keeps what it gets.
struct Bot {
    url: String,
    state: Arc<Told>,
}

struct Told {
    answer: Mutex<(u16, Value)>,
    got: Mutex<Vec<Value>>,
    tokens: Mutex<Vec<String>>,
}

impl Bot {
    async fn start() -> Self {
        let state = Arc::new(Told {
            answer: Mutex::new((200, Value::Null)),
            got: Mutex::default(),
            tokens: Mutex::default(),
        });
        let app = Router::new()
            .route("/api/messages", post(take))
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/messages", listener.local_addr().unwrap());
        // Ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, state }
    }

    fn says(&self, status: u16, kind: &str, value: &Value) {
        let body = json!({"statusCode": 200, "type": kind, "value": value});
        *self.state.answer.lock().unwrap() = (status, body);
    }

    fn tokens(&self) -> Vec<String> {
        self.state.tokens.lock().unwrap().clone()
    }

    fn got(&self) -> Vec<Value> {
        self.state.got.lock().unwrap().clone()
    }
}

async fn take(
    State(told): State<Arc<Told>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let token = headers.get("authorization").and_then(|it| it.to_str().ok());
    if let Some(token) = token.and_then(|token| token.strip_prefix("Bearer ")) {
        told.tokens.lock().unwrap().push(token.to_owned());
    }
    told.got
        .lock()
        .unwrap()
        .push(serde_json::from_str(&body).unwrap());
    let (status, body) = told.answer.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

const CARD: &str = "application/vnd.microsoft.card.adaptive";

#[tokio::test]
async fn a_click_is_an_activity_and_its_answer_one_persons_card() {
    let estate = Estate::new().await;
    let bot = Bot::start().await;
    estate.cloud.install_bot(&bot.url);
    let post = estate.posted("asked").await;
    bot.says(200, CARD, &card("you approved"));
    let inputs = json!({"comment": "better"});
    let answered = estate
        .cloud
        .press(ADA, &post.id, "Approve", &inputs)
        .await
        .unwrap();
    assert_eq!(answered.card(), Some(&card("you approved")));
    let got = &bot.got()[0];
    let id = got["id"].as_str().unwrap();
    assert!(!id.is_empty());
    let mut expected = json!({
        "type": "invoke", "name": "adaptiveCard/action", "id": id, "channelId": "msteams",
        "serviceUrl": estate.cloud.connector_url(), "timestamp": "2026-11-23T07:00:00.000Z",
        "from": {"id": format!("29:{ADA}"), "name": "Ada Approver", "aadObjectId": ADA},
        "conversation": {"isGroup": true, "conversationType": "channel", "tenantId": Identity::TENANT_ID, "id": post.thread},
        "recipient": {"id": format!("28:{}", Identity::BOT_APP_ID), "name": "Liftlock"},
        "replyToId": post.id,
        "channelData": {"tenant": {"id": Identity::TENANT_ID}, "team": {"id": "19:team@thread.tacv2"},
            "channel": {"id": Cloud::TEAMS_CHANNEL}, "source": {"name": "message"}},
        "value": {"action": {"type": "Action.Execute", "title": "Approve", "verb": "approve",
            "data": {"digest": "d", "comment": "better"}}, "trigger": "manual"},
    });
    assert_eq!(got, &expected);
    // Ada sees her card, Ben everybody's; with the next version everybody sees the same.
    let seen = estate.cloud.posts().remove(0);
    assert_eq!(seen.card_for(ADA), Some(&card("you approved")));
    assert_eq!(seen.card_for(BEN), Some(&card("asked")));
    assert!(seen.newest().seen_by.contains(ADA));
    let put = message(&card("approved"));
    estate.bot(Method::PUT, &at(&post), put).await;
    assert_eq!(
        estate.cloud.posts()[0].card_for(ADA),
        Some(&card("approved"))
    );
    // Who delivers an activity himself has its answer shown by hand.
    let activity = estate
        .cloud
        .activity_of(BEN, &post.id, "approve", &json!({}));
    assert_eq!(activity.unwrap()["from"]["aadObjectId"], BEN);
    let body = json!({"statusCode": 200, "type": CARD, "value": card("you too")});
    let shown = estate.cloud.answer_to(BEN, &post.id, 200, body);
    assert_eq!(shown.card(), estate.cloud.posts()[0].card_for(BEN));
    // Made up: whatever is sent arrives as it is.
    expected["from"]["aadObjectId"] = "nobody".into();
    let answered = estate.cloud.deliver_activity(&expected, None).await;
    assert_eq!(answered.unwrap().status, 200);
    assert_eq!(bot.got()[1], expected);
}

#[tokio::test]
async fn another_simulators_activity_is_signed_on_its_way() {
    let estate = Estate::new().await;
    let bot = Bot::start().await;
    estate.cloud.install_bot(&bot.url);
    bot.says(200, CARD, &card("x"));
    let activity = json!({"type": "invoke", "serviceUrl": "http://127.0.0.1:1/_connector"});
    let passed = estate
        .http
        .post(estate.url("/teams/gateway"))
        .json(&activity);
    let seen = Seen::of(passed.send().await.unwrap()).await;
    assert_eq!((seen.status, &seen.body["value"]), (200, &card("x")));
    assert_eq!(bot.got(), [activity]);
    // Header, claims, signature: what the claims say is the identity's own matter.
    let token = bot.tokens().remove(0);
    assert_eq!(token.split('.').count(), 3, "{token}");
}

#[tokio::test]
async fn whatever_is_no_answer_reads_as_unreachable() {
    let estate = Estate::new().await;
    let bot = Bot::start().await;
    estate.cloud.install_bot(&bot.url);
    let post = estate.posted("asked").await;
    let press = async || -> Answered {
        let nothing = json!({});
        let pressed = estate.cloud.press(ADA, &post.id, "Approve", &nothing);
        pressed.await.unwrap()
    };
    let toast = "application/vnd.microsoft.activity.message";
    let error = "application/vnd.microsoft.error";
    for (status, kind, value, told) in [
        (200, toast, json!("your vote counts"), "your vote counts"),
        (
            200,
            error,
            json!({"code": "BadRequest", "message": "no"}),
            "no",
        ),
        (
            403,
            toast,
            json!("x"),
            "Unable to reach app. Please try again.",
        ),
        (
            200,
            "application/vnd.microsoft.adaptive.card",
            card("x"),
            "Unable to reach app. Please try again.",
        ),
    ] {
        bot.says(status, kind, &value);
        assert_eq!(press().await.toast.as_deref(), Some(told));
    }
    assert_eq!(estate.cloud.toasts().len(), 4);
    assert_eq!(estate.cloud.posts()[0].card_for(ADA), Some(&card("asked")));
}

#[tokio::test]
async fn a_card_that_asks_for_it_is_made_anew_for_whoever_looks() {
    let estate = Estate::new().await;
    let bot = Bot::start().await;
    estate.cloud.install_bot(&bot.url);
    let mut asking = card("asked");
    let action = json!({"type": "Action.Execute", "verb": "refresh", "data": {"digest": "d"}});
    asking["refresh"] = json!({"action": action, "userIds": []});
    let body = beginning(Cloud::TEAMS_CHANNEL, Identity::TENANT_ID, &asking);
    estate.bot(Method::POST, "", body).await;
    let post = estate.cloud.posts().remove(0);
    bot.says(200, CARD, &card("asked you"));
    let shown = estate.cloud.look_at(BEN, &post.id).await.unwrap();
    assert_eq!(shown, Some(card("asked you")));
    assert_eq!(bot.got()[0]["value"]["trigger"], "automatic");
    assert_eq!(bot.got()[0]["value"]["action"]["verb"], "refresh");
    assert!(estate.cloud.posts()[0].newest().seen_by.contains(BEN));
}

#[tokio::test]
async fn the_page_clicks_for_whoever_is_chosen() {
    let estate = Estate::new().await;
    let bot = Bot::start().await;
    estate.cloud.install_bot(&bot.url);
    let post = estate.posted("asked").await;
    bot.says(200, CARD, &card("you approved"));
    let clicked =
        json!({"person": BEN, "post": post.id, "title": "Approve", "verb": "approve", "data": {}});
    let clicks = estate.http.post(estate.url("/teams/clicks")).json(&clicked);
    let seen = Seen::of(clicks.send().await.unwrap()).await;
    assert_eq!(seen.body, json!({"status": 200, "toast": null}));
    let page = async |person: &str| {
        let url = estate.url(&format!("/teams/?as={person}"));
        estate
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    assert!(page(BEN).await.contains("you approved"));
    assert!(page(BEN).await.contains("only you see this"));
    assert!(!page(ADA).await.contains("you approved"));
}
