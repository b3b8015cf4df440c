//! What the handler's answers mean, end to end.

use std::time::{Duration, Instant};

use functions_host::Level;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn e20_only_2xx_with_a_json_object_succeeds() {
    let host = TestApp::new().event_grid().start().await;
    for (command, status) in [
        ("succeed", 202),
        ("fail", 500),
        ("text", 500),
        ("broken", 500),
    ] {
        assert_eq!(
            host.deliver_command(command).await.status,
            status,
            "{command}"
        );
    }
}

#[tokio::test]
async fn e20_a_redirect_is_followed() {
    let host = TestApp::new().event_grid().start().await;
    assert_eq!(host.deliver_command("redirect").await.status, 202);
    host.call().await;
    let followed = host.call().await;
    assert_eq!(
        (followed.method.as_str(), followed.path.as_str()),
        ("GET", "/redirected")
    );
}

#[tokio::test]
async fn e21_an_empty_answer_hangs_until_the_time_out_kills_the_handler() {
    let app = TestApp::new().event_grid();
    let host = app
        .with(|options| options.function_timeout = Some(Duration::from_millis(500)))
        .start()
        .await;
    let begun = Instant::now();
    assert_eq!(host.deliver_command("empty").await.status, 500);
    assert!(begun.elapsed() >= Duration::from_millis(500));
    assert_eq!(host.deliver_command("succeed").await.status, 202);
    assert_eq!(host.restarts(), 1);
}

#[tokio::test]
async fn e22_a_time_out_fails_everything_in_flight_and_is_no_crash() {
    let app = TestApp::new().event_grid();
    let host = app
        .with(|options| options.function_timeout = Some(Duration::from_millis(600)))
        .start()
        .await;
    for round in 1..=3 {
        let pid = host.worker_pid();
        let slow = host.deliver_command("sleep 60000");
        let innocent = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            host.deliver_command("sleep 60000").await
        };
        let (slow, innocent) = tokio::join!(slow, innocent);
        assert_eq!((slow.status, innocent.status), (500, 500));
        assert_eq!(
            host.deliver_command("succeed").await.status,
            202,
            "round {round}"
        );
        assert_ne!(host.worker_pid(), pid);
        assert_eq!(host.restarts(), round);
    }
}

#[tokio::test]
async fn e24_the_logs_of_an_answer_are_information() {
    let host = TestApp::new().event_grid().start().await;
    host.deliver(&json!([{ "id": "1" }])).await;
    let line = host.lines.line("done").await;
    assert_eq!(
        (line.level, line.category.as_str()),
        (Level::Information, "Function.on_event.User")
    );
}
