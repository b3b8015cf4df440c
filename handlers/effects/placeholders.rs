//! What the placeholders of a URL stand for.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use promotion::analysis::{Part, Template};

/// Whatever is not to be taken for a part of the URL itself.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What is asked about.
pub(super) struct Placeholders<'a> {
    /// `{endpoint}`
    pub(super) endpoint: &'a str,
    /// `{deployment}`
    pub(super) deployment: &'a str,
    /// `{from}`
    pub(super) from: Timestamp,
    /// `{to}`
    pub(super) to: Timestamp,
}

impl Placeholders<'_> {
    /// The text with what they stand for, encoded, and whatever `secret` makes of a secret's name.
    pub(super) fn filled(
        &self,
        text: &Template,
        secret: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<String, String> {
        let parts = text.parts().into_iter().map(|part| match part {
            Part::Text(text) => Ok(text.to_owned()),
            Part::Secret(name) => secret(name),
            Part::Placeholder(name) => self.value(name),
        });
        parts.collect()
    }

    /// The text as people read it: secrets by name.
    pub(super) fn shown(&self, text: &Template) -> String {
        self.filled(text, &mut |name| Ok(format!("${{{name}}}")))
            .unwrap_or_else(|_| text.to_string())
    }

    fn value(&self, name: &str) -> Result<String, String> {
        let value = match name {
            "endpoint" => self.endpoint.to_owned(),
            "deployment" => self.deployment.to_owned(),
            "from" => self.from.to_string(),
            "to" => self.to.to_string(),
            _ => return Err(format!("`{{{name}}}` stands for nothing in a URL")),
        };
        Ok(utf8_percent_encode(&value, PLAIN).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stays_a_part_of_the_url() {
        let at = |text: &str| text.parse().unwrap();
        let asked = Placeholders {
            endpoint: "diabetes",
            deployment: "ll-2 &x=1",
            from: at("2026-11-23T07:00:00Z"),
            to: at("2026-11-23T07:01:00Z"),
        };
        let url = Template::new("https://m.example/${PATH}?d={deployment}&from={from}");
        assert_eq!(
            asked.shown(&url),
            "https://m.example/${PATH}?d=ll-2%20%26x%3D1&from=2026-11-23T07%3A00%3A00Z"
        );
        assert!(asked.value("window").is_err());
    }
}
