//! `X-MS-CLIENT-PRINCIPAL`: what the platform says beside the token that it forwards. It is held against the token and
//! never believed alone: anybody who reaches the handler's port could write it.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use promotion::PersonId;
use serde::Deserialize;

use super::bearer::{Unreadable, once, text};

const OBJECT_ID: [&str; 2] = [
    "oid",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
];
const TENANT_ID: [&str; 2] = [
    "tid",
    "http://schemas.microsoft.com/identity/claims/tenantid",
];

/// Whom the platform names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    person: Option<PersonId>,
    tenant: Option<String>,
}

impl Named {
    /// Whether this is the same person of the same tenant, as far as it says who.
    pub(super) fn is(&self, person: &PersonId, tenant: &str) -> bool {
        let same_person = self.person.as_ref().is_none_or(|named| named == person);
        let same_tenant = self.tenant.as_deref();
        same_person && same_tenant.is_none_or(|named| named.eq_ignore_ascii_case(tenant))
    }
}

#[derive(Deserialize)]
struct Principal {
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    typ: String,
    val: String,
}

/// What the platform's headers say, if they are there.
pub(super) fn named(headers: &HeaderMap) -> Result<Option<Named>, Unreadable> {
    let id = once(headers, "x-ms-client-principal-id")?;
    let principal = once(headers, "x-ms-client-principal")?;
    if id.is_none() && principal.is_none() {
        return Ok(None);
    }
    let id = id.map(text).transpose()?.map(PersonId::new);
    let mut named = match principal {
        Some(principal) => read(text(principal)?)?,
        None => Named::default(),
    };
    match (&named.person, id) {
        (Some(person), Some(id)) if *person != id => return Err(Unreadable),
        (None, Some(id)) => named.person = Some(id),
        (Some(_) | None, Some(_) | None) => {}
    }
    Ok(Some(named))
}

fn read(header: &str) -> Result<Named, Unreadable> {
    let bytes = STANDARD.decode(header).map_err(|_| Unreadable)?;
    let principal: Principal = serde_json::from_slice(&bytes).map_err(|_| Unreadable)?;
    Ok(Named {
        person: principal.only(&OBJECT_ID)?.map(PersonId::new),
        tenant: principal.only(&TENANT_ID)?.map(str::to_owned),
    })
}

impl Principal {
    /// The claim's one value. Two different values are two different people, or tenants: neither is believed.
    fn only(&self, kinds: &[&str]) -> Result<Option<&str>, Unreadable> {
        let mut values = self
            .claims
            .iter()
            .filter(|claim| kinds.contains(&claim.typ.as_str()))
            .map(|claim| claim.val.as_str());
        let first = values.next();
        if values.any(|other| Some(other) != first) {
            return Err(Unreadable);
        }
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn principal(json: &str) -> Result<Option<Named>, Unreadable> {
        sent(&[("x-ms-client-principal", &STANDARD.encode(json))])
    }

    fn sent(pairs: &[(&'static str, &str)]) -> Result<Option<Named>, Unreadable> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        named(&headers)
    }

    const ADA: &str = r#"{"auth_typ":"aad","claims":[
        {"typ":"http://schemas.microsoft.com/identity/claims/objectidentifier","val":"B0"},
        {"typ":"http://schemas.microsoft.com/identity/claims/tenantid","val":"T"},
        {"typ":"oid","val":"B0"},{"typ":"roles","val":"Model.Approver"},{"typ":"never heard of","val":""}]}"#;

    #[test]
    fn the_platform_names_one_person_of_one_tenant() {
        let named = principal(ADA).unwrap().unwrap();
        assert!(named.is(&PersonId::new("b0"), "t"));
        assert!(!named.is(&PersonId::new("b1"), "t"));
        assert!(!named.is(&PersonId::new("b0"), "u"));
    }

    #[test]
    fn nonsense_and_two_of_either_are_nobody() {
        for json in [
            r#"{"claims":[{"typ":"oid","val":"a"},{"typ":"oid","val":"b"}]}"#,
            r#"{"claims":[{"typ":"tid","val":"a"},{"typ":"http://schemas.microsoft.com/identity/claims/tenantid","val":"b"}]}"#,
            r#"{"claims":[{"typ":"oid"}]}"#,
            r#"{"claims":{}}"#,
            "[]",
            "{",
            "",
        ] {
            assert_eq!(principal(json), Err(Unreadable), "{json}");
        }
        for header in ["%%%", "ey", &"A".repeat(1 << 20)] {
            assert_eq!(sent(&[("x-ms-client-principal", header)]), Err(Unreadable));
        }
        let ada = STANDARD.encode(ADA);
        let (one, other) = (
            ("x-ms-client-principal-id", "b0"),
            ("x-ms-client-principal-id", "b1"),
        );
        assert!(sent(&[("x-ms-client-principal", &ada), one]).is_ok());
        assert_eq!(
            sent(&[("x-ms-client-principal", &ada), other]),
            Err(Unreadable)
        );
        assert_eq!(sent(&[one, one]), Err(Unreadable));
    }

    #[test]
    fn where_nothing_is_said_nobody_is_named() {
        assert_eq!(sent(&[]), Ok(None));
        assert_eq!(principal(r#"{"claims":[]}"#), Ok(Some(Named::default())));
    }
}
