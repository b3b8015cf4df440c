//! The platform's sign-in: `X-MS-CLIENT-PRINCIPAL`, believed only with its marker. (Verifying the token behind it
//! ourselves is an issue of its own; until then the marker and the loopback binding are what it rests on.)

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use promotion::{Held, Person, PersonId, Role};
use serde::Deserialize;

use crate::settings::SignIn;
use crate::ui::{Viewer, capped};

/// Longer than any principal of ours: the header is what a stranger's browser may send.
const LARGEST: usize = 32 * 1024;

const OBJECT_ID: [&str; 2] = [
    "oid",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
];
const ROLE: [&str; 2] = [
    "roles",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
];
const NAME: [&str; 2] = ["name", "preferred_username"];

/// Why nobody is signed in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSignedIn {
    /// The platform does not sign anybody in.
    #[error(
        "this app runs without the platform's sign-in (`WEBSITE_AUTH_ENABLED` is not true), so nobody can be told from anybody else"
    )]
    NoPlatform,
    /// Nobody has signed in.
    #[error("sign in first")]
    Anonymous,
    /// The header makes no sense.
    #[error("the platform's sign-in cannot be read; sign out and in again")]
    Unreadable,
}

#[derive(Deserialize)]
struct Principal {
    #[serde(default)]
    role_typ: Option<String>,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    typ: String,
    val: String,
}

/// Who is signed in.
pub fn signed_in(headers: &HeaderMap, sign_in: SignIn) -> Result<Viewer, NotSignedIn> {
    if sign_in == SignIn::Nobody {
        return Err(NotSignedIn::NoPlatform);
    }
    let mut sent = headers.get_all("x-ms-client-principal").iter();
    let header = sent.next().ok_or(NotSignedIn::Anonymous)?;
    if sent.next().is_some() || header.len() > LARGEST {
        return Err(NotSignedIn::Unreadable);
    }
    let bytes = STANDARD
        .decode(header.as_bytes())
        .map_err(|_| NotSignedIn::Unreadable)?;
    let principal: Principal =
        serde_json::from_slice(&bytes).map_err(|_| NotSignedIn::Unreadable)?;
    principal.viewer().ok_or(NotSignedIn::Unreadable)
}

impl Principal {
    fn viewer(&self) -> Option<Viewer> {
        let mut ids: Vec<_> = self.values(&OBJECT_ID).map(PersonId::new).collect();
        ids.dedup();
        // Two different ids are two different people: neither is believed.
        let [id] = ids.as_slice() else {
            return None;
        };
        let text = id.as_str();
        let plain = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let name = NAME
            .iter()
            .find_map(|kind| self.values(std::slice::from_ref(kind)).next())
            .unwrap_or(text);
        let own = self.role_typ.as_deref().filter(|kind| !kind.is_empty());
        let roles = self
            .claims
            .iter()
            .filter(|claim| ROLE.contains(&claim.typ.as_str()) || own == Some(claim.typ.as_str()));
        plain.then(|| Viewer {
            person: Person {
                id: id.clone(),
                name: capped(name, 80),
            },
            held: Held {
                roles: roles.map(|claim| Role(claim.val.clone())).collect(),
                groups: vec![],
            },
        })
    }

    fn values<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.claims
            .iter()
            .filter(|claim| kinds.contains(&claim.typ.as_str()))
            .map(|claim| claim.val.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(json: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            axum::http::HeaderName::from_static("x-ms-client-principal"),
            STANDARD.encode(json).parse().unwrap(),
        )])
    }

    const ADA: &str = r#"{"auth_typ":"aad","claims":[{"typ":"http://schemas.microsoft.com/identity/claims/objectidentifier","val":"b0"},
        {"typ":"roles","val":"Model.Approver"},{"typ":"name","val":"Ada Approver"}]}"#;

    #[test]
    fn the_platform_tells_who_it_is() {
        let viewer = signed_in(&headers(ADA), SignIn::Platform).unwrap();
        assert_eq!(
            (viewer.person.id.as_str(), viewer.person.name.as_str()),
            ("b0", "Ada Approver")
        );
        assert_eq!(viewer.held.roles, [Role("Model.Approver".into())]);
    }

    #[test]
    fn the_principal_says_which_claim_is_a_role_and_a_claim_without_a_type_is_none() {
        let roles = |role_typ: &str| {
            let json = format!(
                r#"{{{role_typ}"claims":[{{"typ":"oid","val":"B0"}},{{"typ":"","val":"Model.Approver"}},{{"typ":"r","val":"R"}}]}}"#
            );
            signed_in(&headers(&json), SignIn::Platform)
                .unwrap()
                .held
                .roles
        };
        assert_eq!(roles(""), []);
        assert_eq!(roles(r#""role_typ":"","#), []);
        assert_eq!(roles(r#""role_typ":"r","#), [Role("R".into())]);
    }

    #[test]
    fn without_the_platforms_marker_nobody_is_believed() {
        assert_eq!(
            signed_in(&headers(ADA), SignIn::Nobody).err(),
            Some(NotSignedIn::NoPlatform)
        );
    }

    #[test]
    fn two_ids_no_id_and_nonsense_are_nobody() {
        let two = r#"{"claims":[{"typ":"oid","val":"a"},{"typ":"oid","val":"b"}]}"#;
        for json in [
            two,
            r#"{"claims":[]}"#,
            "[]",
            "{",
            r#"{"claims":[{"typ":"oid","val":"a b"}]}"#,
        ] {
            assert_eq!(
                signed_in(&headers(json), SignIn::Platform).err(),
                Some(NotSignedIn::Unreadable),
                "{json}"
            );
        }
        assert_eq!(
            signed_in(&HeaderMap::new(), SignIn::Platform).err(),
            Some(NotSignedIn::Anonymous)
        );
    }
}
