//! A request whose caller and api-version were checked, and what every resource needs to answer it.

use std::collections::BTreeMap;

use http::Method;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::arm::{Actor, Refusal, WorkspaceId};

pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) by: Actor,
    pub(crate) now: Timestamp,
    /// `{base}/arm`
    pub(crate) arm_url: String,
    /// `{base}`
    pub(crate) base_url: String,
}

impl Call {
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body = self
            .body
            .clone()
            .ok_or_else(|| Refusal::invalid("The request body is missing."))?;
        serde_json::from_value(body).map_err(|e| Refusal::Invalid {
            code: "InvalidRequestContent",
            message: format!("The request content was invalid and could not be deserialized: {e}."),
        })
    }

    pub(crate) fn not_allowed(&self) -> Refusal {
        Refusal::NotAllowed {
            code: "MethodNotAllowed",
            message: format!("{} is not simulated for {}.", self.method, self.path),
        }
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self
            .query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn api_version(&self) -> &str {
        self.query("api-version").unwrap_or_default()
    }

    /// Where an operation is polled; `kind` is one of the two URL words.
    pub(crate) fn operation_url(
        &self,
        workspace: &WorkspaceId,
        region: &str,
        kind: &str,
        id: &str,
    ) -> String {
        format!(
            "{}/subscriptions/{}/providers/Microsoft.MachineLearningServices/locations/{region}/{kind}/{id}?api-version={}",
            self.arm_url,
            workspace.subscription,
            self.api_version()
        )
    }
}
