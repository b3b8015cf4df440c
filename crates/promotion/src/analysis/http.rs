//! A metric that any HTTP address answers.
//!
//! **Invariant:** of a secret only its name is kept here, as `${NAME}`: journals, pages and plans are made of what is kept. Whoever
//! asks has its value from the environment, for that one request.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::route::Seconds;

/// Where to ask, and which number of the answer is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpMetric {
    /// Where; with placeholders and names of secrets in it.
    pub url: Template,
    /// What is sent along, by its name; with names of secrets in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// A CEL expression over `result`, the answer's JSON, that comes to a number.
    pub value: String,
    /// How long an answer may take.
    pub timeout: Seconds,
    /// How long before the measurement `{from}` lies.
    pub window: Seconds,
}

/// Text with `${NAME}` and `{placeholder}` in it, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(String);

/// What a template is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'t> {
    /// Text as it is.
    Text(&'t str),
    /// `${NAME}`, a value of the environment.
    Secret(&'t str),
    /// `{name}`.
    Placeholder(&'t str),
}

impl Template {
    /// As it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is written: secrets by name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its parts in order. A brace that closes nothing, or opens what does not end, is text.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_str();
        while let Some(at) = rest.find('{') {
            let Some(end) = rest[at..].find('}').map(|end| at + end) else {
                break;
            };
            let name = &rest[at + 1..end];
            let (before, part) = match rest[..at].strip_suffix('$') {
                Some(before) => (before, Part::Secret(name)),
                None => (&rest[..at], Part::Placeholder(name)),
            };
            parts.push(Part::Text(before));
            parts.push(part);
            rest = &rest[end + 1..];
        }
        parts.push(Part::Text(rest));
        parts.retain(|part| *part != Part::Text(""));
        parts
    }

    /// Whether it says something else of each deployment.
    pub fn names(&self, placeholder: &str) -> bool {
        self.parts().contains(&Part::Placeholder(placeholder))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_text_secrets_and_placeholders() {
        use Part::{Placeholder, Secret, Text};
        let parts = |text: &str| format!("{:?}", Template::new(text).parts());
        let of = |parts: &[Part<'_>]| format!("{parts:?}");
        assert_eq!(
            parts("https://${HOST}/q?d={deployment}&k=${KEY}"),
            of(&[
                Text("https://"),
                Secret("HOST"),
                Text("/q?d="),
                Placeholder("deployment"),
                Text("&k="),
                Secret("KEY")
            ])
        );
        assert_eq!(parts("a{b"), of(&[Text("a{b")]));
        assert_eq!(parts("a}b$"), of(&[Text("a}b$")]));
        assert!(Template::new("{deployment}").names("deployment"));
        assert!(!Template::new("${deployment}").names("deployment"));
    }
}
