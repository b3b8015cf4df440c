//! What every page's answer carries, and who looks at it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::causes::chain;
use crate::engine::EngineError;
use crate::identity::NotSignedIn;
use crate::state::StoreError;
use crate::ui::{self, Viewer};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A page: never stored, never framed, never told on.
pub(super) fn html(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Not `no-referrer`: browsers then call a form's origin "null", and no form would count.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let mut response = (status, headers, body).into_response();
    response
        .headers_mut()
        .insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// Who looks. Whoever is not signed in is answered with the platform's sign-in, which comes back to the path `back`.
pub(super) async fn admitted(
    app: &App,
    headers: &HeaderMap,
    back: &str,
) -> Result<Viewer, Response> {
    app.identity.viewer(headers).await.map_err(|why| match why {
        NotSignedIn::Anonymous | NotSignedIn::Expired => {
            let headers = [
                (header::LOCATION, app.links.sign_in(back)),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (StatusCode::FOUND, headers).into_response()
        }
        why => not_admitted(app, &why),
    })
}

/// What it says to programs that nobody is signed in.
pub(super) fn not_signed_in(why: &NotSignedIn) -> (StatusCode, &'static str) {
    match why {
        NotSignedIn::NotAMember(_) => (StatusCode::FORBIDDEN, "NotAMember"),
        NotSignedIn::NoPlatform
        | NotSignedIn::NoRegistration
        | NotSignedIn::Anonymous
        | NotSignedIn::Unreadable
        | NotSignedIn::NoToken
        | NotSignedIn::Expired
        | NotSignedIn::Nameless
        | NotSignedIn::NotBelieved(_) => (StatusCode::UNAUTHORIZED, "NotSignedIn"),
        NotSignedIn::Unverifiable => (StatusCode::SERVICE_UNAVAILABLE, "Unverifiable"),
    }
}

/// A page that says why somebody is not taken for signed in.
pub(super) fn not_admitted(app: &App, why: &NotSignedIn) -> Response {
    let status = not_signed_in(why).0;
    let text = ui::sentence(&why.to_string());
    html(
        status,
        ui::message_page("Not signed in", &text, None, &app.links),
    )
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A page.
    ToSee,
    /// A change, which may have happened before something went wrong.
    ToChange,
}

/// A page that says to whoever looks what went wrong.
pub(super) fn problem(
    app: &App,
    viewer: Option<&Viewer>,
    error: &EngineError,
    asked: Asked,
) -> Response {
    let page = |status: StatusCode, title: &str, text: &str| {
        html(status, ui::message_page(title, text, viewer, &app.links))
    };
    if matches!(error, EngineError::Unknown(_)) {
        let text = "There is no such promotion. The board lists those that there are.";
        return page(StatusCode::NOT_FOUND, "Not found", text);
    }
    tracing::error!("page not shown: {}", chain(error));
    if let Some(text) = for_good(error) {
        // It names what lies where, and may quote records: that is for whoever has signed in.
        let text = viewer.map_or(ui::UNREADABLE, |_| &text);
        return page(StatusCode::INTERNAL_SERVER_ERROR, "Cannot be read", text);
    }
    let text = match asked {
        Asked::ToSee => "The state cannot be read at the moment. Try again in a minute.",
        Asked::ToChange => {
            "The state cannot be read or written at the moment. It may have been taken: look at the promotion's page \
             before trying again."
        }
    };
    page(StatusCode::SERVICE_UNAVAILABLE, "Not available", text)
}

/// What to say where trying again will not help.
pub(super) fn for_good(error: &EngineError) -> Option<String> {
    match error {
        EngineError::Store(StoreError::Corrupt { name, source }) => {
            Some(ui::unreadable_journal(name, &chain(source)))
        }
        EngineError::Store(StoreError::Unreadable { what, source }) => {
            Some(ui::unreadable_state(what, &chain(source)))
        }
        EngineError::Store(error @ StoreError::KeyTooShort { .. }) => {
            Some(ui::sentence(&error.to_string()))
        }
        EngineError::Store(
            StoreError::Service { .. }
            | StoreError::NoContainer { .. }
            | StoreError::Contended { .. },
        )
        | EngineError::Unknown(_)
        | EngineError::Contended(_) => None,
    }
}
