//! Entra's tokens for people: an ID token that the platform forwards, or an access token that a program brings.

use azure_api::{Azure, Url};
use jiff::Timestamp;
use promotion::{GroupId, PersonId, Role};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::jwt::{self, Refused};
use super::keys::KeyCache;
use super::names::Names;
use crate::settings::{Registration, is_guid};

/// Checks tokens of one tenant for one app.
#[derive(Debug)]
pub(super) struct UserTokens {
    keys: KeyCache,
    tenant: String,
    client_id: String,
    uri: String,
}

/// Whom a token speaks for, and what it says of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) id: PersonId,
    /// Absent where the token does not say. (That `name` and `preferred_username` are there only for whoever asks for the
    /// scope `profile` is from memory of Microsoft's page on access tokens, not verified.)
    pub(super) names: Option<Names>,
    pub(super) roles: Vec<Role>,
    /// Absent where the token does not say: there are too many, or none was asked for.
    pub(super) groups: Option<Vec<GroupId>>,
    /// Whether it says that this is a member of the tenant.
    pub(super) membership: Membership,
    /// When the token expires.
    pub(super) until: Timestamp,
}

/// What a token says of whether somebody is a member of the tenant or a guest in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    /// A member.
    Said,
    /// It hints at a guest, who may have become a member since, or does not say: a guest whose account is the tenant's own has no
    /// `idp`, and `acct` comes only where the registration asks for it. (Both from memory of Microsoft's page on optional claims,
    /// not verified.) The directory knows.
    Unsaid,
}

#[derive(Deserialize)]
struct Claims {
    tid: String,
    oid: String,
    sub: String,
    ver: String,
    exp: i64,
    name: Option<String>,
    preferred_username: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    groups: Option<Vec<String>>,
    /// Too many groups: it names an address to ask, which is never followed. We know where Graph is.
    #[serde(rename = "_claim_names")]
    claim_names: Option<IgnoredAny>,
    hasgroups: Option<IgnoredAny>,
    acct: Option<u64>,
    idp: Option<IgnoredAny>,
    idtyp: Option<String>,
}

impl UserTokens {
    pub(super) fn new(azure: &Azure, registration: &Registration) -> Self {
        let Registration {
            tenant_id,
            client_id,
            authority,
        } = registration;
        let (metadata, issuer) = (metadata(authority, tenant_id), issuer(authority, tenant_id));
        Self {
            keys: KeyCache::new(azure, metadata, issuer.into()),
            tenant: tenant_id.clone(),
            client_id: client_id.clone(),
            uri: format!("api://{client_id}"),
        }
    }

    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Whom an ID token speaks for. It is for the app itself.
    pub(super) async fn id_token(&self, token: &str, now: Timestamp) -> Result<User, Refused> {
        self.check(token, &[&self.client_id], now).await
    }

    /// Whom an access token speaks for. It is for the app, named by its id or by its URI.
    pub(super) async fn access_token(&self, token: &str, now: Timestamp) -> Result<User, Refused> {
        self.check(token, &[&self.client_id, &self.uri], now).await
    }

    async fn check(
        &self,
        token: &str,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<User, Refused> {
        let (claims, _) = jwt::check::<Claims>(token, &self.keys, audiences, now).await?;
        self.user(claims)
    }

    fn user(&self, claims: Claims) -> Result<User, Refused> {
        if !claims.tid.eq_ignore_ascii_case(&self.tenant) {
            return Err(Refused::Issuer);
        }
        // A program has a role by itself, but is nobody who could have looked: its own token names it twice.
        let program = claims.idtyp.as_deref() == Some("app") || claims.sub == claims.oid;
        if claims.ver != "2.0" || !is_guid(&claims.oid) || program {
            return Err(Refused::Malformed);
        }
        let overage = claims.claim_names.is_some() || claims.hasgroups.is_some();
        let groups = claims.groups.filter(|_| !overage);
        Ok(User {
            id: PersonId::new(claims.oid),
            names: Names::of(claims.name, claims.preferred_username),
            roles: claims.roles.into_iter().map(Role).collect(),
            groups: groups.map(|groups| groups.iter().map(GroupId::new).collect()),
            until: Timestamp::from_second(claims.exp).unwrap_or(Timestamp::MAX),
            membership: match (claims.acct, claims.idp) {
                (Some(0), None) => Membership::Said,
                (Some(_) | None, _) => Membership::Unsaid,
            },
        })
    }
}

/// Where a tenant's metadata is: below the issuer's name, where every discovery looks for it.
fn metadata(authority: &Url, tenant: &str) -> Url {
    below(
        &issuer(authority, tenant),
        &[".well-known", "openid-configuration"],
    )
}

/// As whom Entra signs the tenant's tokens.
fn issuer(authority: &Url, tenant: &str) -> Url {
    below(authority, &[tenant, "v2.0"])
}

fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
