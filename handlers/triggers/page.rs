//! What every page's answer carries, and who looks at it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::causes::chain;
use crate::engine::EngineError;
use crate::identity::{NotSignedIn, Sender, check_origin};
use crate::state::StoreError;
use crate::ui::{self, Kept, Unsent, Viewer};

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

/// To a page by GET: reloading it sends nothing again.
pub(super) fn to_page(page: &str) -> Response {
    let headers = [
        (header::LOCATION, page),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
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
    let text = ui::whole_sentence(&why.to_string());
    html(
        status,
        ui::message_page("Not signed in", &text, None, &app.links),
    )
}

/// A form as it was sent, for whoever has to be shown it again.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    /// What was typed, and into which form.
    pub(super) kept: Kept<'a>,
    /// Where it was sent.
    pub(super) action: String,
    /// The path of the page that it came from.
    pub(super) back: String,
    /// Its token.
    pub(super) csrf: &'a str,
    /// What else was sent that nobody typed.
    pub(super) hidden: Vec<(&'static str, String)>,
}

/// A form from nobody, that would have done `what`. Whoever was signed in until a moment ago gets back what they typed; a form of another site does not,
/// or that site could put words into somebody's mouth.
pub(super) fn unsent(
    app: &App,
    headers: &HeaderMap,
    why: &NotSignedIn,
    sent: &Sent<'_>,
    what: &str,
) -> Response {
    if check_origin(headers, &app.settings.public_url, Sender::Form).is_err() {
        return not_admitted(app, why);
    }
    let mut hidden = sent.hidden.clone();
    hidden.push(("csrf", sent.csrf.to_owned()));
    let again = (why.passes() && !sent.csrf.is_empty()).then_some(hidden.as_slice());
    let page = ui::unsent_page(&Unsent {
        what,
        why: &ui::whole_sentence(&why.to_string()),
        action: &sent.action,
        again,
        reason: sent.kept.reason,
        back: &sent.back,
        links: &app.links,
    });
    html(not_signed_in(why).0, page)
}

/// A form that is too large, in a sentence on a page.
pub(crate) fn too_large(app: &App, sentence: &str) -> Response {
    let page = ui::message_page("Too large", sentence, None, &app.links);
    html(StatusCode::PAYLOAD_TOO_LARGE, page)
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A page.
    ToSee,
    /// A change, which may have happened before something went wrong.
    ToChange,
}

/// A write was tried and nobody can say how it went: to say no more than "try again" would have people do it twice.
pub(super) const MAY_BE_TAKEN: &str = "The state cannot be read or written at the moment. It may have been taken: look at how it stands before trying again.";

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
        Asked::ToChange => MAY_BE_TAKEN,
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
            Some(ui::whole_sentence(&error.to_string()))
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
