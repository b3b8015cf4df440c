//! What production predicts is what the promoted model predicts. With `LIFTLOCK_PREDICTIONS` the figures are written to
//! that file, for whoever compares them with `MLflow`'s.

use std::collections::BTreeMap;

use cloud_sim::ModelKind;
use serde_json::{Value, json};

use super::{Setup, Tester, Who};
use crate::setting::example;

impl Tester {
    /// What the endpoint answers for the rows of sample.json.
    async fn predictions(&self, sample: &Value) -> Vec<f64> {
        let prod = format!(
            "{}/arm{}",
            self.cloud.url(),
            cloud_sim::Cloud::prod().arm_id()
        );
        let keys = format!("{prod}/onlineEndpoints/diabetes/listKeys?api-version=2024-04-01");
        let (token, _) = self.cloud.identity().token("https://management.azure.com");
        let keys = self
            .http
            .post(keys)
            .bearer_auth(token)
            .header("content-length", "0");
        let keys: Value = keys.send().await.unwrap().json().await.unwrap();
        let rows = json!({"input_data": {"columns": sample["columns"], "index": [0, 1, 2, 3, 4], "data": sample["data"]}});
        let score = format!("{}/scoring/diabetes/score", self.cloud.url());
        let asked = self
            .http
            .post(score)
            .bearer_auth(keys["primaryKey"].as_str().unwrap());
        asked
            .json(&rows)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn production_predicts_what_the_promoted_model_predicts() {
    let text = std::fs::read_to_string(example().join("sample.json")).unwrap();
    let sample: Value = serde_json::from_str(&text).unwrap();
    let mut found = BTreeMap::new();
    Setup::default()
        .with_lenient_gates()
        .story(async |t| {
            found.insert("champion", t.predictions(&sample).await);
            for (name, kind) in [
                ("challenger", ModelKind::Challenger),
                ("worse", ModelKind::Worse),
            ] {
                let id = t.register_model(kind).await;
                t.wait_until(&id, "awaiting approval").await;
                t.approve_as(Who::Ada, &id).await.taken();
                t.wait_until(&id, "live").await;
                found.insert(name, t.predictions(&sample).await);
            }
        })
        .await;
    for (name, predicted) in &found {
        let wanted: Vec<f64> = serde_json::from_value(sample["predictions"][name].clone()).unwrap();
        assert_eq!(predicted.len(), wanted.len());
        let far = predicted
            .iter()
            .zip(&wanted)
            .find(|(one, other)| (*one - *other).abs() > 1e-9);
        assert_eq!(far, None, "{name}");
    }
    if let Some(file) = std::env::var_os("LIFTLOCK_PREDICTIONS") {
        std::fs::write(file, json!(found).to_string()).unwrap();
    }
}
