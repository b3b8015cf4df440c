//! A customer of the endpoint: asks production with the sample rows, over HTTP and with the endpoint's key.

use anyhow::{Context as _, ensure};
use cloud_sim::Cloud;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::run::Run;

const VERSION: &str = "2024-04-01";
const PRECISION: f64 = 1e-9;

/// The example's rows, and what each model predicts for them.
#[derive(Deserialize)]
struct Sample {
    columns: Vec<String>,
    data: Vec<Vec<f64>>,
    predictions: BTreeMap<String, Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    primary_key: String,
}

/// Asks production, and compares the answer with what this model of the example predicts.
pub(super) async fn production_predicts_as(run: &Run<'_>, model: &str) -> anyhow::Result<()> {
    predicts_as(run, "diabetes", model).await
}

/// The same, of one of production's endpoints.
pub(super) async fn predicts_as(run: &Run<'_>, endpoint: &str, model: &str) -> anyhow::Result<()> {
    let sample = run.world.example().join("sample.json");
    let sample: Sample = serde_json::from_slice(&std::fs::read(&sample)?)
        .with_context(|| format!("{} is no sample", sample.display()))?;
    let expected = sample
        .predictions
        .get(model)
        .with_context(|| format!("the sample knows no model {model}"))?;
    let rows = json!({ "input_data": { "columns": sample.columns, "data": sample.data } });
    let answered = predictions(&run.world.cloud, endpoint, &rows).await?;
    ensure!(
        answered.len() == expected.len(),
        "{} predictions for {} rows",
        answered.len(),
        expected.len()
    );
    let farthest = answered
        .iter()
        .zip(expected)
        .map(|(answered, expected)| (answered - expected).abs())
        .fold(0.0, f64::max);
    ensure!(
        farthest <= PRECISION,
        "production's endpoint {endpoint} does not predict as the {model}: off by {farthest:e}"
    );
    run.say(&format!(
        "production's endpoint {endpoint} predicts as the {model}: {} rows, at most {farthest:.0e} off",
        answered.len()
    ));
    Ok(())
}

async fn predictions(cloud: &Cloud, endpoint: &str, rows: &Value) -> anyhow::Result<Vec<f64>> {
    let (base, http) = (cloud.url(), Client::builder().no_proxy().build()?);
    let (token, _) = cloud.identity().token("https://management.azure.com");
    let workspace = Cloud::prod().arm_id();
    let keys: Keys = http
        .post(format!(
            "{base}/arm{workspace}/onlineEndpoints/{endpoint}/listKeys?api-version={VERSION}"
        ))
        .bearer_auth(token)
        .header("Content-Length", "0")
        .send()
        .await?
        .error_for_status()?
        .json()
        .await
        .context("the endpoint gives no keys")?;
    let answer = http
        .post(format!("{base}/scoring/{endpoint}/score"))
        .bearer_auth(keys.primary_key)
        .json(rows)
        .send()
        .await?
        .error_for_status()
        .context("production does not answer")?;
    Ok(answer.json().await?)
}
