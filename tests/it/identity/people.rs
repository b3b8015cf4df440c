//! People's tokens: forged headers, other tenants, guests, groups that do not fit, and a directory that does not answer.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_sim::{Fault, Identity as Ids, KeyName, Kind};
use liftlock::identity::{NotSignedIn, Refused};
use liftlock::settings::SignIn;
use promotion::{GroupId, Role};
use serde_json::{Value, json};

use super::attacks::{Should, attacks};
use super::world::{ADA, FORWARDED, RISK, SAM, SERVICE, World, in_minutes, signed, with};

const PRINCIPAL: &str = "x-ms-client-principal";
const ID: &str = "x-ms-client-principal-id";

fn principal(object_id: &str, tenant: &str) -> String {
    let claims = json!({"auth_typ": "aad", "claims": [
        {"typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": object_id},
        {"typ": "http://schemas.microsoft.com/identity/claims/tenantid", "val": tenant},
        {"typ": "roles", "val": "Model.Approver"},
    ]});
    STANDARD.encode(claims.to_string())
}

fn down() -> Fault {
    Fault::Status {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "Down".to_owned(),
    }
}

#[tokio::test]
async fn every_vector_comes_out_as_it_should() {
    let world = World::new().await;
    let attacks = attacks(&world.ada());
    for attack in &attacks {
        let expected = attack.should == Should::Accept;
        let forwarded = world.forwarded(&attack.token).await;
        assert_eq!(
            forwarded.is_ok(),
            expected,
            "{}: {forwarded:?}",
            attack.name
        );
        let bearer = format!("Bearer {}", attack.token);
        let brought = world.viewer(&[("authorization", &bearer)]).await;
        assert_eq!(brought.is_ok(), expected, "{}: {brought:?}", attack.name);
    }
    assert!(attacks.len() >= 35, "{} vectors", attacks.len());
}

#[tokio::test]
async fn claims_of_somebody_else_count_for_nobody() {
    let world = World::new().await;
    let ada = world.ada();
    for (name, value) in [
        ("tid", json!("00000000-0000-4000-8000-0000000000ee")),
        ("tid", Value::Null),
        ("oid", Value::Null),
        ("oid", json!("ada")),
        ("oid", json!("00000000-0000-4000-8000-00000000000b/..")),
        ("ver", json!("1.0")),
        ("ver", Value::Null),
        ("sub", json!(ADA)),
        ("idtyp", json!("app")),
        ("roles", json!("Model.Approver")),
        ("groups", json!({"0": RISK})),
    ] {
        let token = signed(&with(&ada, name, value.clone()));
        let refused = world.forwarded(&token).await.unwrap_err();
        assert!(
            matches!(refused, NotSignedIn::NotBelieved(_)),
            "{name} {value}: {refused}"
        );
    }
    let bots = world.cloud.connector_token(SERVICE);
    assert!(world.forwarded(&bots).await.is_err());
}

#[tokio::test]
async fn a_token_says_who_and_with_which_role() {
    let world = World::new().await;
    let viewer = world.forwarded(&signed(&world.ada())).await.unwrap();
    assert_eq!(viewer.person.id.as_str(), ADA);
    assert_eq!(viewer.person.name, "Ada Approver");
    assert_eq!(viewer.held.roles, [Role("Model.Approver".to_owned())]);
    let api = json!(format!("api://{}", Ids::APP_CLIENT_ID));
    let token = signed(&with(&world.ada(), "aud", api));
    let bearer = format!("Bearer {token}");
    let brought = world.viewer(&[("authorization", &bearer)]).await.unwrap();
    assert_eq!(brought.person.id.as_str(), ADA);
    // What is issued for the API is no ID token.
    let refused = world.forwarded(&token).await;
    assert_eq!(
        refused.err(),
        Some(NotSignedIn::NotBelieved(Refused::Audience))
    );
}

#[tokio::test]
async fn forged_headers_are_nobodys() {
    let world = World::new().await;
    let token = signed(&world.ada());
    let (ada, sam) = (
        principal(ADA, Ids::TENANT_ID),
        principal(SAM, Ids::TENANT_ID),
    );
    let foreign = principal(ADA, "00000000-0000-4000-8000-0000000000ee");
    let told =
        async |sent: &[(&str, &str)]| world.viewer(sent).await.map(|viewer| viewer.person.name);
    assert_eq!(told(&[]).await, Err(NotSignedIn::Anonymous));
    assert_eq!(told(&[(PRINCIPAL, &ada)]).await, Err(NotSignedIn::NoToken));
    assert_eq!(told(&[(ID, ADA)]).await, Err(NotSignedIn::NoToken));
    let good = [(PRINCIPAL, ada.as_str()), (ID, ADA), (FORWARDED, &token)];
    assert_eq!(told(&good).await.as_deref(), Ok("Ada Approver"));
    let other = signed(&world.cloud.user_claims(SAM).unwrap());
    let bearer = format!("Bearer {other}");
    for forged in [
        &[(PRINCIPAL, sam.as_str()), (FORWARDED, &token)][..],
        &[(PRINCIPAL, foreign.as_str()), (FORWARDED, &token)],
        &[(ID, SAM), (FORWARDED, &token)],
        &[(PRINCIPAL, ada.as_str()), (ID, SAM), (FORWARDED, &token)],
        &[
            (PRINCIPAL, ada.as_str()),
            (PRINCIPAL, ada.as_str()),
            (FORWARDED, &token),
        ],
        &[(PRINCIPAL, "%%%"), (FORWARDED, &token)],
        &[(PRINCIPAL, &"A".repeat(1 << 20)), (FORWARDED, &token)],
        &[(FORWARDED, &token), (FORWARDED, &token)],
        &[(FORWARDED, &token), ("authorization", &bearer)],
        &[(FORWARDED, &token), ("authorization", "Basic YTpi")],
    ] {
        assert_eq!(
            told(forged).await,
            Err(NotSignedIn::Unreadable),
            "{:.200}",
            format!("{forged:?}")
        );
    }
}

