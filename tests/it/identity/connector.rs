//! The Bot Connector's tokens: what the official verifier refuses, and the four holes that it leaves open.

use axum::http::StatusCode;
use cloud_sim::{BotKey, Fault, Identity as Ids, KeyName, Signature, jws};
use liftlock::identity::{BotTokenRefused, BotTokens};
use serde_json::{Value, json};

use super::attacks::{Should, attacks};
use super::world::{SERVICE, World, header, headers, signed, with};

/// A request as it comes to the bot, and what should come of it.
pub(super) struct Vector {
    pub(super) name: String,
    pub(super) authorization: String,
    pub(super) service_url: String,
    pub(super) channel: String,
    pub(super) should: Should,
}

/// The keys that the vectors are signed with: good for Teams, for web chat only, for nothing that is said.
pub(super) fn publish(world: &World) {
    world.cloud.identity().key_sets().publish_bot(bot_keys());
}

/// These keys.
pub(super) fn bot_keys() -> Vec<BotKey> {
    let published = |kid: &str, endorsements: Option<Vec<String>>| BotKey {
        key: KeyName::Next,
        kid: kid.to_owned(),
        endorsements,
    };
    vec![
        BotKey::for_teams(KeyName::Current),
        published("webchat-only", Some(vec!["webchat".to_owned()])),
        published("unendorsed", None),
    ]
}

/// Every vector.
#[expect(clippy::too_many_lines, reason = "a table of attacks")]
pub(super) fn vectors(world: &World) -> Vec<Vector> {
    let claims = world.cloud.connector_claims(SERVICE);
    let vector = |name: &str, authorization: String, service_url: &str, channel: &str| Vector {
        name: name.to_owned(),
        authorization,
        service_url: service_url.to_owned(),
        channel: channel.to_owned(),
        should: Should::Refuse,
    };
    let mut all: Vec<Vector> = attacks(&claims)
        .into_iter()
        .map(|attack| Vector {
            should: attack.should,
            ..vector(
                attack.name,
                format!("Bearer {}", attack.token),
                SERVICE,
                "msteams",
            )
        })
        .collect();
    let good = format!("Bearer {}", signed(&claims));
    let by = |kid: &str| {
        let header = with(&header(), "kid", json!(kid));
        let token = jws(KeyName::Next, Signature::Rs256, &header, &claims);
        format!("Bearer {token}")
    };
    let claiming = |value: Value| {
        let token = signed(&with(&claims, "serviceurl", value));
        format!("Bearer {token}")
    };
    let no_slash = SERVICE.trim_end_matches('/');
    let upper = with(
        &with(&claims, "serviceurl", Value::Null),
        "serviceUrl",
        json!(SERVICE),
    );
    let entra = world.cloud.id_token(super::world::ADA).unwrap();
    for (name, authorization, service_url, channel) in [
        (
            "another serviceurl",
            claiming(json!("https://evil.example/")),
            SERVICE,
            "msteams",
        ),
        ("no serviceurl", claiming(Value::Null), SERVICE, "msteams"),
        (
            "serviceurl without its slash",
            claiming(json!(no_slash)),
            SERVICE,
            "msteams",
        ),
        (
            "serviceUrl in other letters",
            format!("Bearer {}", signed(&upper)),
            SERVICE,
            "msteams",
        ),
        (
            "the activity without its slash",
            good.clone(),
            no_slash,
            "msteams",
        ),
        (
            "an activity without serviceUrl",
            good.clone(),
            "",
            "msteams",
        ),
        (
            "neither says a serviceUrl",
            claiming(Value::Null),
            "",
            "msteams",
        ),
        (
            "both say an empty serviceUrl",
            claiming(json!("")),
            "",
            "msteams",
        ),
        ("an activity without channel", good.clone(), SERVICE, ""),
        (
            "no channel and a key without endorsements",
            by("unendorsed"),
            SERVICE,
            "",
        ),
        ("web chat", good.clone(), SERVICE, "webchat"),
        (
            "web chat by its own key",
            by("webchat-only"),
            SERVICE,
            "webchat",
        ),
        ("direct line", good.clone(), SERVICE, "directline"),
        (
            "a key for web chat only",
            by("webchat-only"),
            SERVICE,
            "msteams",
        ),
        (
            "a key without endorsements",
            by("unendorsed"),
            SERVICE,
            "msteams",
        ),
        (
            "bearer in small letters",
            good.replacen("Bearer", "bearer", 1),
            SERVICE,
            "msteams",
        ),
        (
            "two spaces",
            good.replacen(' ', "  ", 1),
            SERVICE,
            "msteams",
        ),
        (
            "no scheme",
            good.replacen("Bearer ", "", 1),
            SERVICE,
            "msteams",
        ),
        ("no token", "Bearer ".to_owned(), SERVICE, "msteams"),
        (
            "a person's own token",
            format!("Bearer {entra}"),
            SERVICE,
            "msteams",
        ),
    ] {
        all.push(vector(name, authorization, service_url, channel));
    }
    all
}

