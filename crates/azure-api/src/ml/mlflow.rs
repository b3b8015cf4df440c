//! A run's metrics over `MLflow`'s REST API, at the address that the workspace names.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use url::Url;

use crate::{
    call::{Auth, Call},
    error::{Error, Result},
    json::or_default,
    ml::{arm::MachineLearning, workspace::Workspace},
    origin,
    tokens::ARM_SCOPE,
};

/// A run as `MLflow` tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id, which is its job's name too.
    pub run_id: String,
    /// The experiment's id.
    pub experiment_id: String,
    /// `FINISHED`, `FAILED`, `RUNNING`, …
    pub status: String,
    /// Where its outputs lie.
    pub artifact_uri: Option<String>,
    /// The last value of each. May be infinite or no number at all.
    pub metrics: BTreeMap<String, f64>,
    /// What it was called with.
    pub params: BTreeMap<String, String>,
    /// Free.
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    run: Wire,
}

#[derive(Debug, Deserialize)]
struct Wire {
    info: Info,
    #[serde(default)]
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Info {
    run_id: String,
    #[serde(default, deserialize_with = "or_default")]
    experiment_id: String,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    artifact_uri: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(deserialize_with = "or_default")]
    metrics: Vec<Metric>,
    #[serde(deserialize_with = "or_default")]
    params: Vec<Pair>,
    #[serde(deserialize_with = "or_default")]
    tags: Vec<Pair>,
}

#[derive(Debug, Deserialize)]
struct Metric {
    key: String,
    #[serde(deserialize_with = "number")]
    value: f64,
    #[serde(default, deserialize_with = "number")]
    timestamp: f64,
    #[serde(default, deserialize_with = "number")]
    step: f64,
}

#[derive(Debug, Deserialize)]
struct Pair {
    key: String,
    #[serde(default, deserialize_with = "or_default")]
    value: String,
}

/// JSON has no word for these, and protobuf's JSON writes 64-bit integers as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let text = match &value {
        serde_json::Value::String(text) => text.as_str(),
        other => {
            return other
                .as_f64()
                .ok_or_else(|| serde::de::Error::custom("a metric is no number"));
        }
    };
    match text {
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => text
            .parse()
            .map_err(|_| serde::de::Error::custom("a metric is no number")),
    }
}

impl MachineLearning {
    /// A run by its id.
    pub async fn run(&self, workspace: &Workspace, run_id: &str) -> Result<Option<Run>> {
        let operation = "mlflow.runs.get";
        let base = tracking_url(operation, workspace)?;
        let url = origin::under(
            operation,
            &base,
            &["api", "2.0", "mlflow", "runs", "get"],
            &[("run_id", run_id)],
        )?;
        match self
            .azure
            .call(Call::get(operation, url, Auth::Scope(ARM_SCOPE)))
            .await
        {
            Ok(reply) => Ok(Some(Run::from(reply.json::<Answer>()?.run))),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The workspace's address, whose scheme `azureml` stands for https, or http on this machine.
fn tracking_url(operation: &'static str, workspace: &Workspace) -> Result<Url> {
    let uri = workspace.mlflow_tracking_uri.as_deref();
    let uri =
        uri.ok_or_else(|| Error::malformed(operation, "the workspace names no MLflow address"))?;
    let Some(rest) = uri.strip_prefix("azureml:") else {
        return origin::parse(operation, uri);
    };
    let plain = origin::parse(operation, &format!("http:{rest}"))?;
    if origin::is_loopback(&plain) {
        return Ok(plain);
    }
    origin::parse(operation, &format!("https:{rest}"))
}

impl From<Wire> for Run {
    fn from(wire: Wire) -> Self {
        let Wire { info, data } = wire;
        let pairs = |pairs: Vec<Pair>| {
            pairs
                .into_iter()
                .map(|pair| (pair.key, pair.value))
                .collect()
        };
        Run {
            run_id: info.run_id,
            experiment_id: info.experiment_id,
            status: info.status,
            artifact_uri: info.artifact_uri,
            metrics: last_values(data.metrics),
            params: pairs(data.params),
            tags: pairs(data.tags),
        }
    }
}

fn last_values(mut metrics: Vec<Metric>) -> BTreeMap<String, f64> {
    metrics.sort_by(|a, b| {
        a.timestamp
            .total_cmp(&b.timestamp)
            .then(a.step.total_cmp(&b.step))
    });
    metrics
        .into_iter()
        .map(|metric| (metric.key, metric.value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_texts_are_numbers() {
        let wire = r#"{"run":{"info":{"run_id":"r","status":"FINISHED"},"data":{"metrics":[
            {"key":"rmse","value":2.0,"timestamp":20,"step":1},{"key":"rmse","value":1.0,"timestamp":"10","step":"0"},
            {"key":"nan","value":"NaN"},{"key":"up","value":"Infinity"},{"key":"down","value":"-Infinity"}],
            "tags":[{"key":"a","value":"b"}]}}}"#;
        let run = Run::from(serde_json::from_str::<Answer>(wire).unwrap().run);
        assert_eq!(run.metrics["rmse"].to_bits(), 2.0f64.to_bits());
        assert!(run.metrics["nan"].is_nan());
        assert_eq!(
            (run.metrics["up"], run.metrics["down"]),
            (f64::INFINITY, f64::NEG_INFINITY)
        );
        assert_eq!(run.tags["a"], "b");
    }

    #[test]
    fn the_address_is_https_except_on_this_machine() {
        let with = |uri: &str| {
            let workspace = Workspace {
                id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w".parse().unwrap(),
                location: String::new(),
                workspace_id: String::new(),
                storage_account: None,
                discovery_url: None,
                mlflow_tracking_uri: Some(uri.to_owned()),
            };
            tracking_url("test", &workspace).unwrap().to_string()
        };
        assert_eq!(
            with("azureml://we.api.azureml.ms/mlflow/v1.0/x"),
            "https://we.api.azureml.ms/mlflow/v1.0/x"
        );
        assert_eq!(
            with("azureml://127.0.0.1:8080/region/x"),
            "http://127.0.0.1:8080/region/x"
        );
    }
}
