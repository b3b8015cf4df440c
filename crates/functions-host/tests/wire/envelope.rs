//! The request that a function is called with.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn e01_e02_post_to_the_functions_name_chunked_with_three_headers() {
    let host = TestApp::new().event_grid().start().await;
    host.deliver(&json!([{ "id": "1" }])).await;
    host.deliver(&json!([{ "id": "1" }])).await;
    let (first, second) = (host.call().await, host.call().await);

    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/on_event")
    );
    assert_eq!(
        first.header("content-type"),
        "application/json; charset=utf-8"
    );
    assert_eq!(first.header("transfer-encoding"), "chunked");
    assert!(first.header("host").starts_with("127.0.0.1:"));
    assert_eq!(
        first.header("user-agent"),
        format!(
            "Azure-Functions-Host/{}",
            first.header("x-azure-functions-hostversion")
        )
    );
    let expected = [
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
        "x-azure-functions-hostversion",
        "x-azure-functions-invocationid",
    ];
    let mut names = first.header_names();
    names.sort_unstable();
    assert_eq!(names, expected);
    let ids =
        [&first, &second].map(|call| call.header("x-azure-functions-invocationid").to_owned());
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].len(), 36);
    assert_eq!(ids[0], ids[0].to_lowercase());
}

#[tokio::test]
async fn e03_e05_data_and_metadata_hold_the_event_and_what_the_host_adds() {
    let host = TestApp::new().event_grid().start().await;
    host.deliver(&json!([{ "id": "1", "data": null }])).await;
    let body = host.call().await.json();

    assert_eq!(
        body.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["Data", "Metadata"]
    );
    let metadata = body["Metadata"].as_object().unwrap();
    assert_eq!(
        metadata.keys().collect::<Vec<_>>(),
        ["sys"],
        "null data is left out"
    );
    let sys = metadata["sys"].as_object().unwrap();
    assert_eq!(sys["MethodName"], "on_event");
    assert!(sys["UtcNow"].as_str().unwrap().ends_with('Z'));
    assert_eq!(sys["RandGuid"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn e07_an_event_is_an_object_and_its_data_stands_in_the_metadata() {
    let host = TestApp::new().event_grid().start().await;
    let event = json!({ "id": "1", "eventTime": "2023-10-12T20:13:49.6400020Z", "data": { "modelName": "m" } });
    for (event, metadata_data) in [
        (event, json!({ "modelName": "m" })),
        (json!({ "id": "2", "data": "text" }), json!("\"text\"")),
        (json!({ "id": "3", "data": [1] }), json!("[1]")),
        (json!({ "id": "4" }), Value::Null),
    ] {
        assert_eq!(host.deliver(&json!([event])).await.status, 202);
        let body = host.call().await.json();
        assert_eq!(body["Data"], json!({ "event": event }));
        assert_eq!(body["Metadata"]["data"], metadata_data);
    }
}
