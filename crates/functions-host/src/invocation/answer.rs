//! What the handler's answer to an envelope means.

use http::response::Parts;
use http::{StatusCode, header};
use serde_json::{Map, Value};

use super::invoke::InvocationFailure;

/// How an answer ends its invocation, if it does.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// The lines are the answer's `Logs`.
    Succeeded(Vec<String>),
    /// Nothing in the answer completes the invocation: it hangs until the function's time-out.
    Hangs,
}

/// Judges a complete answer, redirects followed.
pub(super) fn judge(head: &Parts, body: &[u8]) -> Result<Answer, InvocationFailure> {
    if !head.status.is_success() {
        return Err(refused(head.status));
    }
    let is_json = has_json_type(head);
    if body.is_empty() && (is_json || has_no_content(head)) {
        return Ok(Answer::Hangs);
    }
    if !is_json {
        return Err(invalid(
            "No MediaTypeFormatter is available for its content type",
            body,
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Null) => Ok(Answer::Hangs),
        Ok(Value::Object(result)) => {
            read_result(&result).ok_or_else(|| invalid("its members are not understood", body))
        }
        Ok(_) => Err(invalid("it is not a JSON object", body)),
        Err(error) => Err(invalid(&error.to_string(), body)),
    }
}

fn refused(status: StatusCode) -> InvocationFailure {
    let reason = status.canonical_reason().unwrap_or_default();
    InvocationFailure::new(format!(
        "Response status code does not indicate success: {} ({reason}).",
        status.as_u16()
    ))
}

fn invalid(why: &str, body: &[u8]) -> InvocationFailure {
    let body = String::from_utf8_lossy(body);
    InvocationFailure::new(format!("Invalid HttpResponseMessage: {why}. Body: {body}"))
}

fn has_json_type(head: &Parts) -> bool {
    let content_type = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    ["application/json", "text/json"]
        .iter()
        .any(|json| media_type.eq_ignore_ascii_case(json))
}

fn has_no_content(head: &Parts) -> bool {
    head.status == StatusCode::NO_CONTENT
        || head
            .headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length == "0")
}

/// Members are matched ignoring case; unknown ones and outputs without a binding are dropped.
fn read_result(result: &Map<String, Value>) -> Option<Answer> {
    let member = |name: &str| {
        result
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    if !matches!(
        member("outputs"),
        None | Some(Value::Null | Value::Object(_))
    ) {
        return None;
    }
    match member("logs") {
        None | Some(Value::Null) => Some(Answer::Succeeded(Vec::new())),
        Some(Value::Array(lines)) => lines
            .iter()
            .map(log_line)
            .collect::<Option<_>>()
            .map(Answer::Succeeded),
        Some(_) => None,
    }
}

fn log_line(line: &Value) -> Option<String> {
    match line {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(line.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    fn judged(status: u16, content_type: Option<&str>, body: &str) -> Result<Answer, String> {
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_LENGTH, body.len());
        if let Some(content_type) = content_type {
            response = response.header(header::CONTENT_TYPE, content_type);
        }
        let (head, ()) = response.body(()).unwrap().into_parts();
        judge(&head, body.as_bytes()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn e20_only_a_json_object_succeeds() {
        let json = Some("application/json; charset=utf-8");
        let succeeded = |lines: &[&str]| {
            Ok(Answer::Succeeded(
                lines.iter().map(ToString::to_string).collect(),
            ))
        };
        assert_eq!(judged(200, json, "{}"), succeeded(&[]));
        assert_eq!(
            judged(299, json, r#"{"logs":["a",1],"outputs":{"x":1},"more":2}"#),
            succeeded(&["a", "1"])
        );
        for (status, content_type, body) in [
            (500, json, "{}"),
            (304, json, "{}"),
            (200, Some("text/plain"), "{}"),
            (200, Some("application/problem+json"), "{}"),
            (200, None, "{}"),
            (200, json, "{"),
            (200, json, "[]"),
            (200, json, r#"{"Outputs":1}"#),
        ] {
            assert!(
                judged(status, content_type, body).is_err(),
                "{status} {content_type:?} {body}"
            );
        }
    }

    #[test]
    fn e21_an_empty_answer_completes_nothing() {
        for (status, content_type, body) in [
            (200, Some("application/json"), ""),
            (204, None, ""),
            (200, None, ""),
            (200, Some("text/json"), "null"),
        ] {
            assert_eq!(
                judged(status, content_type, body),
                Ok(Answer::Hangs),
                "{status} {content_type:?} {body}"
            );
        }
    }
}
