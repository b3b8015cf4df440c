//! Online endpoints: where requests come in, and which deployment gets how much of them.
//!
//! Traffic cannot be patched: it changes by a PUT of the whole endpoint, read before. ARM has no `ETag`, so a delayed twin
//! of an old PUT undoes a newer one; that is why such a call is short, sent once, and read back by the caller.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    json::{drop_nulls, or_default, texts},
    ml::{
        arm::{MachineLearning, ProvisioningState, Resource, SystemData},
        operations::{Submitted, submitted},
        workspace::WorkspaceRef,
    },
};

/// An overwriting call never lasts longer.
const OVERWRITE_DEADLINE: Duration = Duration::from_mins(1);

/// How callers of an endpoint prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum AuthMode {
    /// A fixed key.
    Key,
    /// A token of the workspace that expires.
    #[serde(rename = "AMLToken")]
    AmlToken,
    /// An Entra token.
    #[serde(rename = "AADToken")]
    AadToken,
}

/// An online endpoint as the service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct OnlineEndpoint {
    /// Its name.
    pub name: String,
    /// Its region.
    pub location: String,
    /// How to sign requests.
    pub auth_mode: AuthMode,
    /// Where to send them.
    pub scoring_uri: Option<String>,
    /// Percent by deployment, without zeros. Sums to 0 or 100.
    pub traffic: BTreeMap<String, u32>,
    /// Percent copied to a deployment that answers nobody, without zeros.
    pub mirror_traffic: BTreeMap<String, u32>,
    /// The ARM id of its Kubernetes compute; none for a managed endpoint.
    pub compute: Option<String>,
    /// Whether an operation runs.
    pub provisioning_state: Option<ProvisioningState>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free; the service notes its own things here too.
    pub properties: BTreeMap<String, String>,
    /// Who made and who changed it.
    pub system: SystemData,
    /// Everything, as sent.
    pub raw: Value,
}

/// An endpoint to create, or to overwrite whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSpec {
    /// The workspace's region.
    pub location: String,
    /// How to sign requests. Cannot be changed later.
    pub auth_mode: AuthMode,
    /// For people.
    pub description: Option<String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
    /// Free.
    pub properties: BTreeMap<String, String>,
    /// Percent by deployment.
    pub traffic: BTreeMap<String, u32>,
    /// The ARM id of a Kubernetes compute; none for a managed endpoint.
    pub compute: Option<String>,
    /// `Enabled` or `Disabled`.
    pub public_network_access: Option<String>,
    /// Who the endpoint is when it fetches models and images.
    pub identity: EndpointIdentity,
}

/// Who an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointIdentity {
    /// One that lives and dies with it.
    SystemAssigned,
    /// Given ones, by ARM id.
    UserAssigned(Vec<String>),
    /// Both.
    SystemAndUserAssigned(Vec<String>),
}

/// The body of an endpoint's PUT. Made of a spec or of an endpoint as read.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointBody(Value);

impl OnlineEndpoint {
    /// The endpoint as it was read, with other traffic; what the service alone may write is left out.
    pub fn with_traffic(&self, traffic: &BTreeMap<String, u32>) -> EndpointBody {
        let mut body = writable(&self.raw);
        body["properties"]["traffic"] = json!(without_zeros(traffic));
        EndpointBody(body)
    }
}

impl EndpointBody {
    /// The same with this copied to deployments that answer nobody, in percent.
    #[must_use]
    pub fn with_mirror(mut self, copied: &BTreeMap<String, u32>) -> EndpointBody {
        self.0["properties"]["mirrorTraffic"] = json!(without_zeros(copied));
        self
    }

