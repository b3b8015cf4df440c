//! `{"Data":{…},"Metadata":{…}}`, keys in the order in which the real host writes them.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::json;
use serde_json::value::RawValue;

use super::values::{encoded_twice, raw, utc};
use crate::ids;

/// What is posted for one invocation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Envelope {
    data: Members,
    metadata: Members,
}

/// The trigger's binding data.
#[derive(Debug, Default)]
pub(crate) struct Metadata(Members);

/// An object whose members keep their order.
#[derive(Debug, Default)]
struct Members(Vec<(String, Box<RawValue>)>);

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Envelope {
    /// Data that arrives as it is: an object, or a string that is not encoded again.
    pub(crate) fn new(
        binding: &str,
        data: &impl Serialize,
        metadata: Metadata,
        function: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            data: Members(vec![(binding.to_owned(), raw(data))]),
            metadata: metadata.finish(function, now),
        }
    }
}

impl Metadata {
    /// An object.
    pub(crate) fn object(self, key: &str, value: &impl Serialize) -> Self {
        self.push(key, raw(value))
    }

    /// Anything else; none is left out.
    pub(crate) fn value(self, key: &str, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.push(key, encoded_twice(&value)),
            None => self,
        }
    }

    /// A date in its wire form, which is encoded once.
    pub(crate) fn date(self, key: &str, date: &str) -> Self {
        self.push(key, raw(&date))
    }

    /// Keys that end in "trigger" hold the trigger's own value and are left out.
    fn push(mut self, key: &str, value: Box<RawValue>) -> Self {
        if !key.to_ascii_lowercase().ends_with("trigger") {
            self.0.0.push((key.to_owned(), value));
        }
        self
    }

    fn finish(self, function: &str, now: Timestamp) -> Members {
        let sys = json!({ "MethodName": function, "UtcNow": utc(now), "RandGuid": ids::guid() });
        self.object("sys", &sys).0
    }
}
