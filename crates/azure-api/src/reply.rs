//! What came back: read with a cap, and when it is a refusal, read for Azure's code and message.
//!
//! Azure words its errors in five ways: ARM's `{"error":{"code","message"}}`, Azure Monitor's `{"code","message"}`,
//! `MLflow`'s `{"error_code","message"}`, storage's XML with `x-ms-error-code`, Service Bus' XML.

use std::time::Duration;

use azure_core::http::headers::{HeaderName, Headers};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    error::{Answer, Error, Result},
    redact::redact,
};

/// An answer of any status, its body read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) operation: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
    pub(crate) cut: Cut,
}

/// Whether the body was longer than the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    Whole,
    Truncated,
}

impl Reply {
    /// The reply, or the error that its status stands for.
    pub(crate) fn success(self) -> Result<Reply> {
        match self.status {
            200..=299 => Ok(self),
            _ => Err(answer(self.operation, self.status, &self.headers, &self.body).into_error()),
        }
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if self.cut == Cut::Truncated {
            return Err(Error::malformed(self.operation, "the body is too long"));
        }
        serde_json::from_slice(&self.body).map_err(|error| Error::malformed(self.operation, error))
    }

    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        header(&self.headers, name)
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

/// What a refusal says.
pub(crate) fn answer(
    operation: &'static str,
    status: u16,
    headers: &Headers,
    body: &[u8],
) -> Answer {
    let (code, message) = said(body);
    let code = header(headers, "x-ms-error-code")
        .map(str::to_owned)
        .or(code);
    Answer {
        operation,
        status,
        code: redact(&code.unwrap_or_default()),
        message: redact(&message.unwrap_or_default()),
        request_id: request_id(headers),
        retry_after: retry_after(headers),
    }
}

pub(crate) fn header<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

fn request_id(headers: &Headers) -> Option<String> {
    [
        "x-ms-request-id",
        "apim-request-id",
        "x-ms-correlation-request-id",
    ]
    .into_iter()
    .find_map(|name| header(headers, name))
    .map(redact)
}

/// `Retry-After: 0` says nothing: the SDKs ignore it as well.
fn retry_after(headers: &Headers) -> Option<Duration> {
    let millis = ["x-ms-retry-after-ms", "retry-after-ms"]
        .into_iter()
        .find_map(|name| header(headers, name));
    let waits = match millis {
        Some(text) => text.parse().ok().map(Duration::from_millis),
        None => header(headers, "retry-after")
            .and_then(|text| text.parse().ok())
            .map(Duration::from_secs),
    };
    waits.filter(|wait| !wait.is_zero())
}

fn said(body: &[u8]) -> (Option<String>, Option<String>) {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        let message = xml_text(text, "Message").or_else(|| xml_text(text, "Detail"));
        // Storage ends its message with lines for the request's id, which has its own place, and the time.
        let message = message.and_then(|text| text.lines().next().map(str::to_owned));
        return (xml_text(text, "Code"), message);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => said_in_json(&value),
        Err(_) => (None, Some(text.to_owned()).filter(|text| !text.is_empty())),
    }
}

fn said_in_json(value: &Value) -> (Option<String>, Option<String>) {
    let text = |pointers: &[&str]| {
        pointers
            .iter()
            .find_map(|pointer| value.pointer(pointer).and_then(Value::as_str))
            .map(str::to_owned)
    };
    (
        text(&["/error/code", "/error_code", "/error", "/code"]),
        text(&["/error/message", "/message", "/error_description"]),
    )
}

fn xml_text(text: &str, tag: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{tag}>"))?;
    let (inner, _) = rest.split_once(&format!("</{tag}>"))?;
    Some(
        inner
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)], body: &str) -> Answer {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.insert(*name, *value);
        }
        answer("test", 400, &all, body.as_bytes())
    }

    #[test]
    fn every_wording_gives_code_and_message() {
        let cases = [
            (r#"{"error":{"code":"A","message":"m"}}"#, "A"),
            (r#"{"error_code":"B","message":"m"}"#, "B"),
            (r#"{"error":"C","error_description":"m"}"#, "C"),
            (r#"{"code":"M","message":"m"}"#, "M"),
            (
                "\u{feff}<?xml version=\"1.0\"?><Error><Code>D</Code><Message>m\nRequestId:1\nTime:2</Message></Error>",
                "D",
            ),
            ("<Error><Code>401</Code><Detail>m</Detail></Error>", "401"),
            ("m", ""),
        ];
        for (body, code) in cases {
            let answer = read(&[], body);
            assert_eq!(
                (answer.code.as_str(), answer.message.as_str()),
                (code, "m"),
                "{body}"
            );
        }
    }

    #[test]
    fn headers_win_and_zero_is_no_wait() {
        let answer = read(
            &[
                ("x-ms-error-code", "BlobNotFound"),
                ("x-ms-request-id", "id-1"),
                ("retry-after", "0"),
            ],
            "",
        );
        assert_eq!(answer.code, "BlobNotFound");
        assert_eq!(answer.request_id.as_deref(), Some("id-1"));
        assert_eq!(answer.retry_after, None);
        let answer = read(&[("retry-after", "7"), ("x-ms-retry-after-ms", "250")], "");
        assert_eq!(answer.retry_after, Some(Duration::from_millis(250)));
    }

    #[test]
    fn what_a_service_repeats_of_a_secret_is_cut() {
        let answer = read(
            &[],
            r#"{"error":{"code":"X","message":"https://a/b?sig=c2VjcmV0 is wrong"}}"#,
        );
        assert_eq!(answer.message, "https://a/b?sig=… is wrong");
    }
}
