//! What every page's answer carries, and who looks at it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::causes::chain;
use crate::engine::EngineError;
use crate::identity::signed_in;
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

/// Who looks, if they are signed in.
pub(super) fn viewer(app: &App, headers: &HeaderMap) -> Option<Viewer> {
    signed_in(headers, app.settings.sign_in).ok()
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A page.
    ToSee,
    /// A change, which may have happened before something went wrong.
    ToChange,
}

/// A page that says what went wrong.
pub(super) fn problem(app: &App, error: &EngineError, asked: Asked) -> Response {
    match error {
        EngineError::Unknown(_) => html(
            StatusCode::NOT_FOUND,
            ui::message_page(
                "Not found",
                "There is no such promotion. The board lists those that there are.",
                &app.links,
            ),
        ),
        error => {
            tracing::error!("page not shown: {}", chain(error));
            let text = match asked {
                Asked::ToSee => "The state cannot be read at the moment. Try again in a minute.",
                Asked::ToChange => {
                    "The state cannot be read or written at the moment. It may have been taken: look at the promotion's page \
                     before trying again."
                }
            };
            html(
                StatusCode::SERVICE_UNAVAILABLE,
                ui::message_page("Not available", text, &app.links),
            )
        }
    }
}
