//! Entra's documents and tokens, the Bot Connector's, and Graph.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud_sim::{BotKey, Identity, KeyName};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::sky::{Sky, see};

const ADA: &str = "00000000-0000-4000-8000-00000000000b";

async fn document(sky: &Sky, path: &str) -> Value {
    let seen = see(sky.http.get(sky.url(path))).await;
    assert_eq!(seen.status, StatusCode::OK, "{path}");
    serde_json::from_str(&seen.body).unwrap()
}

#[tokio::test]
async fn the_documents_name_issuer_and_keys_and_keys_roll() {
    let sky = Sky::new().await;
    let tenant = format!("/login/{}", Identity::TENANT_ID);
    let configuration = format!("{tenant}/v2.0/.well-known/openid-configuration");
    let metadata = document(&sky, &configuration).await;
    assert_eq!(metadata["issuer"], sky.url(&format!("{tenant}/v2.0")));
    let keys = format!("{tenant}/discovery/v2.0/keys");
    assert_eq!(metadata["jwks_uri"], sky.url(&keys));
    let kids = async || {
        let keys = document(&sky, &keys).await;
        let kids = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].clone());
        kids.collect::<Vec<_>>()
    };
    assert_eq!(kids().await, ["sim-key-current"]);
    let sets = sky.cloud.identity().key_sets();
    sets.roll_entra(&[KeyName::Next], KeyName::Next);
    assert_eq!(kids().await, ["sim-key-next"]);
    let bot = document(&sky, "/botframework/v1/.well-known/openidconfiguration").await;
    assert_eq!(bot["issuer"], "https://api.botframework.com");
    sets.publish_bot(vec![BotKey {
        endorsements: None,
        ..BotKey::for_teams(KeyName::Rogue)
    }]);
    let bot = document(&sky, "/botframework/v1/.well-known/keys").await;
    assert_eq!(bot["keys"][0]["kid"], "sim-key-rogue");
    assert!(bot["keys"][0].get("endorsements").is_none());
    let foreign = "/login/common/v2.0/.well-known/openid-configuration";
    assert_eq!(
        see(sky.http.get(sky.url(foreign))).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn graph_asks_for_its_own_token_and_knows_who_holds_what() {
    let sky = Sky::new().await;
    sky.cloud.directory().change(ADA, |ada| {
        ada.roles = ["A", "B", "C"].map(str::to_owned).into();
        ada.groups = vec!["g1".to_owned()];
    });
    let ask = async |path: &str, audience: &str| {
        let (token, _) = sky.cloud.identity().token(audience);
        see(sky.http.get(sky.url(path)).bearer_auth(token)).await
    };
    let graph = "https://graph.microsoft.com";
    let user = format!("/graph/v1.0/users/{ADA}");
    let wrong = ask(&user, "https://management.azure.com").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let plain: Value = serde_json::from_str(&ask(&user, graph).await.body).unwrap();
    assert!(
        plain.get("userType").is_none(),
        "only for whoever selects it"
    );
    let selected = ask(&format!("{user}?$select=id,userType,accountEnabled"), graph).await;
    assert_eq!(
        selected.body,
        json!({"accountEnabled": true, "id": ADA, "userType": "Member"}).to_string()
    );
    let page = ask(&format!("{user}/appRoleAssignments"), graph).await;
    let page: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    let next = page["@odata.nextLink"].as_str().unwrap();
    let next = next.strip_prefix(sky.cloud.url()).unwrap();
    let last: Value = serde_json::from_str(&ask(next, graph).await.body).unwrap();
    assert_eq!(last["value"].as_array().unwrap().len(), 1);
    assert!(last.get("@odata.nextLink").is_none());
    let unknown = ask("/graph/v1.0/users/nobody", graph).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let check = async |ids: Vec<String>| {
        let (token, _) = sky.cloud.identity().token(graph);
        let url = sky.url(&format!("{user}/checkMemberGroups"));
        let body = json!({ "groupIds": ids }).to_string();
        let request = sky.http.post(url).bearer_auth(token);
        see(request
            .header("content-type", "application/json")
            .body(body))
        .await
    };
    let member = check(vec!["g1".to_owned(), "g2".to_owned()]).await;
    assert_eq!(member.body, r#"{"value":["g1"]}"#);
    let many = check((0..21).map(|id| id.to_string()).collect()).await;
    assert_eq!(many.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_azure_cli_gets_a_token_for_whoever_is_signed_in_and_for_what_the_tenant_knows() {
    let sky = Sky::new().await;
    let own = format!("api://{}/.default", Identity::APP_CLIENT_ID);
    let read = |token: &str| -> Value {
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
    };
    let token = sky.cloud.access_token(ADA, &own).unwrap();
    assert_eq!(sky.cloud.sign_ins().whose(&token).as_deref(), Some(ADA));
    let claims = read(&token);
    assert_eq!(claims["aud"], Identity::APP_CLIENT_ID);
    assert_eq!(
        (&claims["oid"], &claims["ver"]),
        (&json!(ADA), &json!("2.0"))
    );
    let arm = "https://management.azure.com";
    let of_arm = sky.cloud.access_token(ADA, &format!("{arm}/.default"));
    let of_arm = of_arm.unwrap();
    assert_eq!(sky.cloud.sign_ins().whose(&of_arm), None);
    let claims = read(&of_arm);
    assert_eq!(
        (&claims["aud"], &claims["ver"]),
        (&json!(arm), &json!("1.0"))
    );
    let told = sky.cloud.access_token(ADA, "api://another/.default");
    assert!(told.unwrap_err().starts_with("AADSTS500011"));
    sky.cloud.directory().change(ADA, |ada| ada.enabled = false);
    assert!(sky.cloud.access_token(ADA, &own).is_err());
}
