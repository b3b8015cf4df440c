//! Where the requests of Service Bus go, and what they are called in counts and faults.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use http::request::Parts;

use super::entity::Unusable;
use super::{receive, receive_plain, send};
use crate::admission::Plane;
use crate::world::World;

pub(crate) const PLANE: Plane = Plane {
    operation,
    refusal: send::refusal,
};

pub(crate) fn routes() -> Router<Arc<World>> {
    let session = "/$receiver/{queue}/sessions/{session}";
    let messages = "/$receiver/{queue}/messages";
    Router::new()
        .route("/{queue}/messages", post(send::send))
        .route("/$receiver/{queue}", get(receive::view))
        .route("/$receiver/{queue}/accept", post(receive::accept))
        .route(&format!("{session}/receive"), post(receive::receive))
        .route(&format!("{session}/complete"), post(receive::complete))
        .route(&format!("{session}/abandon"), post(receive::abandon))
        .route(&format!("{session}/renew"), post(receive::renew))
        .route(&format!("{session}/release"), post(receive::release))
        .route("/$receiver/{queue}/receive", post(receive_plain::receive))
        .route(
            &format!("{messages}/complete"),
            post(receive_plain::complete),
        )
        .route(&format!("{messages}/abandon"), post(receive_plain::abandon))
        .route(&format!("{messages}/renew"), post(receive_plain::renew))
}

fn operation(parts: &Parts) -> Cow<'static, str> {
    let path = parts.uri.path().trim_start_matches('/');
    let Some(receiver) = path.strip_prefix("$receiver/") else {
        return "servicebus.send".into();
    };
    match receiver.rsplit_once('/') {
        Some((_, verb)) => format!("servicebus.receiver.{verb}").into(),
        None => "servicebus.receiver.view".into(),
    }
}

/// An error in the data plane's XML.
pub(super) fn error(status: StatusCode, detail: &str) -> Response {
    send::refusal(status, status.as_str(), detail)
}

/// A queue that is not there, or is of the other kind.
pub(super) fn unusable(why: Unusable) -> Response {
    let status = match why {
        Unusable::NoSuchQueue => StatusCode::NOT_FOUND,
        Unusable::RequiresSessions | Unusable::HasNoSessions => StatusCode::BAD_REQUEST,
    };
    error(status, &why.to_string())
}
