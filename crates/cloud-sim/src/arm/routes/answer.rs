//! Answers in ARM's shape: bodies, errors, and the headers of long-running operations.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::arm::{Created, Refusal, Stamp};

/// What a request is answered with when it is not refused.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Value>,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body: Some(body),
            headers: Vec::new(),
        }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::with_status(StatusCode::CREATED, body)
    }

    pub(crate) fn with_status(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            ..Self::ok(body)
        }
    }

    /// 201 or 200 with the resource as it now is, and where to ask how far the operation is.
    pub(crate) fn accepted(
        created: Created,
        url: String,
        retry_after: i64,
        resource: Value,
    ) -> Self {
        let answer = match created {
            Created::Yes => Self::created(resource),
            Created::No => Self::ok(resource),
        };
        answer
            .with("azure-asyncoperation", url)
            .with("x-ms-async-operation-timeout", "PT1H")
            .with("retry-after", retry_after.to_string())
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            body: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, Json(body)).into_response(),
            None => self.status.into_response(),
        };
        for (name, value) in self.headers {
            let value = HeaderValue::from_str(&value).expect("URLs and numbers are plain ASCII");
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
        response
    }
}

/// `systemData`.
pub(crate) fn system_data(stamp: &Stamp) -> Value {
    json!({
        "createdAt": moment(stamp.created_at),
        "createdBy": stamp.created_by.name,
        "createdByType": stamp.created_by.kind,
        "lastModifiedAt": moment(stamp.modified_at),
        "lastModifiedBy": stamp.modified_by.name,
        "lastModifiedByType": stamp.modified_by.kind,
    })
}

/// ISO 8601 with milliseconds.
pub(crate) fn moment(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub(crate) fn refusal_answer(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Unauthorized { .. } => StatusCode::UNAUTHORIZED,
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        Refusal::Invalid { .. } => StatusCode::BAD_REQUEST,
        Refusal::Conflict { .. } => StatusCode::CONFLICT,
        Refusal::NotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
    };
    error_answer(status, refusal.code(), &refusal.to_string())
}

/// ARM's error body.
pub(crate) fn error_answer(status: StatusCode, code: &str, message: &str) -> Response {
    let component = json!({"type": "ComponentName", "info": {"value": "managementfrontend"}});
    let error = json!({"code": code, "message": message, "target": null, "details": [], "additionalInfo": [component]});
    (status, Json(json!({ "error": error }))).into_response()
}
