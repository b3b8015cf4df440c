//! Predictions: right to the last digit, split by traffic, only for those with a key.

use cloud_sim::Cloud;
use reqwest::Method;
use serde_json::{Value, json};

use crate::estate::{Estate, Seen, example};

fn sample() -> Value {
    serde_json::from_slice(&std::fs::read(example().join("sample.json")).unwrap()).unwrap()
}

/// The example's formula, worked out here from the committed coefficients.
fn expected(kind: &str) -> Vec<f64> {
    let file = example()
        .join("models")
        .join(kind)
        .join("data/coefficients.json");
    let model: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let sample = sample();
    let columns: Vec<&str> = sample["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    let predict = |row: &Value| {
        let value = |name: &Value| {
            let at = columns
                .iter()
                .position(|c| *c == name.as_str().unwrap())
                .unwrap();
            row[at].as_f64().unwrap()
        };
        let term = |t: &Value| {
            let product: f64 = t["features"]
                .as_array()
                .unwrap()
                .iter()
                .map(value)
                .product();
            t["coefficient"].as_f64().unwrap() * product
        };
        model["intercept"].as_f64().unwrap()
            + model["terms"]
                .as_array()
                .unwrap()
                .iter()
                .map(term)
                .sum::<f64>()
    };
    sample["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(predict)
        .collect()
}

async fn key(estate: &Estate) -> String {
    let keys = estate
        .arm(
            Method::POST,
            &Cloud::prod(),
            "/onlineEndpoints/diabetes/listKeys",
            None,
        )
        .await;
    keys.body["primaryKey"].as_str().unwrap().to_owned()
}

async fn score(estate: &Estate, key: &str, deployment: Option<&str>, body: &Value) -> Seen {
    let mut request = estate
        .http
        .post(estate.url("/scoring/diabetes/score"))
        .bearer_auth(key)
        .json(body);
    if let Some(name) = deployment {
        request = request.header("azureml-model-deployment", name);
    }
    Seen::of(request.send().await.unwrap()).await
}

fn close(found: &Value, wanted: &[f64]) {
    let found: Vec<f64> = serde_json::from_value(found.clone()).unwrap();
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
    }
}

#[tokio::test]
async fn both_models_predict_what_their_coefficients_say() {
    let estate = Estate::with_challenger().await;
    let key = key(&estate).await;
    let sample = sample();
    let split =
        json!({"input_data": {"columns": sample["columns"], "index": [0], "data": sample["data"]}});
    close(
        &score(&estate, &key, None, &split).await.body,
        &expected("champion"),
    );
    let named = score(&estate, &key, Some("challenger-v2"), &split).await;
    close(&named.body, &expected("challenger"));
    assert_eq!(named.header("azureml-model-deployment"), "challenger-v2");
    let bare = json!({"input_data": sample["data"]});
    close(
        &score(&estate, &key, None, &bare).await.body,
        &expected("champion"),
    );
}

#[tokio::test]
async fn a_hundred_requests_are_split_exactly_by_traffic() {
    let estate = Estate::with_challenger().await;
    estate
        .shift(json!({"champion-v1": 90, "challenger-v2": 10}))
        .await;
    estate.pass(15);
    let key = key(&estate).await;
    let body = json!({"input_data": sample()["data"]});
    for _ in 0..100 {
        assert_eq!(score(&estate, &key, None, &body).await.status, 200);
    }
    let view = estate.cloud.view();
    let served: Vec<(String, u64)> = view.workspaces[1].endpoints[0]
        .deployments
        .iter()
        .map(|d| (d.name.clone(), d.served))
        .collect();
    assert_eq!(
        served,
        [
            ("challenger-v2".to_owned(), 10),
            ("champion-v1".to_owned(), 90)
        ]
    );
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused() {
    let estate = Estate::new().await;
    let key = key(&estate).await;
    let good = json!({"input_data": sample()["data"]});
    assert_eq!(score(&estate, "guess", None, &good).await.status, 401);
    let missing = json!({"input_data": {"columns": ["bmi"], "data": [[20.0]]}});
    let refused = score(&estate, &key, None, &missing).await;
    assert_eq!(
        (
            refused.status,
            refused.header("ms-azureml-model-error-statuscode")
        ),
        (424, "400")
    );
    assert_eq!(score(&estate, &key, None, &json!({})).await.status, 424);
    assert_eq!(score(&estate, &key, Some("ghost"), &good).await.status, 404);
    estate.shift(json!({})).await;
    estate.pass(15);
    assert_eq!(score(&estate, &key, None, &good).await.status, 404);
}

#[tokio::test]
async fn tokens_open_endpoints_that_ask_for_them() {
    let estate = Estate::new().await;
    let body = json!({"input_data": sample()["data"]});
    let entra = estate.cloud.identity().token("https://ml.azure.com").0;
    for mode in ["AMLToken", "AADToken"] {
        let endpoint = json!({
            "location": "westeurope",
            "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": mode, "traffic": {"champion-v1": 100}},
        });
        estate
            .put(&Cloud::prod(), "/onlineEndpoints/diabetes", endpoint)
            .await;
        estate.pass(15);
        let path = "/onlineEndpoints/diabetes/token";
        let token = estate.arm(Method::POST, &Cloud::prod(), path, None).await;
        let token = token.body["accessToken"].as_str().unwrap().to_owned();
        let opens = async |token: &str| score(&estate, token, None, &body).await.status == 200;
        assert_eq!(opens(&token).await, mode == "AMLToken");
        assert_eq!(opens(&entra).await, mode == "AADToken");
    }
}
