//! What the host sends: `{"Data": {…}, "Metadata": {…}}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One invocation's data.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    #[serde(rename = "Data")]
    data: BTreeMap<String, Value>,
}

/// What is wrong with an envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the host's JSON.
    #[error("the invocation is not the host's JSON")]
    NotJson(#[source] serde_json::Error),
    /// The binding has another name.
    #[error("the invocation has no binding named `{0}`")]
    NoBinding(&'static str),
    /// The value is of no form that the host sends.
    #[error("the binding `{0}` is of no form that the host sends")]
    NotBytes(&'static str),
}

impl Envelope {
    /// Reads the body of an invocation.
    pub fn read(body: &[u8]) -> Result<Self, EnvelopeError> {
        serde_json::from_slice(body).map_err(EnvelopeError::NotJson)
    }

    /// A value that is JSON: sent as it is, or as a string of JSON, once or twice encoded.
    pub fn json(&self, binding: &'static str) -> Result<Value, EnvelopeError> {
        let mut value = self
            .data
            .get(binding)
            .ok_or(EnvelopeError::NoBinding(binding))?
            .clone();
        for _ in 0..2 {
            let Value::String(text) = &value else {
                break;
            };
            match serde_json::from_str(text) {
                Ok(inner) => value = inner,
                Err(_) => break,
            }
        }
        Ok(value)
    }

    /// A message's bytes: base64 where the binding asks for bytes, a string of text, once or twice encoded, elsewhere.
    pub fn bytes(&self, binding: &'static str) -> Result<Vec<u8>, EnvelopeError> {
        let value = self
            .data
            .get(binding)
            .ok_or(EnvelopeError::NoBinding(binding))?;
        match value {
            Value::String(text) => match STANDARD.decode(text) {
                Ok(bytes) => Ok(bytes),
                Err(_) => Ok(serde_json::from_str::<String>(text)
                    .unwrap_or_else(|_| text.clone())
                    .into_bytes()),
            },
            Value::Object(_) => Ok(value.to_string().into_bytes()),
            _ => Err(EnvelopeError::NotBytes(binding)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(json: &str) -> Envelope {
        Envelope::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_message_is_read_in_every_form_that_the_host_has() {
        let wanted = br#"{"journal":"m-1.r-0"}"#.to_vec();
        for data in [
            r#""eyJqb3VybmFsIjoibS0xLnItMCJ9""#,
            r#""\"{\\\"journal\\\":\\\"m-1.r-0\\\"}\"""#,
            r#""{\"journal\":\"m-1.r-0\"}""#,
            r#"{"journal":"m-1.r-0"}"#,
        ] {
            let read = envelope(&format!(
                r#"{{"Data":{{"message":{data}}},"Metadata":{{}}}}"#
            ))
            .bytes("message")
            .unwrap();
            assert_eq!(read, wanted, "{data}");
        }
    }

    #[test]
    fn an_event_is_read_as_object_and_as_text() {
        for data in [r#"{"id":"1"}"#, r#""{\"id\":\"1\"}""#] {
            let read = envelope(&format!(r#"{{"Data":{{"event":{data}}}}}"#))
                .json("event")
                .unwrap();
            assert_eq!(read["id"], "1");
        }
    }

    #[test]
    fn a_missing_binding_is_named() {
        let error = envelope(r#"{"Data":{}}"#).json("event").unwrap_err();
        insta::assert_snapshot!(error, @"the invocation has no binding named `event`");
    }
}
