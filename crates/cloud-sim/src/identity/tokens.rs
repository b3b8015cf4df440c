//! Tokens: shaped as Entra's, signed with a key that only this cloud knows.
//!
//! Invariant: `check` accepts what `token` made and nothing else. Expiry is real time, as clients measure it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::key_sets::KeySets;
use crate::clock::wall_now;

/// Entra's tokens for managed identities live for a day.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The one managed identity of this cloud, and the tokens it gets.
#[derive(Debug)]
pub struct Identity {
    header: String,
    key: Vec<u8>,
    key_sets: KeySets,
}

/// Who a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub object_id: String,
    pub app_id: String,
    /// The service principal's name, which ARM writes into `systemData.createdBy`.
    pub display_name: String,
}

/// Why a token opens nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no bearer token was sent")]
    Missing,
    #[error("the token was not issued here")]
    Forged,
    #[error("the token has expired")]
    Expired,
    #[error("the token is for another audience")]
    WrongAudience,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    oid: String,
    sub: String,
    appid: String,
    tid: String,
    ver: String,
}

impl Identity {
    /// The directory in which everybody lives.
    pub const TENANT_ID: &str = "00000000-0000-4000-8000-0000000000f0";
    /// The managed identity's object id.
    pub const OBJECT_ID: &str = "00000000-0000-4000-8000-0000000000f1";
    /// The managed identity's client id, which a request may name.
    pub const CLIENT_ID: &str = "00000000-0000-4000-8000-0000000000f2";
    /// The client id of the app registration that people sign in to.
    pub const APP_CLIENT_ID: &str = "00000000-0000-4000-8000-0000000000f3";
    /// The app id of the bot, which is the client id of its own managed identity.
    pub const BOT_APP_ID: &str = "00000000-0000-4000-8000-0000000000f4";
    /// The object id of the app registration's service principal, at which app roles are assigned.
    pub const SERVICE_PRINCIPAL_ID: &str = "00000000-0000-4000-8000-0000000000f5";
    /// The managed identity's name.
    pub const DISPLAY_NAME: &str = "Liftlock (managed identity)";

    /// `header` is the secret that the token endpoint asks for; keys follow from it, so tokens outlive a restart.
    pub(crate) fn new(header: &str) -> Self {
        let key = format!("the simulated cloud signs for {header}").into_bytes();
        Self {
            header: header.to_owned(),
            key,
            key_sets: KeySets::default(),
        }
    }

    /// The keys that people's and the Bot Connector's tokens are signed with.
    pub fn key_sets(&self) -> &KeySets {
        &self.key_sets
    }

    /// The secret that clients send as `X-IDENTITY-HEADER`.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// A fresh token for `audience` and when it expires.
    pub fn token(&self, audience: &str) -> (String, Timestamp) {
        let expires = wall_now() + LIFETIME;
        (self.token_until(audience, expires), expires)
    }

    /// A fresh token of the identity with this client id, and when it expires.
    pub(crate) fn token_of(&self, client_id: &str, audience: &str) -> (String, Timestamp) {
        let expires = wall_now() + LIFETIME;
        (self.issue(client_id, audience, expires), expires)
    }

    /// A token for `audience` that expires at a chosen real time, perhaps in the past.
    pub fn token_until(&self, audience: &str, expires: Timestamp) -> String {
        self.issue(Self::CLIENT_ID, audience, expires)
    }

    fn issue(&self, client_id: &str, audience: &str, expires: Timestamp) -> String {
        let issued = (expires - LIFETIME).as_second();
        let claims = Claims {
            aud: resource(audience).to_owned(),
            iss: format!("https://sts.windows.net/{}/", Self::TENANT_ID),
            iat: issued,
            nbf: issued,
            exp: expires.as_second(),
            oid: Self::OBJECT_ID.to_owned(),
            sub: Self::OBJECT_ID.to_owned(),
            appid: client_id.to_owned(),
            tid: Self::TENANT_ID.to_owned(),
            ver: "1.0".to_owned(),
        };
        let head = BASE64.encode(br#"{"typ":"JWT","alg":"HS256"}"#);
        let body = BASE64
            .encode(serde_json::to_vec(&claims).expect("claims are plain strings and numbers"));
        let signed = format!("{head}.{body}");
        let signature = BASE64.encode(self.sign(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// Whose bearer token the headers carry, if it is for one of `audiences`.
    pub fn check(&self, headers: &HeaderMap, audiences: &[&str]) -> Result<Caller, Refusal> {
        let header = headers.get(AUTHORIZATION).ok_or(Refusal::Missing)?;
        let header = header.to_str().map_err(|_| Refusal::Forged)?;
        let token = bearer(header).ok_or(Refusal::Missing)?;
        let claims = self.open(token).ok_or(Refusal::Forged)?;
        if claims.exp <= wall_now().as_second() {
            return Err(Refusal::Expired);
        }
        if !audiences
            .iter()
            .any(|audience| bare(audience) == bare(&claims.aud))
        {
            return Err(Refusal::WrongAudience);
        }
        let display_name = Self::DISPLAY_NAME.to_owned();
        Ok(Caller {
            object_id: claims.oid,
            app_id: claims.appid,
            display_name,
        })
    }

    /// Like [`check`](Self::check), for a service that compares the audience to the letter, its last slash included.
    pub fn check_exactly(&self, headers: &HeaderMap, audience: &str) -> Result<Caller, Refusal> {
        let caller = self.check(headers, &[audience])?;
        let header = headers.get(AUTHORIZATION).ok_or(Refusal::Missing)?;
        let token = header.to_str().ok().and_then(bearer);
        let claims = token.and_then(|token| self.open(token));
        match claims {
            Some(claims) if claims.aud == audience => Ok(caller),
            Some(_) | None => Err(Refusal::WrongAudience),
        }
    }

    fn open(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        self.sign(signed).verify_slice(&signature).ok()?;
        let (_, body) = signed.split_once('.')?;
        serde_json::from_slice(&BASE64.decode(body).ok()?).ok()
    }

    fn sign(&self, text: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac
    }
}

/// What a scope is about; a resource is that itself.
fn resource(audience: &str) -> &str {
    audience.strip_suffix("/.default").unwrap_or(audience)
}

/// A scope or resource without what clients put around the audience.
fn bare(audience: &str) -> &str {
    resource(audience).trim_end_matches('/')
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
