//! What the data collector of production's deployment keeps.

use cloud_sim::{Cloud, Kept};
use serde_json::{Value, json};

use crate::estate::Estate;

/// The lines under this path, in the default datastore of production.
async fn lines(estate: &Estate, path: &str) -> Vec<Value> {
    let stores = estate
        .get(&Cloud::prod(), "/datastores?isDefault=true")
        .await;
    let store = &stores.body["value"][0]["properties"];
    let named = |key: &str| store[key].as_str().unwrap();
    let (account, container) = (named("accountName"), named("containerName"));
    let found = estate.cloud.blobs().get(account, container, path).unwrap();
    let text = String::from_utf8(found.to_vec()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[tokio::test]
async fn it_keeps_bodies_or_their_tables() {
    let estate = Estate::unrecorded().await;
    let body =
        json!({"input_data": {"columns": ["age", "bmi"], "index": [0], "data": [[59, 32.1]]}});
    let collect = |kept| {
        let bodies = std::slice::from_ref(&body);
        estate.cloud.collect("diabetes", kept, bodies).unwrap()
    };
    let payloads = collect(Kept::Payloads);
    assert!(
        payloads.starts_with("modelDataCollector/diabetes/champion-v1/request/20"),
        "{payloads}"
    );
    assert_eq!(lines(&estate, &payloads).await[0]["data"], body);
    let inputs = collect(Kept::Inputs);
    assert!(inputs.contains("/model_inputs/"), "{inputs}");
    let kept = &lines(&estate, &inputs).await[0]["data"];
    assert_eq!(*kept, json!([{"age": 59, "bmi": 32.1}]));
    assert!(estate.cloud.collect("absent", Kept::Payloads, &[]).is_err());
}
