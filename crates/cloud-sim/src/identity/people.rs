//! Tokens that speak for people, and for the Bot Connector.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::documents::BOT_ISSUER;
use super::{Identity, KeyName, Signature, jws};
use crate::clock::wall_now;
use crate::cloud::Cloud;
use crate::graph::{Kind, Person};
use crate::world::World;

/// Entra's ID tokens live for an hour.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// More groups than this do not fit into a token: it says where to ask instead.
const MOST_GROUPS: usize = 200;

/// The Azure CLI's client id (from memory of Microsoft's page, not verified).
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// Services of Microsoft's own that anybody of a tenant gets tokens for.
const MICROSOFTS: [&str; 2] = [
    "https://management.azure.com",
    "https://graph.microsoft.com",
];

const NO_ACCOUNT: &str =
    "AADSTS50034: The user account does not exist in the directory, or is disabled.";

impl World {
    /// Who signs users' tokens here.
    pub(crate) fn issuer(&self) -> String {
        format!("{}/login/{}/v2.0", self.base_url, Identity::TENANT_ID)
    }
}

/// Entra's sign-in as a platform uses it: who comes there gets an ID token. Clones are the same.
#[derive(Clone)]
pub struct SignIns {
    world: Arc<World>,
}

impl SignIns {
    /// An ID token for whoever has this object id, as the directory has them now; none for an unknown or disabled account.
    pub fn id_token(&self, object_id: &str) -> Option<String> {
        let claims = self.world.user_claims(object_id)?;
        Some(signed(self.world.identity.key_sets().signs(), &claims))
    }

    /// The object id of whose token this is, if it is one of the app's own audience and in date.
    pub fn whose(&self, token: &str) -> Option<String> {
        let claims = self.world.identity.key_sets().open(token)?;
        let audience = claims["aud"].as_str()?;
        let own = audience.trim_start_matches("api://") == Identity::APP_CLIENT_ID;
        let issued_here = claims["iss"] == self.world.issuer();
        let in_date = claims["exp"].as_i64()? > wall_now().as_second();
        let known = own && issued_here && in_date;
        known.then(|| claims["oid"].as_str().map(str::to_owned))?
    }
}

impl World {
    fn user_claims(&self, object_id: &str) -> Option<Value> {
        let person = self.directory.person(object_id)?;
        let until = self.identity.key_sets().until();
        let until = until.unwrap_or_else(|| wall_now() + LIFETIME);
        let mut claims = claims(&person, &self.issuer());
        put_times(&mut claims, until - LIFETIME, until);
        if self.identity.key_sets().says_no_account() {
            claims.as_object_mut().map(|claims| claims.remove("acct"));
        }
        if self.identity.key_sets().nameless() {
            // From memory of Microsoft's page on access tokens, not verified: both come with the scope `profile`.
            for name in ["name", "preferred_username"] {
                claims.as_object_mut().map(|claims| claims.remove(name));
            }
        }
        person.enabled.then_some(claims)
    }

    /// An access token as the Azure CLI gets it for whoever is signed in there; else what Entra says instead.
    pub(crate) fn access_token(&self, object_id: &str, scope: &str) -> Result<String, String> {
        let claims = self.user_claims(object_id);
        let mut claims = claims.ok_or_else(|| NO_ACCOUNT.to_owned())?;
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        if resource == format!("api://{}", Identity::APP_CLIENT_ID) {
            claims["azp"] = json!(AZURE_CLI);
            claims["azpacr"] = json!("0");
        } else if MICROSOFTS.contains(&resource) {
            // Microsoft's own services take tokens of version 1.
            claims["aud"] = json!(resource);
            claims["iss"] = json!(format!("https://sts.windows.net/{}/", Identity::TENANT_ID));
            claims["ver"] = json!("1.0");
            claims["appid"] = json!(AZURE_CLI);
        } else {
            return Err(format!(
                "AADSTS500011: The resource principal named {resource} was not found in the tenant named Liftlock."
            ));
        }
        claims["scp"] = json!("user_impersonation");
        Ok(signed(self.identity.key_sets().signs(), &claims))
    }
}

impl Cloud {
    /// For a platform that signs people in.
    pub fn sign_ins(&self) -> SignIns {
        SignIns {
            world: self.world_shared(),
        }
    }

    /// The claims of somebody's ID token, as the directory has them now; none for an unknown or disabled account.
    pub fn user_claims(&self, object_id: &str) -> Option<Value> {
        self.world().user_claims(object_id)
    }

    /// Somebody's ID token.
    pub fn id_token(&self, object_id: &str) -> Option<String> {
        Some(self.sign_user(&self.user_claims(object_id)?))
    }

    /// An access token as the Azure CLI gets it for whoever is signed in there; else what Entra says instead.
    pub fn access_token(&self, object_id: &str, scope: &str) -> Result<String, String> {
        self.world().access_token(object_id, scope)
    }

    /// Any claims, signed by the key that signs users' tokens now.
    pub fn sign_user(&self, claims: &Value) -> String {
        signed(self.identity().key_sets().signs(), claims)
    }

    /// The claims that the Bot Connector sends to the bot with an activity of this `serviceUrl`.
    pub fn connector_claims(&self, service_url: &str) -> Value {
        connector_claims(service_url)
    }

    /// The token that the Bot Connector sends with an activity of this `serviceUrl`.
    pub fn connector_token(&self, service_url: &str) -> String {
        connector_token(service_url)
    }
}

fn connector_claims(service_url: &str) -> Value {
    let mut claims = json!({
        "iss": BOT_ISSUER,
        "aud": Identity::BOT_APP_ID,
        "serviceurl": service_url,
    });
    put_times(&mut claims, wall_now(), wall_now() + LIFETIME);
    claims
}

/// The token that the Bot Connector sends with an activity of this `serviceUrl`.
pub(crate) fn connector_token(service_url: &str) -> String {
    signed(KeyName::Current, &connector_claims(service_url))
}

fn signed(key: KeyName, claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": key.kid()});
    jws(key, Signature::Rs256, &header, claims)
}

fn put_times(claims: &mut Value, from: Timestamp, until: Timestamp) {
    claims["iat"] = json!(from.as_second());
    claims["nbf"] = json!(from.as_second());
    claims["exp"] = json!(until.as_second());
}

fn claims(person: &Person, issuer: &str) -> Value {
    let mut claims = json!({
        "aud": Identity::APP_CLIENT_ID,
        "iss": issuer,
        "tid": Identity::TENANT_ID,
        "oid": person.object_id,
        "sub": format!("pairwise-{}", person.object_id),
        "ver": "2.0",
        "name": person.name,
        "preferred_username": person.user_name,
    });
    if !person.roles.is_empty() {
        claims["roles"] = json!(person.roles);
    }
    match person.kind {
        Kind::Member => claims["acct"] = json!(0),
        Kind::Guest => {
            claims["acct"] = json!(1);
            claims["idp"] = json!("https://sts.windows.net/00000000-0000-4000-8000-0000000000ee/");
        }
        Kind::InternalGuest => claims["acct"] = json!(1),
    }
    if person.groups.len() > MOST_GROUPS {
        claims["_claim_names"] = json!({"groups": "src1"});
        let endpoint = format!(
            "https://graph.windows.net/users/{}/getMemberObjects",
            person.object_id
        );
        claims["_claim_sources"] = json!({"src1": {"endpoint": endpoint}});
    } else if !person.groups.is_empty() {
        claims["groups"] = json!(person.groups);
    }
    claims
}
