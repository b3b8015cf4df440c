//! Batch endpoints, their deployments, and the jobs that they do.
//!
//! A job scores its input with the model that its deployment loaded; its result appears when its time has come. Where
//! nobody names a deployment the endpoint's default does it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::scoring::{Predictor, csv_rows};

use super::ids::key;
use super::{Failure, Location, ProvisioningState, Refusal, Stamp};

/// What whoever puts a batch endpoint asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct BatchEndpointSpec {
    pub(crate) identity: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) properties: Map<String, Value>,
    /// The deployment that does the jobs that name none, as it was written.
    pub(crate) default: Option<String>,
}

#[derive(Debug)]
pub(crate) struct BatchEndpoint {
    pub(crate) name: String,
    pub(crate) spec: BatchEndpointSpec,
    pub(crate) state: ProvisioningState,
    pub(crate) deployments: BTreeMap<String, BatchDeployment>,
    pub(crate) operation_uri: Option<String>,
    pub(crate) stamp: Stamp,
}

/// What whoever puts a batch deployment asks for.
#[derive(Debug, Clone)]
pub(crate) struct BatchDeploymentSpec {
    /// ARM id of a model version.
    pub(crate) model: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// ARM's `properties`, with the service's defaults filled in.
    pub(crate) properties: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct BatchDeployment {
    pub(crate) name: String,
    pub(crate) spec: BatchDeploymentSpec,
    pub(crate) state: ProvisioningState,
    pub(crate) failure: Option<Failure>,
    pub(crate) loaded: Option<Predictor>,
    pub(crate) operation_uri: Option<String>,
    pub(crate) stamp: Stamp,
}

/// How jobs of a model version go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobFault {
    /// The last rows are missing in the result.
    LosesRows(usize),
    /// The first rows have no prediction.
    PredictsNothing(usize),
    /// Each row has one value more.
    AddsColumn,
    /// The job fails.
    Fails,
}

/// What somebody asks a batch endpoint for.
#[derive(Debug, Clone)]
pub(crate) struct BatchJobAsked {
    /// Two calls with the same one ask for one job.
    pub(crate) request_id: Option<String>,
    pub(crate) input_uri: String,
    pub(crate) output_uri: String,
}

/// A job of a batch deployment.
#[derive(Debug)]
pub(crate) struct BatchJob {
    pub(crate) name: String,
    pub(crate) endpoint: String,
    pub(crate) deployment: String,
    pub(crate) asked: BatchJobAsked,
    /// How many calls have asked for it.
    pub(crate) calls: u32,
    pub(crate) due: Timestamp,
    pub(crate) state: BatchJobState,
    pub(crate) stamp: Stamp,
}

#[derive(Debug)]
pub(crate) enum BatchJobState {
    /// With what it is going to come to.
    Running(Result<(Location, Bytes), String>),
    Completed,
    Failed,
}

impl BatchJob {
    /// ARM's `status`.
    pub(crate) fn status(&self) -> &'static str {
        match self.state {
            BatchJobState::Running(_) => "Running",
            BatchJobState::Completed => "Completed",
            BatchJobState::Failed => "Failed",
        }
    }
}

impl BatchEndpoint {
    pub(crate) fn new(name: &str, spec: BatchEndpointSpec, stamp: Stamp) -> Self {
        Self {
            name: name.into(),
            spec: BatchEndpointSpec {
                default: None,
                ..spec
            },
            state: ProvisioningState::Creating,
            deployments: BTreeMap::new(),
            operation_uri: None,
            stamp,
        }
    }

    pub(crate) fn deployment(&self, name: &str) -> Result<&BatchDeployment, Refusal> {
        let found = self.deployments.get(&key(name));
        found.ok_or_else(|| Refusal::not_found("batch deployment", name))
    }

    pub(crate) fn deployment_mut(&mut self, name: &str) -> Result<&mut BatchDeployment, Refusal> {
        let found = self.deployments.get_mut(&key(name));
        found.ok_or_else(|| Refusal::not_found("batch deployment", name))
    }

    pub(crate) fn is_default(&self, name: &str) -> bool {
        let default = self.spec.default.as_deref();
        default.is_some_and(|default| default.eq_ignore_ascii_case(name))
    }

    /// A default is a deployment that is there and has come up.
    pub(crate) fn check_default(&self, name: &str) -> Result<(), Refusal> {
        match self.deployments.get(&key(name)) {
            None => Err(Refusal::invalid(format!(
                "The default deployment '{name}' does not exist."
            ))),
            Some(found) if found.loaded.is_none() => Err(Refusal::invalid(format!(
                "The deployment '{name}' cannot be the default: its provisioning state is {}.",
                found.state.word()
            ))),
            Some(_) => Ok(()),
        }
    }
}

impl BatchDeployment {
    pub(crate) fn new(name: &str, spec: BatchDeploymentSpec, stamp: Stamp) -> Self {
        Self {
            name: name.into(),
            spec,
            state: ProvisioningState::Creating,
            failure: None,
            loaded: None,
            operation_uri: None,
            stamp,
        }
    }

    /// What a job on this input comes to: a line for each row with its number, its prediction and the file's name.
    pub(crate) fn score(
        &self,
        file: &str,
        input: Option<&Bytes>,
        fault: Option<JobFault>,
    ) -> Result<Bytes, String> {
        let predictor = self.loaded.as_ref().ok_or("the deployment is not ready")?;
        let input = input.ok_or_else(|| format!("there is no file '{file}'"))?;
        let mut rows = csv_rows(input)?;
        let mut silent = 0;
        let mut more = "";
        match fault {
            None => {}
            Some(JobFault::Fails) => return Err("a fault asks for it".into()),
            Some(JobFault::LosesRows(count)) => rows.truncate(rows.len().saturating_sub(count)),
            Some(JobFault::PredictsNothing(count)) => silent = count,
            Some(JobFault::AddsColumn) => more = " 1",
        }
        let mut result = String::new();
        for (number, row) in rows.iter().enumerate() {
            let prediction = match predictor.predict(row)? {
                _ if number < silent => "nan".to_owned(),
                prediction => prediction.to_string(),
            };
            let _ = writeln!(result, "{number} {prediction} {file}{more}");
        }
        Ok(result.into())
    }
}

impl BatchDeploymentSpec {
    /// Fills in what the service answers for settings that were left out.
    pub(crate) fn with_defaults(mut self) -> Self {
        let defaults = [
            ("errorThreshold", json!(-1)),
            ("loggingLevel", json!("Info")),
            ("maxConcurrencyPerInstance", json!(1)),
            ("miniBatchSize", json!(10)),
            ("outputAction", json!("AppendRow")),
            ("outputFileName", json!("predictions.csv")),
            ("resources", json!({"instanceCount": 1})),
        ];
        for (name, value) in defaults {
            let slot = self.properties.entry(name).or_insert(Value::Null);
            if slot.is_null() {
                *slot = value;
            }
        }
        self
    }
}
