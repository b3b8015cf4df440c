//! Who gets in: scanners, and tokens of the Bot Connector (attacks 1 to 6).

use cloud_sim::{BotKey, Identity, KeyName, Signature, jws};
use jiff::SignedDuration;
use promotion::PromotionId;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::super::people::{BOARD, Shown, page_of};
use super::super::{Tester, Who, story};
use super::elsewhere::Elsewhere;

/// Who looks at a link before a person does.
const SCANNERS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0) SafeLinks",
    "SkypeUriPreview Preview/0.5",
    "Slackbot-LinkExpanding 1.0",
    "facebookexternalhit/1.1",
    "Barracuda Sentinel (EE)",
];

pub(super) const REFUSED: &str = "a message for the bot was refused";

/// Why, as the log has it: whoever knocks reads nothing of it.
pub(super) const NO_TOKEN: &str = "the request brings no bearer token";
const MALFORMED: &str = "the token is not believed: it is not written as a token is";
const ALGORITHM: &str = "the token is not believed: it is not signed by RS256";
pub(super) const NOT_SIGNED: &str =
    "the token is not believed: no key of its signer's has signed it";
const EXPIRED: &str = "the token is not believed: it has expired";
const NOT_YET: &str = "the token is not believed: it does not count yet";
const AUDIENCE: &str = "the token is not believed: it was issued for another app";
const ISSUER: &str = "the token is not believed: another directory or service issued it";
const SERVICE_URL: &str = "the token is about another `serviceUrl` than the activity";
const CONNECTOR: &str = "the `serviceUrl` is not of the connector that is configured";
const CHANNEL: &str = "the activity's channel is not `msteams`";
const ENDORSEMENT: &str = "the key of the token is not endorsed for `msteams`";

/// An approver's click, and the promotion that it would decide.
struct Clicked {
    id: PromotionId,
    activity: Value,
}

impl Tester {
    async fn clicked(&self) -> Clicked {
        let (id, post) = self.asked_in_channel().await;
        let activity = self.approval_of(Who::Ada, &post);
        Clicked { id, activity }
    }

