//! The headers in which the platform tells the handler who is signed in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::options::Persona;

const PRINCIPAL: HeaderName = HeaderName::from_static("x-ms-client-principal");
const PRINCIPAL_ID: HeaderName = HeaderName::from_static("x-ms-client-principal-id");
const PRINCIPAL_NAME: HeaderName = HeaderName::from_static("x-ms-client-principal-name");
const PRINCIPAL_IDP: HeaderName = HeaderName::from_static("x-ms-client-principal-idp");
const ID_TOKEN: HeaderName = HeaderName::from_static("x-ms-token-aad-id-token");

/// Nobody outside may set them.
pub(super) fn strip(headers: &mut HeaderMap) {
    let reserved = |name: &&HeaderName| {
        name.as_str().starts_with("x-ms-client-principal")
            || name.as_str().starts_with("x-ms-token-")
    };
    let names: Vec<_> = headers.keys().filter(reserved).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

pub(super) fn set(headers: &mut HeaderMap, persona: &Persona, id_token: Option<&str>) {
    let principal = STANDARD.encode(principal(persona).to_string());
    let user_name = user_name(persona);
    for (name, value) in [
        (PRINCIPAL, principal.as_str()),
        (PRINCIPAL_ID, &persona.object_id),
        (PRINCIPAL_NAME, &user_name),
        (PRINCIPAL_IDP, "aad"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    if let Some(Ok(token)) = id_token.map(HeaderValue::from_str) {
        headers.insert(ID_TOKEN, token);
    }
}

fn principal(persona: &Persona) -> Value {
    let claim = |kind: &str, value: &str| json!({ "typ": kind, "val": value });
    let mut claims = vec![
        claim(
            "http://schemas.microsoft.com/identity/claims/objectidentifier",
            &persona.object_id,
        ),
        claim(
            "http://schemas.microsoft.com/identity/claims/tenantid",
            &persona.tenant_id,
        ),
        claim("name", &persona.name),
        claim("preferred_username", &user_name(persona)),
    ];
    claims.extend(persona.roles.iter().map(|role| claim("roles", role)));
    json!({
        "auth_typ": "aad",
        "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "role_typ": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        "claims": claims,
    })
}

/// `Ada Approver` signs in as `ada.approver@contoso.example`.
fn user_name(persona: &Persona) -> String {
    let words: Vec<_> = persona
        .name
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let plain: String = words
        .join(".")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
        .collect();
    format!("{plain}@contoso.example")
}