    /// What is sent.
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

impl From<&EndpointSpec> for EndpointBody {
    fn from(spec: &EndpointSpec) -> Self {
        let mut body = json!({
            "location": spec.location,
            "tags": spec.tags,
            "identity": spec.identity.as_json(),
            "properties": {
                "authMode": spec.auth_mode,
                "description": spec.description,
                "properties": spec.properties,
                "traffic": without_zeros(&spec.traffic),
                "compute": spec.compute,
                "publicNetworkAccess": spec.public_network_access,
            },
        });
        drop_nulls(&mut body);
        EndpointBody(body)
    }
}

impl EndpointIdentity {
    fn as_json(&self) -> Value {
        let (kind, ids) = match self {
            EndpointIdentity::SystemAssigned => return json!({ "type": "SystemAssigned" }),
            EndpointIdentity::UserAssigned(ids) => ("UserAssigned", ids),
            EndpointIdentity::SystemAndUserAssigned(ids) => ("SystemAssigned,UserAssigned", ids),
        };
        let ids: Map<String, Value> = ids.iter().map(|id| (id.clone(), json!({}))).collect();
        json!({ "type": kind, "userAssignedIdentities": ids })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    auth_mode: AuthMode,
    scoring_uri: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    traffic: BTreeMap<String, u32>,
    #[serde(default, deserialize_with = "or_default")]
    mirror_traffic: BTreeMap<String, u32>,
    compute: Option<String>,
    provisioning_state: Option<ProvisioningState>,
    #[serde(default, deserialize_with = "texts")]
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tagged {
    #[serde(deserialize_with = "texts")]
    tags: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for AuthMode {
    /// The service has been seen to write these in any case.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.to_ascii_lowercase().as_str() {
            "key" => Ok(AuthMode::Key),
            "amltoken" => Ok(AuthMode::AmlToken),
            "aadtoken" => Ok(AuthMode::AadToken),
            _ => Err(serde::de::Error::custom(format!(
                "unknown authMode {text:?}"
            ))),
        }
    }
}

impl MachineLearning {
    /// An endpoint by name.
    pub async fn online_endpoint(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
    ) -> Result<Option<OnlineEndpoint>> {
        let operation = "endpoints.get";
        let raw: Option<Value> = self
            .find(operation, workspace, &["onlineEndpoints", name])
            .await?;
        raw.map(|raw| read(operation, raw)).transpose()
    }

