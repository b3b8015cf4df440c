//! The platform's sign-in with personas.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use functions_host::{AccessTokens, IdTokens, Persona, PlatformState};
use serde_json::{Value, json};

use crate::support::{Running, TestApp};

const ADA: &str = "00000000-0000-4000-8000-00000000000b";

fn app(platform: &PlatformState) -> TestApp {
    let ada = Persona {
        object_id: ADA.to_owned(),
        name: "Ada <Approver>".to_owned(),
        tenant_id: "tenant".to_owned(),
        roles: vec!["Model.Approver".to_owned()],
        description: "may approve".to_owned(),
    };
    let platform = platform.clone();
    TestApp::new()
        .http("echo", "echo", &[])
        .env("WEBSITE_AUTH_ENABLED", "True")
        .with(|options| {
            options.personas = vec![ada];
            options.id_tokens =
                IdTokens::new(|persona| Some(format!("token of {}", persona.object_id)));
            options.access_tokens =
                AccessTokens::new(|token| (token == "of-ada").then(|| ADA.to_owned()));
            options.platform = platform;
        })
}

async fn sign_in(host: &Running, target: &str) -> String {
    let form = format!("persona={ADA}&post_login_redirect_uri={target}");
    let answer = host.send("POST", "/.auth/login/aad", &[], &form).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, "/api/echo")
    );
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("AppServiceAuthSession-")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax")
    );
    cookie.split(';').next().unwrap().to_owned()
}

async fn seen_headers(host: &Running, headers: &[(&str, &str)]) -> Value {
    host.send("GET", "/api/echo", headers, "").await.json()["headers"].clone()
}

#[tokio::test]
async fn a_signed_in_persona_arrives_as_the_platforms_principal() {
    let host = app(&PlatformState::default()).start().await;
    let cookie = sign_in(&host, "%2Fapi%2Fecho").await;
    let headers = seen_headers(&host, &[("cookie", &format!("other=1; {cookie}"))]).await;
    assert_eq!(headers["x-ms-client-principal-id"], ADA);
    assert_eq!(headers["x-ms-client-principal-idp"], "aad");
    assert_eq!(
        headers["x-ms-token-aad-id-token"],
        format!("token of {ADA}")
    );
    assert_eq!(
        headers["x-ms-client-principal-name"],
        "ada.approver@contoso.example"
    );
    let principal = STANDARD
        .decode(headers["x-ms-client-principal"].as_str().unwrap())
        .unwrap();
    let principal: Value = serde_json::from_slice(&principal).unwrap();
    assert_eq!(principal["auth_typ"], "aad");
    let claims = principal["claims"].as_array().unwrap();
    for claim in [
        json!({ "typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": ADA }),
        json!({ "typ": "http://schemas.microsoft.com/identity/claims/tenantid", "val": "tenant" }),
        json!({ "typ": "roles", "val": "Model.Approver" }),
    ] {
        assert!(claims.contains(&claim), "{claim}");
    }
}

#[tokio::test]
async fn a_program_arrives_with_its_token_and_is_named_where_the_directory_knows_it() {
    let host = app(&PlatformState::default()).start().await;
    let known = seen_headers(&host, &[("authorization", "Bearer of-ada")]).await;
    assert_eq!(known["authorization"], "Bearer of-ada");
    assert_eq!(known["x-ms-client-principal-id"], ADA);
    assert!(known["x-ms-token-aad-id-token"].is_null());
    for unknown in ["Bearer of-nobody", "Basic of-ada", "of-ada"] {
        let seen = seen_headers(&host, &[("authorization", unknown)]).await;
        assert_eq!(seen["authorization"], unknown);
        assert!(seen["x-ms-client-principal-id"].is_null(), "{unknown}");
    }
}

#[tokio::test]
async fn forged_headers_are_stripped_where_sign_in_is_on_and_pass_where_it_is_off() {
    let forged = [
        ("X-MS-CLIENT-PRINCIPAL", "x"),
        ("X-MS-CLIENT-PRINCIPAL-ID", ADA),
        ("X-MS-TOKEN-AAD-ID-TOKEN", "x"),
    ];
    let host = app(&PlatformState::default()).start().await;
    let headers = seen_headers(&host, &forged).await;
    assert!(
        headers
            .as_object()
            .unwrap()
            .keys()
            .all(|name| name == "x-ms-invocation-id" || !name.starts_with("x-ms-"))
    );

    let open = TestApp::new().http("echo", "echo", &[]).start().await;
    assert_eq!(
        seen_headers(&open, &forged).await["x-ms-client-principal-id"],
        ADA
    );
    assert_eq!(open.get("/.auth/login/aad").await.status, 404);
}

#[tokio::test]
async fn sign_ins_outlive_the_host_and_end_with_a_sign_out() {
    let platform = PlatformState::default();
    let host = app(&platform).start().await;
    let cookie = sign_in(&host, "/api/echo").await;
    host.host.stop().await;

    // Here it gets another port; a platform starts it on the same one.
    let next = app(&platform).start().await;
    let (_, secret) = cookie.split_once('=').unwrap();
    let cookie = format!(
        "AppServiceAuthSession-{}={secret}",
        next.host.url().port().unwrap()
    );
    let session = [("cookie", cookie.as_str())];
    assert_eq!(
        seen_headers(&next, &session).await["x-ms-client-principal-id"],
        ADA
    );
    let signed_out = next.send("GET", "/.auth/logout", &session, "").await;
    assert_eq!(
        (signed_out.status, signed_out.header("location")),
        (302, "/.auth/logout/complete")
    );
    assert_eq!(next.get("/.auth/logout/complete").await.status, 200);
    assert_eq!(
        seen_headers(&next, &session).await["x-ms-client-principal-id"],
        Value::Null
    );
}

#[tokio::test]
async fn the_page_offers_a_button_a_persona_and_leads_nowhere_else() {
    let host = app(&PlatformState::default()).start().await;
    let page = host
        .get("/.auth/login/aad?post_login_redirect_uri=/api/echo%3Fa=%22b")
        .await;
    assert_eq!(page.status, 200);
    for part in [
        "Ada &lt;Approver&gt;",
        "may approve",
        "value=\"/api/echo?a=&quot;b\"",
        "prefers-color-scheme: dark",
        ADA,
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    let astray = host
        .get("/.auth/login/aad?post_login_redirect_uri=https://evil.example")
        .await;
    assert_eq!(astray.status, 400);
    let stranger = host
        .send("POST", "/.auth/login/aad", &[], "persona=nobody")
        .await;
    assert_eq!(stranger.status, 400);
}
