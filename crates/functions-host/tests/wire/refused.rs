//! What is not emulated stops the host, and says so by the fact's number.

use serde_json::{Value, json};

use crate::support::TestApp;

fn queue_with(key: &str, value: Value) -> TestApp {
    let mut trigger = json!({ "type": "serviceBusTrigger", "direction": "in", "name": "msg", "queueName": "q",
        "connection": "ServiceBus", "isSessionsEnabled": true, "dataType": "binary" });
    trigger[key] = value;
    TestApp::new().function("drain", &json!([trigger]))
}

fn http_with(key: &str, value: Value) -> TestApp {
    let mut trigger = json!({ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" });
    trigger[key] = value;
    TestApp::new().function(
        "page",
        &json!([trigger, { "type": "http", "direction": "out", "name": "res" }]),
    )
}

#[tokio::test]
async fn what_is_not_built_is_refused_by_the_facts_number() {
    let trigger = json!({ "type": "eventGridTrigger", "direction": "in", "name": "event" });
    let many = json!({ "type": "eventGridTrigger", "direction": "in", "name": "event", "cardinality": "many" });
    let output = json!({ "type": "queue", "direction": "out", "name": "out" });
    for (app, fact) in [
        (queue_with("dataType", json!("string")), "E6"),
        (TestApp::new().function("f", &json!([many])), "E7"),
        (queue_with("cardinality", json!("many")), "E8"),
        (queue_with("autoCompleteMessages", json!(false)), "E9"),
        (
            TestApp::new().host_json("/extensions/serviceBus/prefetchCount", json!(1)),
            "E10",
        ),
        (TestApp::new().timer("00:05:00"), "E12"),
        (
            TestApp::new()
                .timer("0 * * * * *")
                .env("WEBSITE_TIME_ZONE", "Europe/Berlin"),
            "E12",
        ),
        (http_with("authLevel", json!("function")), "E15"),
        (http_with("route", json!("order/{id:int}")), "E16"),
        (
            TestApp::new().host_json("/customHandler", forwarding()),
            "E18",
        ),
        (
            http_with("route", json!("a"))
                .host_json("/customHandler/enableProxyingHttpRequest", json!(false)),
            "E19",
        ),
        (
            TestApp::new().function("f", &json!([trigger, output])),
            "E23",
        ),
        (
            TestApp::new().env("AzureFunctionsJobHost__functionTimeout", "00:00:01"),
            "E26",
        ),
        (
            TestApp::new().host_json("/telemetryMode", json!("OpenTelemetry")),
            "E31",
        ),
        (
            TestApp::new().host_json("/retry", json!({ "strategy": "fixedDelay" })),
            "E32",
        ),
    ] {
        let refusal = app.refusal().await;
        assert!(
            refusal.starts_with(&format!("{fact} is not built: ")),
            "{fact}: {refusal}"
        );
    }
}

fn forwarding() -> Value {
    json!({ "description": { "defaultExecutablePath": "x" }, "enableForwardingHttpRequest": true })
}

#[tokio::test]
async fn what_is_not_understood_is_refused_too() {
    let app = TestApp::new().host_json("/extensions/http", json!({ "maxConcurrentRequests": 1 }));
    assert!(app.refusal().await.contains("host.json"));
    assert!(TestApp::new().refusal().await.ends_with("has no functions"));
    let without_queue = TestApp::new().queue();
    assert!(without_queue.refusal().await.contains("Service Bus"));
    for limit in ["maxConcurrentCalls", "maxConcurrentSessions"] {
        let app = TestApp::new().host_json(&format!("/extensions/serviceBus/{limit}"), json!(0));
        assert!(app.refusal().await.contains(limit));
    }
    let unset = queue_with("queueName", json!("%NOT_SET_QUEUE%"));
    assert!(unset.refusal().await.contains("NOT_SET_QUEUE"));
    let missing = TestApp::new().event_grid();
    let missing = missing.host_json(
        "/customHandler/description/defaultExecutablePath",
        json!("no-such-handler"),
    );
    assert!(missing.refusal().await.contains("no-such-handler"));
}
