//! The timer trigger, under a clock that the test moves.

use functions_host::PlatformState;
use serde_json::{Value, json};

use crate::support::{FakeClock, Running, TestApp};

async fn host_of(schedule: &str, clock: &FakeClock, platform: &PlatformState) -> Running {
    let (url, platform) = (clock.url.clone(), platform.clone());
    let app = TestApp::new().timer(schedule).with(|options| {
        options.clock_url = Some(url);
        options.platform = platform;
    });
    app.start().await
}

#[tokio::test]
async fn e12_a_timer_fires_when_the_clock_reaches_it() {
    let clock = FakeClock::at("2026-11-23T07:00:01Z").await;
    let host = host_of("0 */5 * * * *", &clock, &PlatformState::default()).await;
    clock.seen().await;
    assert!(host.lines.calls().is_empty(), "it is not due");

    clock.set("2026-11-23T07:05:00.0012340Z");
    let first = host.call().await;
    assert_eq!(first.path, "/nightly");
    let timer = &first.json()["Data"]["timer"];
    assert_eq!(timer["Schedule"], json!({ "AdjustForDST": true }));
    assert_eq!(timer["IsPastDue"], false);
    let status = json!({ "Last": "0001-01-01T00:00:00", "Next": "2026-11-23T07:05:00+00:00",
        "LastUpdated": "0001-01-01T00:00:00" });
    assert_eq!(timer["ScheduleStatus"], status);
    let metadata = first.json()["Metadata"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(metadata, ["sys"], "keys that end in trigger are left out");

    clock.set("2026-11-23T07:10:00Z");
    let second = host.call().await.json();
    assert_eq!(
        second["Data"]["timer"]["ScheduleStatus"]["Last"],
        "2026-11-23T07:05:00.001234+00:00"
    );
}

#[tokio::test]
async fn e12_a_jump_over_several_occurrences_fires_once() {
    let clock = FakeClock::at("2026-11-23T07:00:01Z").await;
    let host = host_of("*/5 * * * *", &clock, &PlatformState::default()).await;
    clock.seen().await;
    clock.set("2026-11-23T09:01:00Z");
    host.call().await;
    clock.seen().await;
    assert_eq!(host.lines.calls().len(), 1);
}

#[tokio::test]
async fn e12_what_passed_while_no_host_ran_is_past_due() {
    let (platform, clock) = (
        PlatformState::default(),
        FakeClock::at("2026-11-23T07:00:01Z").await,
    );
    let host = host_of("0 */5 * * * *", &clock, &platform).await;
    clock.seen().await;
    host.host.stop().await;

    clock.set("2026-11-23T07:06:00Z");
    let next = host_of("0 */5 * * * *", &clock, &platform).await;
    let late = next.call().await.json();
    assert_eq!(late["Data"]["timer"]["IsPastDue"], true);
    assert_eq!(
        late["Data"]["timer"]["ScheduleStatus"]["Next"],
        "2026-11-23T07:05:00+00:00"
    );
    clock.seen().await;
    assert_eq!(next.lines.calls().len(), 1);
}

#[tokio::test]
async fn e12_run_on_startup_and_too_frequent_a_schedule() {
    let clock = FakeClock::at("2026-11-23T07:00:01Z").await;
    let url = clock.url.clone();
    let trigger = json!({ "type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "*/30 * * * * *",
        "runOnStartup": true });
    let app = TestApp::new().function("nightly", &json!([trigger]));
    let host = app
        .with(|options| options.clock_url = Some(url))
        .start()
        .await;
    let timer = host.call().await.json()["Data"]["timer"].clone();
    assert_eq!(
        (&timer["IsPastDue"], &timer["ScheduleStatus"]),
        (&json!(false), &Value::Null)
    );
}

#[tokio::test]
async fn e12_one_invocation_at_a_time_and_a_failure_does_not_stop_the_schedule() {
    let clock = FakeClock::at("2026-11-23T07:00:01Z").await;
    let host = host_of("0 */5 * * * *", &clock, &PlatformState::default()).await;
    clock.seen().await;
    clock.set("2026-11-23T07:05:00Z");
    host.call().await;
    host.kill_worker();
    clock.set("2026-11-23T07:10:00Z");
    host.call().await;
}
