//! The platform's sign-in ("Easy Auth"), with personas instead of a directory.
//!
//! Anonymous requests pass (`unauthenticatedClientAction` `AllowAnonymous`), but nobody can bring the platform's headers
//! along: they are stripped first, then set for whoever has a session, or brings an access token of the app's registration.
//! Such a token reaches the handler as it came, and so does one that is nobody's here (both from memory of Microsoft's pages,
//! not verified).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::form::field;
use super::{principal, sign_in_page};
use crate::ids;
use crate::options::{AccessTokens, IdTokens, Persona};
use crate::platform::{PlatformState, SignedIn};

/// As on Azure, with the port behind it where there is one: a browser keeps one jar for all ports of a machine, and two hosts
/// would sign each other's people out.
const COOKIE: &str = "AppServiceAuthSession";
const MAX_FORM: usize = 16 * 1024;

/// Who can sign in, and who has.
#[derive(Debug)]
pub(crate) struct EasyAuth {
    pub(crate) personas: Vec<Persona>,
    pub(crate) id_tokens: IdTokens,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) platform: PlatformState,
}

impl EasyAuth {
    /// `/.auth/login/aad` and `/.auth/logout`.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        let path = request.uri().path().to_ascii_lowercase();
        match (request.method(), path.as_str()) {
            (&Method::GET, "/.auth/login/aad") => self.page(&request),
            (&Method::POST, "/.auth/login/aad") => self.sign_in(request).await,
            (&Method::GET | &Method::POST, "/.auth/logout") => self.sign_out(&request),
            (&Method::GET, "/.auth/logout/complete") => sign_in_page::signed_out().into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// Takes the platform's headers off the request, and puts those of its session or its token on.
    pub(super) fn identify(&self, headers: &mut HeaderMap) {
        principal::strip(headers);
        let session = session(headers).and_then(|session| self.platform.signed_in(&session));
        let Some(SignedIn {
            object_id,
            id_token,
        }) = session.or_else(|| self.bearer(headers))
        else {
            return;
        };
        if let Some(persona) = self.persona(&object_id) {
            principal::set(headers, persona, id_token.as_deref());
        }
    }

    /// A program has no session, and no ID token is kept for it.
    fn bearer(&self, headers: &HeaderMap) -> Option<SignedIn> {
        let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = header.split_once(' ')?;
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        let object_id = bearer.then(|| self.access_tokens.whose(token.trim()))??;
        Some(SignedIn {
            object_id,
            id_token: None,
        })
    }

    fn persona_of(&self, session: &str) -> Option<&Persona> {
        self.persona(&self.platform.signed_in(session)?.object_id)
    }

    fn persona(&self, object_id: &str) -> Option<&Persona> {
        self.personas
            .iter()
            .find(|persona| persona.object_id == object_id)
    }

    fn page(&self, request: &Request<Body>) -> Response {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        match target(query, "post_login_redirect_uri", "/") {
            Some(target) => {
                let signed_in =
                    session(request.headers()).and_then(|session| self.persona_of(&session));
                sign_in_page::personas(&self.personas, signed_in, &target).into_response()
            }
            None => refused(),
        }
    }

    async fn sign_in(&self, request: Request<Body>) -> Response {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let cookie = cookie(request.headers());
        let Ok(form) = to_bytes(request.into_body(), MAX_FORM).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let wanted = field(&form, "persona").unwrap_or_default();
        let Some(persona) = self.persona(&wanted) else {
            return (
                StatusCode::BAD_REQUEST,
                format!("nobody here has the object id {wanted:?}"),
            )
                .into_response();
        };
        let fallback =
            field(query.as_bytes(), "post_login_redirect_uri").unwrap_or_else(|| "/".to_owned());
        let Some(target) = target(&form, "post_login_redirect_uri", &fallback) else {
            return refused();
        };
        let session = ids::secret();
        let cookie = format!("{cookie}={session}; Path=/; HttpOnly; SameSite=Lax");
        let signed_in = SignedIn {
            object_id: persona.object_id.clone(),
            id_token: self.id_tokens.of(persona),
        };
        self.platform.sign_in(session, signed_in);
        redirect(&target, &cookie)
    }

    fn sign_out(&self, request: &Request<Body>) -> Response {
        if let Some(session) = session(request.headers()) {
            self.platform.sign_out(&session);
        }
        let query = request.uri().query().unwrap_or_default().as_bytes();
        match target(query, "post_logout_redirect_uri", "/.auth/logout/complete") {
            Some(target) => redirect(
                &target,
                &format!(
                    "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
                    cookie(request.headers())
                ),
            ),
            None => refused(),
        }
    }
}

fn cookie(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let port = host
        .and_then(|host| host.parse::<Authority>().ok())
        .and_then(|host| host.port_u16());
    port.map_or_else(|| COOKIE.to_owned(), |port| format!("{COOKIE}-{port}"))
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookie = cookie(headers);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(&cookie)?.strip_prefix('='))
        .map(str::to_owned)
}

/// Where to go afterwards: only a path of this host, so that the sign-in leads nobody astray.
fn target(form: &[u8], name: &str, fallback: &str) -> Option<String> {
    let target = field(form, name).unwrap_or_else(|| fallback.to_owned());
    let stays_here =
        target.starts_with('/') && !target.starts_with("//") && !target.starts_with("/\\");
    (stays_here && HeaderValue::from_str(&target).is_ok()).then_some(target)
}

fn redirect(target: &str, cookie: &str) -> Response {
    (
        StatusCode::FOUND,
        [(header::LOCATION, target), (header::SET_COOKIE, cookie)],
    )
        .into_response()
}

fn refused() -> Response {
    (
        StatusCode::BAD_REQUEST,
        "the redirect must be a path of this host",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hosts_of_one_machine_have_a_session_each() {
        let headers = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            let both = "AppServiceAuthSession-7071=one; AppServiceAuthSession-7171=two; AppServiceAuthSession=three";
            headers.insert(header::COOKIE, HeaderValue::from_static(both));
            session(&headers)
        };
        assert_eq!(headers("127.0.0.1:7071").as_deref(), Some("one"));
        assert_eq!(headers("127.0.0.1:7171").as_deref(), Some("two"));
        assert_eq!(headers("[::1]:7272"), None);
        assert_eq!(headers("liftlock.example").as_deref(), Some("three"));
    }

    #[test]
    fn only_paths_of_this_host_are_accepted_as_target() {
        for (uri, expected) in [
            ("uri=%2Fapi%2Fboard%3Fa%3D1", Some("/api/board?a=1")),
            ("", Some("/")),
            ("uri=https%3A%2F%2Fevil.example", None),
            ("uri=%2F%2Fevil.example", None),
            ("uri=%2F%5Cevil.example", None),
            ("uri=%2Fa%0D%0Ab", None),
        ] {
            assert_eq!(
                target(uri.as_bytes(), "uri", "/").as_deref(),
                expected,
                "{uri}"
            );
        }
    }
}
