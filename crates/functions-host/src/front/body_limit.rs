//! The front end's limit of a request's body; nothing limits what goes to the handler.

use std::collections::BTreeMap;
use std::error::Error;

use axum::body::Body;
use http::{HeaderMap, Request, header};
use http_body_util::{LengthLimitError, Limited};

use crate::error::HostError;

const DEFAULT: usize = 104_857_600;
const SETTING: &str = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

/// How many bytes a request may bring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(usize);

/// The request declares more than it may bring.
#[derive(Debug)]
pub(super) struct TooLarge;

impl BodyLimit {
    pub(crate) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Self, HostError> {
        match settings.get(SETTING).map(|value| value.parse()) {
            None => Ok(Self(DEFAULT)),
            Some(Ok(limit)) => Ok(Self(limit)),
            Some(Err(_)) => Err(HostError::invalid(format!(
                "{SETTING} is not a number of bytes"
            ))),
        }
    }

    /// Refuses a declared length; a body without one breaks when it goes over the limit.
    pub(super) fn apply(self, request: Request<Body>) -> Result<Request<Body>, TooLarge> {
        if declared_length(request.headers()).is_some_and(|length| length > self.0) {
            return Err(TooLarge);
        }
        Ok(request.map(|body| Body::new(Limited::new(body, self.0))))
    }
}

/// Whether something failed because a body broke at its limit.
pub(super) fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_large)
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