    /// Brings the bot an activity, as whoever has this token; status and body.
    async fn knock(&self, activity: &Value, token: Option<&str>) -> (u16, String) {
        let mut request = self
            .http
            .post(self.url("/api/messages"))
            .header("content-type", "application/json")
            .body(activity.to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let shown = Shown::to(request).await;
        (shown.status.as_u16(), shown.text)
    }

    /// Claims that are good for this bot and connector.
    fn good(&self) -> Value {
        self.cloud.connector_claims(&self.cloud.connector_url())
    }

    /// None of these tokens opens the door: an answer without a word, nothing written, a line that says why.
    async fn closed_to(&self, clicked: &Clicked, status: u16, tokens: &[(&str, Option<String>)]) {
        let traces = self.traces().await;
        let before = self.logged(REFUSED).len();
        for (count, (why, token)) in (before + 1..).zip(tokens) {
            let answer = self.knock(&clicked.activity, token.as_deref()).await;
            assert_eq!(answer, (status, String::new()), "{why} {token:?}");
            let line = self.logged_times(REFUSED, count).await;
            let said = (&line["level"], &line["status"], &line["why"]);
            assert_eq!(
                said,
                (&json!("WARN"), &json!(status), &json!(why)),
                "{line}"
            );
            let token = token.as_deref().unwrap_or("no token");
            assert!(!line.to_string().contains(token), "{line}");
        }
        self.untouched(&traces).await;
        self.nobody_counts(&clicked.id).await;
        let expected = tally(tokens.iter().map(|(why, _)| (status, (*why).to_owned())));
        assert_eq!(tally(self.knocks().skip(before)), expected);
    }

    /// The metric, as docs/operations.md counts it: refusals by what was wrong.
    fn knocks(&self) -> impl Iterator<Item = (u16, String)> {
        let lines = self.logged(REFUSED).into_iter();
        lines.map(|line| {
            let status = line["status"]
                .as_u64()
                .and_then(|status| status.try_into().ok());
            (status.unwrap(), line["why"].as_str().unwrap().to_owned())
        })
    }

    /// The same click by the connector itself counts.
    async fn open_to_teams(&self, clicked: &Clicked) {
        let yes = self.deliver_to_bot(&clicked.activity).await;
        assert!(yes.card().is_some(), "{yes:?}");
        self.wait_until(&clicked.id, "live").await;
    }
}

fn tally(refused: impl Iterator<Item = (u16, String)>) -> BTreeMap<(u16, String), usize> {
    let mut counts = BTreeMap::new();
    for one in refused {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

fn header() -> Value {
    json!({ "typ": "JWT", "alg": "RS256", "kid": KeyName::Current.kid() })
}

fn with(value: &Value, name: &str, other: Value) -> Value {
    let mut changed = value.clone();
    changed[name] = other;
    changed
}

fn without(value: &Value, name: &str) -> Value {
    let mut changed = value.clone();
    changed.as_object_mut().unwrap().remove(name);
    changed
}

/// As an `Authorization` header would carry it.
#[expect(clippy::unnecessary_wraps, reason = "beside tokens that are missing")]
fn signed(claims: &Value) -> Option<String> {
    let token = jws(KeyName::Current, Signature::Rs256, &header(), claims);
    Some(token)
}

fn in_seconds(seconds: i64) -> Value {
    let then = liftlock::clock::wall_now() + SignedDuration::from_secs(seconds);
    json!(then.as_second())
}

#[tokio::test]
async fn attack_01_link_scanners_change_nothing() {
    story(async |t| {
        let (id, _) = t.asked_in_channel().await;
        let question = t.newest_question(&id);
        let form = t.open_form(Who::Ada, &question).await.ok().unwrap();
        let traces = t.traces().await;
        let (page, api) = (page_of(&id), Tester::api_of(&id));
        // How each is answered to whoever looks without a session, then with one of the reader's own: people's pages show
        // themselves or lead to the sign-in, programs sign in first, and there is no page where Teams knocks.
        let nothing = [404, 404];
        for (path, gets, heads) in [
            (question.as_str(), [200, 200], [200, 200]),
            (&page, [302, 200], [302, 200]),
            (BOARD, [302, 200], [302, 200]),
            (&api, [401, 200], nothing),
            ("/api/messages", nothing, nothing),
        ] {
            for number in 0..120 {
                let (method, answers) = match number {
                    0..100 => (Method::GET, gets),
                    100..110 => (Method::HEAD, heads),
                    // The host has no such method.
                    _ => (Method::OPTIONS, nothing),
                };
                let request = t.http.request(method.clone(), t.url(path));
                let request = request.header("user-agent", SCANNERS[number % 5]);
                let request = match number % 2 {
                    0 => request,
                    _ => request.header("cookie", &form.cookie),
                };
                let status = request.send().await.unwrap().status().as_u16();
                assert_eq!(status, answers[number % 2], "{method} {path} {number}");
            }
        }
        t.untouched(&traces).await;
        t.nobody_counts(&id).await;
        let approve = [("decision", "approve"), ("comment", "")];
        let sent = Shown::to(t.fill_in(&form, &question, &approve)).await;
        sent.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn attack_02_without_a_token_of_the_connectors_nothing_is_heard() {
    story(async |t| {
        let clicked = t.clicked().await;
        let good = t.good();
        let sign = |key, how, alg: &str, kid: &str| {
            let header = with(&with(&header(), "alg", json!(alg)), "kid", json!(kid));
            Some(jws(key, how, &header, &good))
        };
        let (ours, rogue) = (KeyName::Current, KeyName::Rogue);
        let kid = ours.kid();
        let tokens = [
            (NO_TOKEN, None),
            (MALFORMED, Some("a.b.c".to_owned())),
            (ALGORITHM, sign(ours, Signature::Absent, "none", kid)),
            (ALGORITHM, sign(ours, Signature::Hs256, "HS256", kid)),
            (NOT_SIGNED, sign(ours, Signature::Hs256, "RS256", kid)),
            (NOT_SIGNED, sign(ours, Signature::Absent, "RS256", kid)),
            (NOT_SIGNED, sign(rogue, Signature::Rs256, "RS256", kid)),
            (
                NOT_SIGNED,
                sign(rogue, Signature::Rs256, "RS256", rogue.kid()),
            ),
            (
                NOT_SIGNED,
                sign(ours, Signature::Rs256, "RS256", "nobody's"),
            ),
            (ALGORITHM, sign(ours, Signature::Rs512, "RS512", kid)),
            (NOT_SIGNED, sign(ours, Signature::Rs512, "RS256", kid)),
        ];
        t.closed_to(&clicked, 401, &tokens).await;
        t.open_to_teams(&clicked).await;
    })
    .await;
}

#[tokio::test]
async fn attack_03_tokens_for_another_bot_or_of_another_issuer_open_nothing() {
    story(async |t| {
        let clicked = t.clicked().await;
        let claim = |name, value| signed(&with(&t.good(), name, value));
        let app = Identity::APP_CLIENT_ID;
        let tokens = [
            (AUDIENCE, claim("aud", json!(app))),
            (MALFORMED, claim("aud", json!([Identity::BOT_APP_ID]))),
            (MALFORMED, signed(&without(&t.good(), "aud"))),
            (ISSUER, claim("iss", json!("https://evil.example"))),
            (ISSUER, claim("iss", json!("https://api.botframework.com/"))),
            (MALFORMED, signed(&without(&t.good(), "iss"))),
            // A person's own token is of another signer, under the same key here.
            (ISSUER, t.cloud.id_token(&Who::Ada.object_id())),
        ];
        t.closed_to(&clicked, 401, &tokens).await;
        t.open_to_teams(&clicked).await;
    })
    .await;
}

#[tokio::test]
async fn attack_04_tokens_without_their_time_or_out_of_it_open_nothing() {
    story(async |t| {
        let clicked = t.clicked().await;
        let claim = |name, value| signed(&with(&t.good(), name, value));
        let tokens = [
            (MALFORMED, signed(&without(&t.good(), "exp"))),
            (MALFORMED, signed(&without(&t.good(), "nbf"))),
            // A second more than five minutes ago, and half a minute more than in five, for that comes nearer meanwhile.
            (EXPIRED, claim("exp", in_seconds(-301))),
            (NOT_YET, claim("nbf", in_seconds(330))),
        ];
        t.closed_to(&clicked, 401, &tokens).await;
        // Clocks may be five minutes apart: the one that is missing comes nearer, the other goes.
        let late = with(&t.good(), "exp", in_seconds(-270));
        let early = signed(&with(&late, "nbf", in_seconds(299)));
        let (status, body) = t.knock(&clicked.activity, early.as_deref()).await;
        assert_eq!(status, 200, "{body}");
        t.wait_until(&clicked.id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn attack_05_another_service_url_gets_neither_in_nor_our_token() {
    story(async |t| {
        let clicked = t.clicked().await;
        let elsewhere = Elsewhere::listening().await;
        let evil = elsewhere.url.as_str();
        let teams = "https://smba.trafficmanager.net/emea/";
        let ours = t.cloud.connector_url();
        let no_slash = ours.trim_end_matches('/');
        let token = |claims: &Value| signed(&claims.clone());
        let about = |url: &str| token(&t.cloud.connector_claims(url));
        let differs = [
            (SERVICE_URL, about(evil)),
            (SERVICE_URL, about(teams)),
            (SERVICE_URL, about(no_slash)),
            (SERVICE_URL, token(&without(&t.good(), "serviceurl"))),
        ];
        t.closed_to(&clicked, 401, &differs).await;
        let saying = |url: Value| Clicked {
            id: clicked.id.clone(),
            activity: with(&clicked.activity, "serviceUrl", url),
        };
        for absent in [Value::Null, json!("")] {
            let silent = saying(absent);
            let empty = token(&with(&t.good(), "serviceurl", json!("")));
            let tokens = [(SERVICE_URL, token(&t.good())), (SERVICE_URL, empty)];
            t.closed_to(&silent, 401, &tokens).await;
        }
        // Token and activity agree: on somebody else's host, on another cloud of Microsoft's, in plain text, with a user.
        for url in [
            evil,
            teams,
            "https://evil.example/",
            "http://smba.trafficmanager.net/teams/",
            "https://smba.trafficmanager.net@evil.example/",
        ] {
            let agreed = saying(json!(url));
            let tokens = [(CONNECTOR, about(url))];
            t.closed_to(&agreed, 401, &tokens).await;
        }
        t.open_to_teams(&clicked).await;
        assert_eq!(elsewhere.arrivals(), 0, "nobody was called there");
    })
    .await;
}

#[tokio::test]
async fn attack_06_only_the_channel_teams_and_keys_endorsed_for_it_are_heard() {
    story(async |t| {
        let clicked = t.clicked().await;
        let from = |channel: &str| with(&clicked.activity, "channelId", json!(channel));
        let nowhere = without(&clicked.activity, "channelId");
        for activity in [from("directline"), from("webchat"), from(""), nowhere] {
            let id = clicked.id.clone();
            let other = Clicked { id, activity };
            let tokens = [(CHANNEL, signed(&t.good()))];
            t.closed_to(&other, 403, &tokens).await;
        }
        t.open_to_teams(&clicked).await;
    })
    .await;
    story(async |t| {
        let webchat_only = BotKey {
            endorsements: Some(vec!["webchat".to_owned()]),
            ..BotKey::for_teams(KeyName::Next)
        };
        let unendorsed = BotKey {
            endorsements: None,
            ..BotKey::for_teams(KeyName::Rogue)
        };
        let teams = BotKey::for_teams(KeyName::Current);
        let published = vec![teams, webchat_only, unendorsed];
        t.cloud.identity().key_sets().publish_bot(published);
        let clicked = t.clicked().await;
        let by = |key: KeyName| {
            let header = with(&header(), "kid", json!(key.kid()));
            Some(jws(key, Signature::Rs256, &header, &t.good()))
        };
        let tokens = [
            (ENDORSEMENT, by(KeyName::Next)),
            (ENDORSEMENT, by(KeyName::Rogue)),
        ];
        t.closed_to(&clicked, 403, &tokens).await;
        t.open_to_teams(&clicked).await;
    })
    .await;
}
