//! Online deployments: what was asked for, and the model that was really loaded.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::scoring::{self, Predictor};

use super::{
    AssetContent, AssetKind, Failure, Location, ProvisioningState, RunsOn, Stamp, Version,
    Workspace, WorkspaceId,
};

/// Reads a file of a storage account: account, container, blob.
pub(crate) type ReadBlob<'a> = &'a dyn Fn(&str, &str, &str) -> Option<Bytes>;

/// What whoever puts the deployment asks for.
#[derive(Debug, Clone)]
pub(crate) struct DeploymentSpec {
    /// ARM id of a model version.
    pub(crate) model: String,
    pub(crate) runs_on: RunsOn,
    pub(crate) instances: u64,
    pub(crate) tags: BTreeMap<String, String>,
    /// ARM's `properties`, with the service's defaults filled in.
    pub(crate) properties: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) name: String,
    pub(crate) spec: DeploymentSpec,
    pub(crate) state: ProvisioningState,
    pub(crate) failure: Option<Failure>,
    pub(crate) loaded: Option<Predictor>,
    /// Requests that it answered.
    pub(crate) served: u64,
    /// Errors that planted faults owe: a share of one for each request.
    owed: f64,
    pub(crate) operation_uri: Option<String>,
    pub(crate) stamp: Stamp,
}

impl Deployment {
    pub(crate) fn new(name: &str, spec: DeploymentSpec, stamp: Stamp) -> Self {
        Self {
            name: name.into(),
            spec,
            state: ProvisioningState::Creating,
            failure: None,
            loaded: None,
            served: 0,
            owed: 0.0,
            operation_uri: None,
            stamp,
        }
    }

    /// Whether the next request fails where this share of them does: of ten, at a tenth, exactly the last one.
    pub(crate) fn stumbles(&mut self, share: f64) -> bool {
        self.owed += share;
        // Ten tenths are a little less than one.
        let fails = self.owed > 1.0 - 1e-9;
        if fails {
            self.owed -= 1.0;
        }
        fails
    }
}

impl DeploymentSpec {
    /// Fills in what the service answers for settings that were left out; clients crash on a null there.
    pub(crate) fn with_defaults(mut self) -> Self {
        let probe = json!({"initialDelay": "PT10S", "period": "PT10S", "timeout": "PT2S", "successThreshold": 1, "failureThreshold": 30});
        let (instance_type, scale_settings) = self.runs_on.defaults();
        let defaults = [
            ("appInsightsEnabled", json!(false)),
            ("egressPublicNetworkAccess", json!("Enabled")),
            ("environmentVariables", json!({})),
            ("instanceType", json!(instance_type)),
            ("livenessProbe", probe.clone()),
            ("readinessProbe", probe),
            (
                "requestSettings",
                json!({"maxConcurrentRequestsPerInstance": 1, "maxQueueWait": "PT0.5S", "requestTimeout": "PT5S"}),
            ),
            ("scaleSettings", scale_settings),
        ];
        for (name, value) in defaults {
            let slot = self.properties.entry(name).or_insert(Value::Null);
            if slot.is_null() {
                *slot = value;
            }
        }
        self
    }

    pub(crate) fn instance_type(&self) -> &str {
        let found = self.properties.get("instanceType");
        found.and_then(Value::as_str).unwrap_or_default()
    }

    /// Loads the model's files from the workspace's storage account, as the container does when it starts.
    pub(crate) fn load(
        &self,
        workspace: &Workspace,
        read: ReadBlob<'_>,
    ) -> Result<Predictor, Failure> {
        let Some(id) = self.code() else {
            return load(&self.model, workspace, read);
        };
        let location = located(&self.model, workspace)?;
        let model = |file: &str| read(&location.account, &location.container, &location.blob(file));
        let script = self.scoring_script();
        let code = code_folder(workspace, id).ok_or_else(|| {
            Failure::new("BadArgument", format!("Could not find code with ID: {id}"))
        })?;
        scoring::load_with_script(&model, script, &|file| {
            read(&code.account, &code.container, &code.blob(file))
        })
    }

    /// ARM id of the code that answers.
    pub(crate) fn code(&self) -> Option<&str> {
        self.properties.get("codeConfiguration")?["codeId"].as_str()
    }

    /// ARM id of what it runs in, or a registry's.
    pub(crate) fn environment(&self) -> Option<&str> {
        self.properties.get("environmentId")?.as_str()
    }

    fn scoring_script(&self) -> &str {
        let configuration = self.properties.get("codeConfiguration");
        let script = configuration.and_then(|found| found["scoringScript"].as_str());
        script.unwrap_or_default()
    }

    /// Whether its model brings nothing along that answers.
    pub(super) fn serves_custom_model(&self, workspace: &Workspace) -> bool {
        let version = version(&self.model, workspace);
        version.is_some_and(|version| version.spec.model_type.as_deref() == Some("custom_model"))
    }
}

/// Loads the files of a model version, given by its ARM id.
pub(super) fn load(
    model: &str,
    workspace: &Workspace,
    read: ReadBlob<'_>,
) -> Result<Predictor, Failure> {
    let location = located(model, workspace)?;
    scoring::load(&|file| read(&location.account, &location.container, &location.blob(file)))
}

fn located(model: &str, workspace: &Workspace) -> Result<Location, Failure> {
    let location =
        version(model, workspace).and_then(|version| workspace.locate(&version.uri).ok());
    location.ok_or_else(|| {
        Failure::new(
            "ModelRegistryError",
            format!("Could not find asset with ID: {model}"),
        )
    })
}

fn version<'w>(model: &str, workspace: &'w Workspace) -> Option<&'w Version> {
    let (owner, rest) = WorkspaceId::split(model.trim_start_matches("azureml:"))?;
    let [models, name, versions, version] = rest.as_slice() else {
        return None;
    };
    let fits = owner.same(&workspace.id)
        && models.eq_ignore_ascii_case("models")
        && versions.eq_ignore_ascii_case("versions");
    workspace.version(name, version).ok().filter(|_| fits)
}

fn code_folder(workspace: &Workspace, id: &str) -> Option<Location> {
    match &workspace.referred(AssetKind::Code, id)?.spec.content {
        AssetContent::Code { uri } => workspace.code_folder(uri).ok(),
        AssetContent::Environment { .. } => None,
    }
}
