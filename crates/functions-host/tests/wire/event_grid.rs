//! The webhook that Event Grid delivers to.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::TestApp;

const WEBHOOK: &str = "/runtime/webhooks/eventgrid?functionName=on_event&code=system-key";

#[tokio::test]
async fn e13_handshakes_are_answered_without_invoking() {
    let host = TestApp::new().event_grid().start().await;

    let options = host.send("OPTIONS", WEBHOOK, &[], "").await;
    assert_eq!(
        (options.status, options.header("webhook-allowed-origin")),
        (200, "eventgrid.azure.net")
    );

    let validation = [("aeg-event-type", "SubscriptionValidation")];
    for body in [
        json!([{ "data": { "validationCode": "c-1" } }]),
        json!({ "data": json!({ "validationCode": "c-1" }).to_string() }),
    ] {
        let answer = host
            .send("POST", WEBHOOK, &validation, &body.to_string())
            .await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({ "validationResponse": "c-1" }))
        );
    }
    let unsubscribe = host
        .send("POST", WEBHOOK, &[("aeg-event-type", "Unsubscribe")], "")
        .await;
    assert_eq!(unsubscribe.status, 202);
    assert!(host.lines.calls().is_empty());
}

#[tokio::test]
async fn e13_refusals_say_what_is_wrong() {
    let host = TestApp::new().event_grid().start().await;
    let note = [("aeg-event-type", "Notification")];
    let base = "/runtime/webhooks/EventGrid?functionName";

    assert_eq!(host.send("POST", WEBHOOK, &[], "[]").await.status, 400);
    let unknown = host
        .send(
            "POST",
            &format!("{base}=other&code=system-key"),
            &note,
            "[]",
        )
        .await;
    assert_eq!(
        (unknown.status, unknown.body.as_str()),
        (404, "cannot find function: 'other'")
    );
    for path in [
        format!("{base}=on_event"),
        format!("{base}=on_event&code=wrong"),
    ] {
        assert_eq!(host.send("POST", &path, &note, "[]").await.status, 401);
    }
    let keys = [
        ("aeg-event-type", "Notification"),
        ("x-functions-key", "wrong"),
    ];
    assert_eq!(
        host.send("POST", WEBHOOK, &keys, "[]").await.status,
        401,
        "the header wins over the query"
    );
    assert_eq!(
        host.send(
            "POST",
            "/runtime/webhooks/other?code=system-key",
            &note,
            "[]"
        )
        .await
        .status,
        404
    );
}

#[tokio::test]
async fn e13_a_delivery_is_202_or_500_in_either_shape() {
    let host = TestApp::new().event_grid().start().await;
    let delivered = host
        .deliver(&json!({ "specversion": "1.0", "id": "1" }))
        .await;
    assert_eq!((delivered.status, delivered.body.as_str()), (202, ""));
    let failed = host.deliver_command("fail").await;
    assert_eq!(failed.status, 500);
    assert!(
        failed.body.contains("500 (Internal Server Error)"),
        "{}",
        failed.body
    );
    assert_eq!(host.deliver(&json!("no event")).await.status, 500);
}

#[tokio::test]
async fn e14_events_of_one_delivery_run_in_parallel_and_one_failure_fails_it() {
    let host = TestApp::new().event_grid().start().await;
    let slow = json!({ "data": { "do": "sleep 400" } });
    let begun = Instant::now();
    assert_eq!(
        host.deliver(&json!([slow, slow, slow, slow])).await.status,
        202
    );
    assert!(
        begun.elapsed() < Duration::from_millis(1400),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        host.deliver(&json!([slow, { "data": { "do": "fail" } }]))
            .await
            .status,
        500
    );
    assert_eq!(host.lines.calls().len(), 6);
}
