//! Who asks: whoever is signed in with `az`, or a token that a pipeline brings; and who is nobody.

use cloud_sim::Identity;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::terminal::{Machine, audience, liftlock};
use crate::stories::{Setup, Who, story};

/// The developer's own sign-in: `az`, as the SDK calls it.
#[tokio::test]
async fn whoever_is_signed_in_with_az_asks() {
    story(async |t| {
        let ada = Machine::of(t, Who::Ada);
        ada.liftlock(Identity::APP_CLIENT_ID, &["status"])
            .await
            .done();
        let uri = audience();
        let status = ["status", "--audience", uri.as_str()];
        ada.liftlock("another", &status).await.done();
        let told = ada.liftlock("another", &["status"]).await;
        told.ended(2, "az login");
        assert!(told.err.contains("AADSTS500011"), "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn a_token_of_a_pipelines_counts_as_the_person_that_it_names() {
    story(async |t| {
        let id = t.asked().await;
        let digest = t.digest(&id).await;
        let approve = ["approve", id.as_str(), "--digest", digest.as_str()];
        let token = |who| t.token(who, &audience());
        // Tina trained it, Sam has no role: a token changes nothing about that.
        t.liftlock_with(&token(Who::Sam), &approve)
            .await
            .ended(1, "Model.Approver");
        t.liftlock_with(&token(Who::Tina), &approve)
            .await
            .ended(1, "");
        t.liftlock_with(&token(Who::Ada), &approve).await.done();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_token_and_one_of_another_audience_are_nobodys() {
    story(async |t| {
        let id = t.asked().await;
        let keys = t.cloud.identity().key_sets();
        keys.users_until(Some(
            liftlock::clock::wall_now() - SignedDuration::from_hours(1),
        ));
        let expired = t.token(Who::Ada, &audience());
        keys.users_until(None);
        let arm = t.token(Who::Ada, "https://management.azure.com");
        let graph = t.token(Who::Ada, "https://graph.microsoft.com");
        let mut claims = t.cloud.user_claims(&Who::Ada.object_id()).unwrap();
        claims["aud"] = json!(Identity::BOT_APP_ID);
        let another = t.cloud.sign_user(&claims);
        let (head, _) = expired.rsplit_once('.').unwrap();
        let good = t.token(Who::Ada, &audience());
        let (_, signature) = good.rsplit_once('.').unwrap();
        let forged = format!("{head}.{signature}");
        let records = t.journal(&id);
        let mut told = Vec::new();
        for token in [&expired, &arm, &graph, &another, &forged] {
            for arguments in [&["status"][..], &["abort", id.as_str(), "--reason", "x"]] {
                let ran = t.liftlock_with(token, arguments).await;
                ran.ended(2, "does not know who you are");
                assert!(!ran.err.contains(token.as_str()), "{ran:?}");
                told.push(ran.err.replace(&t.origin(), "[app]"));
            }
        }
        told.dedup();
        insta::assert_snapshot!(told.concat(), @"
        [app] does not know who you are: The sign-in has expired; sign in again. See that --audience names the app's own registration, and that LIFTLOCK_TOKEN, where it is set, is of it and not expired.
        [app] does not know who you are: The sign-in is not believed: another directory or service issued it. See that --audience names the app's own registration, and that LIFTLOCK_TOKEN, where it is set, is of it and not expired.
        [app] does not know who you are: The sign-in is not believed: it was issued for another app. See that --audience names the app's own registration, and that LIFTLOCK_TOKEN, where it is set, is of it and not expired.
        [app] does not know who you are: The sign-in is not believed: no key of its signer's has signed it. See that --audience names the app's own registration, and that LIFTLOCK_TOKEN, where it is set, is of it and not expired.
        ");
        assert_eq!(t.journal(&id), records);
        // The same person with a good one.
        t.liftlock_with(&good, &["status"]).await.done();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn everybody_is_told_as_whom_they_are_known() {
    story(async |t| {
        let ada = t.liftlock(Who::Ada, &["whoami"]).await;
        let (known, until) = ada.done().rsplit_once("  ").unwrap();
        insta::assert_snapshot!(known, @"
        Name             Ada Approver
        Id               00000000-0000-4000-8000-00000000000b
        Tenant           00000000-0000-4000-8000-0000000000f0
        Roles            Model.Approver
        Groups           none that a route names
        Signed in until
        ");
        let until: Timestamp = until.trim().parse().unwrap();
        let left = until.duration_since(liftlock::clock::wall_now());
        assert!((3500..=3600).contains(&left.as_secs()), "{until}");
        let sam = t.liftlock(Who::Sam, &["whoami", "--json"]).await.json();
        assert_eq!(sam["id"], Who::Sam.object_id());
        assert_eq!((&sam["roles"], &sam["groups"]), (&json!([]), &json!([])));
        // The same at the browser's sign-in; and nobody is nobody.
        let seen = t.see(Who::Ada, "/api/v1/me").await;
        assert_eq!(seen.json()["roles"], json!(["Model.Approver"]));
        t.see_unknown("/api/v1/me")
            .await
            .refused(401, "Sign in first");
        t.see(Who::Ada, "/api/v1/me?all=1")
            .await
            .refused(400, "no parameter");
        t.liftlock_with("a.b.c", &["whoami", "--json"])
            .await
            .ended(2, "who you are");
    })
    .await;
}

#[tokio::test]
async fn groups_are_told_as_far_as_routes_name_them() {
    const RISK: &str = "0760b6cf-170e-4a14-91b3-4b78e0739963";
    let rule = format!("{{ group: {RISK}, name: Model risk }}");
    let by_group = Setup::default().with("{ role: Model.Approver }", &rule);
    by_group
        .story(async |t| {
            let ada = Who::Ada.object_id();
            let other = "11111111-0000-4000-8000-000000000001";
            let groups = [RISK, other].map(str::to_owned);
            t.cloud
                .directory()
                .change(&ada, |ada| ada.groups = groups.into());
            let known = t.liftlock(Who::Ada, &["whoami", "--json"]).await.json();
            assert_eq!(
                known["groups"],
                json!([{ "id": RISK, "name": "Model risk" }])
            );
            let ben = t.liftlock(Who::Ben, &["whoami", "--json"]).await.json();
            assert_eq!(ben["groups"], json!([]));
        })
        .await;
}

#[tokio::test]
async fn who_cannot_be_told_or_reached_is_said_to_be_so() {
    story(async |t| {
        let app = t.origin();
        let direct = [
            ("LIFTLOCK_APP_URL", app.as_str()),
            ("LIFTLOCK_TOKEN", "not.a.token"),
        ];
        let told = liftlock(&direct, &["status"]).await;
        told.ended(2, "--audience");
        assert!(!told.err.contains("not.a.token"), "{told:?}");
        let closed = [
            ("LIFTLOCK_APP_URL", "http://127.0.0.1:1"),
            ("LIFTLOCK_TOKEN", "x"),
        ];
        liftlock(&closed, &["status"])
            .await
            .ended(2, "cannot be reached");
        liftlock(&[], &["status"])
            .await
            .ended(2, "LIFTLOCK_APP_URL");
        liftlock(&[("LIFTLOCK_APP_URL", &app)], &["status"])
            .await
            .ended(2, "LIFTLOCK_APP_CLIENT_ID");
        liftlock(&direct, &["approve", "x", "--yes"])
            .await
            .ended(2, "--digest");
    })
    .await;
}

#[tokio::test]
async fn shells_complete_every_command() {
    for (shell, check) in [
        ("bash", true),
        ("zsh", false),
        ("fish", false),
        ("powershell", false),
    ] {
        let script = liftlock(&[], &["completion", shell]).await;
        let script_text = script.done();
        for verb in ["approve", "override", "freeze", "whoami"] {
            assert!(script_text.contains(verb), "{shell}: {verb}");
        }
        if check {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("liftlock.bash");
            std::fs::write(&file, &script.out).unwrap();
            let checked = std::process::Command::new("bash")
                .arg("-n")
                .arg(&file)
                .status();
            assert!(checked.unwrap().success());
        }
    }
}