#[tokio::test]
async fn without_marker_or_registration_nobody_is_believed() {
    let off = World::with(SignIn::Nobody, &|_| true).await;
    let token = signed(&off.ada());
    assert_eq!(
        off.forwarded(&token).await.err(),
        Some(NotSignedIn::NoPlatform)
    );
    let bearer = format!("Bearer {token}");
    let brought = off.viewer(&[("authorization", &bearer)]).await;
    assert_eq!(brought.err(), Some(NotSignedIn::NoPlatform));
    let unset = |name: &str| !name.ends_with("TENANT_ID") && !name.ends_with("CLIENT_ID");
    let bare = World::with(SignIn::Platform, &unset).await;
    assert_eq!(
        bare.forwarded(&token).await.err(),
        Some(NotSignedIn::NoRegistration)
    );
    assert_eq!(bare.identity.closed(), Some(NotSignedIn::NoRegistration));
}

#[tokio::test]
async fn an_expired_sign_in_is_told_from_a_forged_one() {
    let world = World::new().await;
    let old = signed(&with(&world.ada(), "exp", in_minutes(-6)));
    assert_eq!(
        world.forwarded(&old).await.err(),
        Some(NotSignedIn::Expired)
    );
    let early = signed(&with(&world.ada(), "nbf", in_minutes(6)));
    let refused = world.forwarded(&early).await;
    assert_eq!(
        refused.err(),
        Some(NotSignedIn::NotBelieved(Refused::NotYet))
    );
}

#[tokio::test]
async fn groups_come_from_the_token_or_where_it_names_none_from_the_directory() {
    let world = World::new().await;
    let held = async || {
        let token = world.cloud.id_token(ADA).unwrap();
        world
            .forwarded(&token)
            .await
            .map(|viewer| viewer.held.groups)
    };
    assert_eq!(held().await, Ok(vec![]));
    let other = "11111111-0000-4000-8000-000000000000".to_owned();
    world
        .cloud
        .directory()
        .change(ADA, |ada| ada.groups = vec![other, RISK.to_owned()]);
    let asked = |operation: &str| world.cloud.calls().get(operation).copied().unwrap_or(0);
    let before = asked("graph.checkMemberGroups");
    // Others are nobody's business.
    assert_eq!(held().await, Ok(vec![GroupId::new(RISK)]));
    assert_eq!(
        asked("graph.checkMemberGroups"),
        before,
        "the token says it"
    );
    let many = (0..205).map(|number| format!("11111111-0000-4000-8000-{number:012}"));
    let many: Vec<String> = many.chain([RISK.to_owned()]).collect();
    world.cloud.directory().change(ADA, |ada| ada.groups = many);
    let claims = world.ada();
    assert!(claims["groups"].is_null() && !claims["_claim_names"].is_null());
    assert_eq!(held().await, Ok(vec![GroupId::new(RISK)]));
    assert_eq!(asked("graph.checkMemberGroups"), before + 1);
    world
        .cloud
        .faults()
        .add("graph.checkMemberGroups", down(), 100);
    assert_eq!(held().await, Err(NotSignedIn::Unverifiable));
    world.cloud.faults().clear();
    world.cloud.directory().change(ADA, |ada| {
        ada.groups.pop();
    });
    assert_eq!(held().await, Ok(vec![]));
}

#[tokio::test]
async fn a_token_that_says_both_groups_and_too_many_is_not_taken_at_its_word() {
    let world = World::new().await;
    let claims = with(&world.ada(), "groups", json!([RISK]));
    for (name, value) in [
        ("hasgroups", json!(true)),
        ("_claim_names", json!({"groups": "src1"})),
    ] {
        let token = signed(&with(&claims, name, value));
        assert_eq!(world.forwarded(&token).await.unwrap().held.groups, []);
    }
}