pub(super) async fn ask(bots: &BotTokens, vector: &Vector) -> Result<(), BotTokenRefused> {
    let sent = headers(&[("authorization", &vector.authorization)]);
    bots.verify(&sent, &vector.service_url, &vector.channel)
        .await
}

#[tokio::test]
async fn every_vector_comes_out_as_it_should() {
    let world = World::new().await;
    publish(&world);
    let bots = world.identity.bots().unwrap();
    let vectors = vectors(&world);
    for vector in &vectors {
        let found = match ask(bots, vector).await {
            Ok(()) => Should::Accept,
            Err(_) => Should::Refuse,
        };
        assert_eq!(found, vector.should, "{}", vector.name);
    }
    assert!(vectors.len() > 50, "{} vectors", vectors.len());
}

#[tokio::test]
async fn a_refusal_says_what_is_wrong_and_nothing_of_the_token() {
    let world = World::new().await;
    publish(&world);
    let bots = world.identity.bots().unwrap();
    let told = async |name: &str| {
        let vectors = vectors(&world);
        let vector = vectors.iter().find(|vector| vector.name == name).unwrap();
        ask(bots, vector).await.unwrap_err().to_string()
    };
    insta::assert_snapshot!(told("no token").await, @"the request brings no bearer token");
    insta::assert_snapshot!(told("expired 6 minutes ago").await, @"the token is not believed: it has expired");
    insta::assert_snapshot!(told("no serviceurl").await, @"the token is about another `serviceUrl` than the activity");
    insta::assert_snapshot!(told("direct line").await, @"the activity's channel is not `msteams`");
    insta::assert_snapshot!(told("a key without endorsements").await, @"the key of the token is not endorsed for `msteams`");
}

#[tokio::test]
async fn two_headers_are_none_and_keys_that_cannot_be_read_are_a_passing_trouble() {
    let world = World::new().await;
    let bots = world.identity.bots().unwrap();
    let good = format!("Bearer {}", world.cloud.connector_token(SERVICE));
    let faults = world.cloud.faults();
    let down = Fault::Status {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "Down".to_owned(),
    };
    faults.add("botframework.keys", down, 100);
    let one = headers(&[("authorization", &good)]);
    let refused = bots.verify(&one, SERVICE, "msteams").await.unwrap_err();
    assert!(refused.is_passing(), "{refused}");
    faults.clear();
    bots.verify(&one, SERVICE, "msteams").await.unwrap();
    let two = headers(&[("authorization", &good), ("authorization", &good)]);
    let refused = bots.verify(&two, SERVICE, "msteams").await;
    assert_eq!(refused, Err(BotTokenRefused::Missing));
    assert_eq!(bots.app_id(), Ids::BOT_APP_ID);
}
