//! The Service Bus trigger with sessions.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{FakeQueue, Running, TestApp};

async fn host_of(queue: &FakeQueue, max_sessions: usize) -> Running {
    let url = queue.url.clone();
    TestApp::new()
        .queue()
        .host_json(
            "/extensions/serviceBus/maxConcurrentSessions",
            json!(max_sessions),
        )
        .with(|options| options.service_bus_url = Some(url))
        .start()
        .await
}

#[tokio::test]
async fn e08_the_brokers_properties_stand_in_the_metadata_in_order() {
    let queue = FakeQueue::start().await;
    let host = host_of(&queue, 8).await;
    queue.send("a", "fail-until-delivery 2");
    let (first, second) = (host.call().await, host.call().await);
    assert_eq!(first.path, "/drain");
    assert_eq!(
        first.json()["Data"],
        json!({ "msg": "eyJkbyI6ImZhaWwtdW50aWwtZGVsaXZlcnkgMiJ9" })
    );
    let metadata = &first.json()["Metadata"];
    for (key, expected) in [
        ("DeliveryCount", json!("1")),
        ("LockToken", json!("\"lock-1\"")),
        ("ExpiresAtUtc", json!("2023-10-26T20:13:49")),
        ("EnqueuedTime", json!("2023-10-12T20:13:49+00:00")),
        ("MessageId", json!("\"m-1\"")),
        ("SequenceNumber", json!("1")),
        ("Label", json!("\"s\"")),
        ("SessionId", json!("\"a\"")),
        ("UserProperties", json!({ "k": "v" })),
        ("CorrelationId", Value::Null),
        ("do", Value::Null),
    ] {
        assert_eq!(metadata[key], expected, "{key}");
    }
    assert_eq!(
        metadata["Client"]["FullyQualifiedNamespace"],
        "ns.servicebus.windows.net"
    );
    assert_eq!(second.json()["Metadata"]["DeliveryCount"], "2");

    let places: Vec<_> = [
        "MessageReceiver",
        "Client",
        "DeliveryCount",
        "LockToken",
        "MessageId",
        "SessionId",
        "sys",
    ]
    .map(|key| first.body.find(&format!("\"{key}\":")).unwrap())
    .into();
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn e09_success_completes_and_every_failure_abandons_until_the_message_is_dead() {
    let queue = FakeQueue::start().await;
    let host = host_of(&queue, 8).await;
    for command in ["fail", "text", "broken"] {
        queue.send(command, command);
    }
    queue.send("ok", "succeed");
    queue.logged("complete ok 4").await;
    for (session, number) in [("fail", 1), ("text", 2), ("broken", 3)] {
        queue
            .logged(&format!("dead-letter {session} {number}"))
            .await;
        let abandoned = format!("abandon {session} {number}");
        assert_eq!(
            queue
                .log()
                .iter()
                .filter(|line| **line == abandoned)
                .count(),
            10
        );
    }
    assert_eq!(host.restarts(), 0);
}

#[tokio::test]
async fn e09_a_handler_that_dies_abandons_its_message() {
    let queue = FakeQueue::start().await;
    let host = host_of(&queue, 8).await;
    queue.send("a", "sleep 60000");
    host.call().await;
    host.kill_worker();
    queue.logged("abandon a 1").await;
    host.call().await;
    assert_eq!(host.restarts(), 1);
}

#[tokio::test]
async fn e09_a_time_out_abandons_its_message() {
    let queue = FakeQueue::start().await;
    let url = queue.url.clone();
    let app = TestApp::new().queue().with(|options| {
        options.service_bus_url = Some(url);
        options.function_timeout = Some(Duration::from_millis(400));
    });
    let host = app.start().await;
    queue.send("a", "empty-until-delivery 2");
    queue.logged("complete a 1").await;
    assert_eq!(queue.log(), ["accept a", "abandon a 1", "complete a 1"]);
    assert_eq!(host.restarts(), 1);
}

#[tokio::test]
async fn e10_sessions_run_at_once_up_to_the_limit_and_each_in_order() {
    let queue = FakeQueue::start().await;
    for session in ["a", "b", "c"] {
        queue.send(session, "sleep 100");
        queue.send(session, "succeed");
    }
    let host = host_of(&queue, 2).await;
    queue.logged("complete c 6").await;
    let log = queue.log();
    let place = |line: &str| log.iter().position(|known| known == line).unwrap();
    for [first, second] in [["a 1", "a 2"], ["b 3", "b 4"], ["c 5", "c 6"]] {
        assert!(place(&format!("complete {first}")) < place(&format!("complete {second}")));
    }
    assert_eq!(most_sessions_at_once(&log), 2, "{log:?}");
    assert_eq!(host.lines.calls().len(), 6);
}

fn most_sessions_at_once(log: &[String]) -> i32 {
    let change = |line: &String| match line.split(' ').next() {
        Some("accept") => 1,
        Some("release") => -1,
        _ => 0,
    };
    let held = log.iter().map(change).scan(0, |held, change| {
        *held += change;
        Some(*held)
    });
    held.max().unwrap_or(0)
}

#[tokio::test]
async fn e10_order_within_a_session_survives_an_abandon() {
    let queue = FakeQueue::start().await;
    queue.send("a", "fail-until-delivery 3");
    queue.send("a", "succeed");
    let _host = host_of(&queue, 8).await;
    queue.logged("complete a 2").await;
    let settled: Vec<_> = queue
        .log()
        .into_iter()
        .filter(|line| line.starts_with("abandon") || line.starts_with("complete"))
        .collect();
    assert_eq!(
        settled,
        ["abandon a 1", "abandon a 1", "complete a 1", "complete a 2"]
    );
}

#[tokio::test]
async fn e10_a_message_starts_its_function_at_once() {
    let queue = FakeQueue::start().await;
    let host = host_of(&queue, 8).await;
    queue.send("warm-up", "succeed");
    queue.logged("release warm-up").await;
    host.call().await;
    let sent = Instant::now();
    queue.send("a", "succeed");
    host.call().await;
    assert!(
        sent.elapsed() < Duration::from_millis(500),
        "{:?}",
        sent.elapsed()
    );
}

#[tokio::test]
async fn e11_a_lost_lock_ends_the_session_though_the_function_succeeded() {
    let queue = FakeQueue::start().await;
    let host = host_of(&queue, 8).await;
    queue.send("a", "sleep 100");
    host.call().await;
    queue.lose_lock("a");
    queue.logged("refused complete a").await;
    host.lines.line("session a ended").await;
    assert!(!queue.log().contains(&"release a".to_owned()));
}

#[tokio::test]
async fn e11_locks_are_renewed_no_longer_than_the_configured_duration() {
    let queue = FakeQueue::start().await;
    let url = queue.url.clone();
    let app = TestApp::new().queue().with(|options| {
        options.service_bus_url = Some(url);
        options.lock_duration = Duration::from_millis(150);
    });
    let renewal = json!("00:00:00.5");
    let _host = app
        .host_json("/extensions/serviceBus/maxAutoLockRenewalDuration", renewal)
        .start()
        .await;
    queue.send("a", "sleep 1500");
    queue.logged("complete a 1").await;
    let log = queue.log();
    let worked = log.iter().take_while(|line| *line != "complete a 1");
    let renewals = worked.filter(|line| *line == "renew a").count();
    assert!(
        (1..=15).contains(&renewals),
        "{renewals} renewals instead of 30"
    );
}

#[tokio::test]
async fn e28_a_stopping_host_settles_what_is_in_flight_and_takes_nothing_new() {
    let queue = FakeQueue::start().await;
    let host = host_of(&queue, 8).await;
    queue.send("a", "sleep 200");
    queue.send("a", "succeed");
    host.call().await;
    let (lines, pid) = (host.lines.clone(), host.worker_pid().unwrap());
    host.host.stop().await;
    assert_eq!(queue.log(), ["accept a", "complete a 1", "release a"]);
    assert_eq!(lines.calls().len(), 1);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}