    /// Creates or overwrites an endpoint. At most 60 s, whatever the deadline.
    pub async fn put_online_endpoint(
        &self,
        workspace: &WorkspaceRef,
        name: &str,
        body: &EndpointBody,
    ) -> Result<Submitted> {
        let operation = "endpoints.put";
        let url = self.url(operation, workspace, &["onlineEndpoints", name], &[])?;
        let short = self.within(self.azure.deadline().min(OVERWRITE_DEADLINE));
        Ok(submitted(&short.arm_put(operation, url, &body.0).await?))
    }
}

fn read(operation: &'static str, raw: Value) -> Result<OnlineEndpoint> {
    let malformed = |error| Error::malformed(operation, error);
    let resource = Resource::<Details>::deserialize(&raw).map_err(malformed)?;
    let tagged = Tagged::deserialize(&raw).map_err(malformed)?;
    let properties = resource.properties;
    Ok(OnlineEndpoint {
        name: resource.name,
        location: resource.location,
        auth_mode: properties.auth_mode,
        scoring_uri: properties.scoring_uri,
        traffic: without_zeros(&properties.traffic),
        mirror_traffic: without_zeros(&properties.mirror_traffic),
        compute: properties.compute.filter(|compute| !compute.is_empty()),
        provisioning_state: properties.provisioning_state,
        tags: tagged.tags,
        properties: properties.properties,
        system: resource.system_data.unwrap_or_default(),
        raw,
    })
}

fn without_zeros(traffic: &BTreeMap<String, u32>) -> BTreeMap<String, u32> {
    traffic
        .iter()
        .filter(|(_, percent)| **percent > 0)
        .map(|(name, percent)| (name.clone(), *percent))
        .collect()
}

/// An endpoint without what the API documents as read only, and without the keys, which only a creation may name.
pub(super) fn writable(raw: &Value) -> Value {
    let mut body = json!({});
    for member in ["location", "tags", "identity", "kind", "sku", "properties"] {
        if let Some(value) = raw.get(member) {
            body[member] = value.clone();
        }
    }
    if let Some(properties) = body["properties"].as_object_mut() {
        properties.retain(|name, _| {
            !matches!(
                name.as_str(),
                "provisioningState" | "scoringUri" | "swaggerUri" | "keys"
            )
        });
    }
    strip_identity(&mut body);
    drop_nulls(&mut body);
    body
}

fn strip_identity(body: &mut Value) {
    let Some(identity) = body.get_mut("identity").and_then(Value::as_object_mut) else {
        return;
    };
    identity.retain(|name, _| !matches!(name.as_str(), "principalId" | "tenantId"));
    if let Some(Value::Object(assigned)) = identity.get_mut("userAssignedIdentities") {
        assigned.values_mut().for_each(|id| *id = json!({}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> Value {
        json!({
            "id": "/subscriptions/s/…/onlineEndpoints/diabetes", "name": "diabetes", "type": "t", "location": "westeurope",
            "tags": {"team": "a"}, "systemData": {"createdBy": "x"}, "kind": null, "sku": null,
            "identity": {"type": "SystemAssigned,UserAssigned", "principalId": "p", "tenantId": "t",
                         "userAssignedIdentities": {"/id": {"principalId": "p", "clientId": "c"}}},
            "properties": {"authMode": "aadToken", "traffic": {"a": 100, "b": 0}, "mirrorTraffic": {}, "compute": null,
                           "scoringUri": "https://e/score", "swaggerUri": "s", "provisioningState": "Succeeded",
                           "properties": {"createdBy": "x"}, "description": "d"}
        })
    }

    #[test]
    fn traffic_changes_and_all_else_goes_back_as_it_came() {
        let endpoint = read("test", raw()).unwrap();
        assert_eq!(endpoint.auth_mode, AuthMode::AadToken);
        assert_eq!(endpoint.traffic, BTreeMap::from([("a".to_owned(), 100)]));
        let traffic = BTreeMap::from([("a".to_owned(), 0), ("b".to_owned(), 100)]);
        let expected = json!({
            "location": "westeurope", "tags": {"team": "a"},
            "identity": {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {"/id": {}}},
            "properties": {"authMode": "aadToken", "traffic": {"b": 100}, "mirrorTraffic": {},
                           "properties": {"createdBy": "x"}, "description": "d"}
        });
        assert_eq!(endpoint.with_traffic(&traffic).as_json(), &expected);
    }

    #[test]
    fn a_compute_comes_with_the_endpoint_and_goes_back_with_its_traffic() {
        let mut raw = raw();
        assert_eq!(read("test", raw.clone()).unwrap().compute, None);
        raw["properties"]["compute"] = json!("");
        assert_eq!(read("test", raw.clone()).unwrap().compute, None);
        raw["properties"]["compute"] = json!("/…/computes/aks-prod");
        let endpoint = read("test", raw).unwrap();
        assert_eq!(endpoint.compute.as_deref(), Some("/…/computes/aks-prod"));
        let body = endpoint.with_traffic(&BTreeMap::new());
        assert_eq!(
            body.as_json()["properties"]["compute"],
            "/…/computes/aks-prod"
        );
    }

    fn spec() -> EndpointSpec {
        EndpointSpec {
            location: "westeurope".into(),
            auth_mode: AuthMode::Key,
            description: None,
            tags: BTreeMap::new(),
            properties: BTreeMap::new(),
            traffic: BTreeMap::new(),
            compute: None,
            public_network_access: None,
            identity: EndpointIdentity::SystemAssigned,
        }
    }

    #[test]
    fn a_spec_sends_only_what_it_says() {
        let mut expected = json!({
            "location": "westeurope", "tags": {}, "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": "Key", "properties": {}, "traffic": {}}
        });
        assert_eq!(EndpointBody::from(&spec()).as_json(), &expected);
        let on_kubernetes = EndpointSpec {
            compute: Some("/…/computes/aks-prod".into()),
            ..spec()
        };
        expected["properties"]["compute"] = json!("/…/computes/aks-prod");
        assert_eq!(EndpointBody::from(&on_kubernetes).as_json(), &expected);
    }
}
