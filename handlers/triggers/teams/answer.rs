//! What Teams reads as the answer to a click: always HTTP 200, and inside it what became of the click. Anything else is
//! shown as "Unable to reach app".

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An answer to a click. Only who clicked sees it.
#[derive(Debug)]
pub(super) enum Answer {
    /// A card in place of the one that was clicked.
    Card(Value),
    /// Words beside it.
    Refused(StatusCode, &'static str, String),
}

impl Answer {
    /// Somebody who decides nothing here, whatever the reason is.
    pub(super) fn not_authorised(why: &str) -> Self {
        let message = format!("You are not authorised: {why}.");
        Self::Refused(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// Nobody can tell who somebody is, or what they may.
    pub(super) fn unverifiable() -> Self {
        let message =
            "Liftlock cannot verify you now, so nothing was recorded. Try again in a minute.";
        Self::again(message)
    }

    /// What may go well a moment later.
    pub(super) fn again(message: &str) -> Self {
        Self::Refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "TryAgain",
            message.to_owned(),
        )
    }

    /// A click on a card that is not the promotion's any more.
    pub(super) fn replaced(page: &str) -> Self {
        let message = format!(
            "This card has been replaced, so nothing was recorded. Use the newest card of this promotion, or its page: {page}"
        );
        Self::Refused(StatusCode::CONFLICT, "Replaced", message)
    }

    /// A click that no card of ours makes.
    pub(super) fn unclear() -> Self {
        let message = "This button is not one of Liftlock's that is still known. Open the promotion's page instead.";
        Self::Refused(StatusCode::BAD_REQUEST, "BadRequest", message.to_owned())
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, kind, value) = match self {
            Self::Card(card) => (
                StatusCode::OK,
                "application/vnd.microsoft.card.adaptive",
                card,
            ),
            Self::Refused(status, code, message) => (
                status,
                "application/vnd.microsoft.error",
                json!({ "code": code, "message": message }),
            ),
        };
        let body = json!({ "statusCode": status.as_u16(), "type": kind, "value": value });
        Json(body).into_response()
    }
}