#[tokio::test]
async fn a_guest_decides_nothing_and_an_account_elsewhere_is_looked_up() {
    let world = World::new().await;
    world
        .cloud
        .directory()
        .change(ADA, |ada| ada.kind = Kind::Guest);
    let token = world.cloud.id_token(ADA).unwrap();
    let refused = world.forwarded(&token).await.unwrap_err();
    insta::assert_snapshot!(refused, @"Ada Approver is a guest in this tenant; guests decide nothing here");
    world.cloud.faults().add("graph.user", down(), 100);
    assert_eq!(
        world.forwarded(&token).await.err(),
        Some(NotSignedIn::Unverifiable)
    );
    world.cloud.faults().clear();
    // A guest whose account is of this tenant: the token says so or nothing, but never that it is a member.
    let keys = world.cloud.identity().key_sets();
    for silent in [false, true] {
        keys.users_without_account(silent);
        let people = world.cloud.directory();
        people.change(ADA, |ada| ada.kind = Kind::InternalGuest);
        let refused = world.forwarded(&world.cloud.id_token(ADA).unwrap()).await;
        assert!(
            matches!(refused, Err(NotSignedIn::NotAMember(_))),
            "{refused:?}"
        );
    }
    keys.users_without_account(false);
    // Converted to a member since; the old token still hints at a guest.
    world
        .cloud
        .directory()
        .change(ADA, |ada| ada.kind = Kind::Member);
    assert!(world.forwarded(&token).await.is_ok());
}

#[tokio::test]
async fn whoevers_token_does_not_say_a_name_is_named_by_the_directory_or_is_nobody() {
    let world = World::new().await;
    world.cloud.identity().key_sets().users_nameless(true);
    let api = format!("api://{}/.default", Ids::APP_CLIENT_ID);
    let bearer = format!("Bearer {}", world.cloud.access_token(ADA, &api).unwrap());
    let ask = async || world.viewer(&[("authorization", &bearer)]).await;
    let ada = ask().await.unwrap();
    assert_eq!(ada.person.name, "Ada Approver");
    let sign_in = world.cloud.directory().person(ADA).unwrap().user_name;
    assert!(ada.held.names.contains(&sign_in), "{:?}", ada.held.names);
    world.cloud.faults().add("graph.user", down(), 100);
    let refused = ask().await.unwrap_err();
    insta::assert_snapshot!(refused, @"the sign-in does not say your name, by which your own work would be told from others', and the directory cannot be asked for it: sign in with a token that has the claim `name` (its scope is `profile`)");
    // A name that is none, and one that people only sign in with, are not what authors are known by.
    world.cloud.identity().key_sets().users_nameless(false);
    for name in [json!(" \u{200b}"), Value::Null] {
        let token = signed(&with(&world.ada(), "name", name));
        assert_eq!(
            world.forwarded(&token).await.err(),
            Some(NotSignedIn::Nameless)
        );
    }
    world.cloud.faults().clear();
    world.cloud.directory().change(ADA, |ada| ada.name.clear());
    assert_eq!(ask().await.err(), Some(NotSignedIn::Nameless));
    world
        .cloud
        .directory()
        .change(ADA, |ada| ada.kind = Kind::Guest);
    assert!(matches!(ask().await, Err(NotSignedIn::NotAMember(_))));
}

#[tokio::test]
async fn all_that_somebody_is_called_comes_with_their_token() {
    let world = World::new().await;
    let long = "Ada ".repeat(40);
    let claims = with(&world.ada(), "name", json!(long));
    let ada = world.forwarded(&signed(&claims)).await.unwrap();
    assert_eq!(ada.person.name.chars().count(), 80);
    let sign_in = claims["preferred_username"].as_str().unwrap().to_owned();
    assert_eq!(ada.held.names, [long, sign_in]);
}

#[tokio::test]
async fn a_key_that_is_rolled_is_fetched_and_one_that_cannot_be_is_a_passing_trouble() {
    let world = World::new().await;
    let keys = world.cloud.identity().key_sets();
    world.cloud.faults().add("login.keys", down(), 100);
    let token = world.cloud.id_token(ADA).unwrap();
    assert_eq!(
        world.forwarded(&token).await.err(),
        Some(NotSignedIn::Unverifiable)
    );
    world.cloud.faults().clear();
    assert!(world.forwarded(&token).await.is_ok());
    keys.roll_entra(&[KeyName::Current, KeyName::Next], KeyName::Next);
    let next = world.cloud.id_token(ADA).unwrap();
    // Once a minute at most: what is published a moment after the last look is seen by the next one.
    let refused = world.forwarded(&next).await;
    assert_eq!(
        refused.err(),
        Some(NotSignedIn::NotBelieved(Refused::NotSigned))
    );
    let fetched = |operation: &str| world.cloud.calls()[operation];
    let before = fetched("login.metadata");
    for _ in 0..20 {
        drop(world.forwarded(&next).await);
    }
    assert_eq!(fetched("login.metadata"), before);
    assert!(world.forwarded(&token).await.is_ok(), "known keys go on");
}
