//! The Service Bus trigger without sessions.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{FakePlainQueue, Running, TestApp};

fn app(queue: &FakePlainQueue) -> TestApp {
    let url = queue.url.clone();
    let trigger = json!({ "type": "serviceBusTrigger", "direction": "in", "name": "msg",
        "queueName": "promotions", "connection": "ServiceBus", "dataType": "binary" });
    TestApp::new()
        .function("drain", &json!([trigger]))
        .with(|options| options.service_bus_url = Some(url))
}

async fn host_of(queue: &FakePlainQueue, max_calls: usize) -> Running {
    app(queue)
        .host_json(
            "/extensions/serviceBus/maxConcurrentCalls",
            json!(max_calls),
        )
        .start()
        .await
}

#[tokio::test]
async fn e10_single_messages_run_at_once_up_to_the_limit_also_those_of_one_session() {
    let queue = FakePlainQueue::start().await;
    for _ in 0..9 {
        queue.send(Some("a"), "sleep 100");
    }
    let host = host_of(&queue, 3).await;
    queue.logged("complete 9").await;
    assert_eq!(queue.most_at_once(), 3, "{:?}", queue.log());
    assert_eq!(host.lines.calls().len(), 9);
}

#[tokio::test]
async fn e10_by_default_sixteen_messages_run_at_once_for_each_core() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let queue = FakePlainQueue::start().await;
    for _ in 0..=16 * cores {
        queue.send(None, "sleep 1000");
    }
    let _host = app(&queue).start().await;
    queue.logged(&format!("complete {}", 16 * cores + 1)).await;
    assert_eq!(queue.most_at_once(), 16 * cores);
}

#[tokio::test]
async fn e08_a_message_without_a_session_has_none_in_its_metadata() {
    let queue = FakePlainQueue::start().await;
    let host = host_of(&queue, 1).await;
    queue.send(None, "succeed");
    queue.send(Some("a"), "succeed");
    let (without, with) = (host.call().await.json(), host.call().await.json());
    assert_eq!(without["Data"]["msg"], "eyJkbyI6InN1Y2NlZWQifQ==");
    let metadata = |call: &Value, key: &str| call["Metadata"][key].clone();
    assert_eq!(metadata(&without, "SessionId"), Value::Null);
    assert_eq!(metadata(&without, "PartitionKey"), Value::Null);
    assert_eq!(metadata(&without, "LockToken"), "\"lock-1-1\"");
    assert_eq!(metadata(&without, "DeliveryCount"), "1");
    assert_eq!(metadata(&with, "SessionId"), "\"a\"");
}

#[tokio::test]
async fn e09_success_completes_and_every_failure_abandons_until_the_message_is_dead() {
    let queue = FakePlainQueue::start().await;
    let host = host_of(&queue, 4).await;
    for command in ["fail", "text", "broken", "succeed"] {
        queue.send(None, command);
    }
    queue.logged("complete 4").await;
    for number in 1..=3 {
        queue.logged(&format!("dead-letter {number}")).await;
        assert_eq!(queue.count(&format!("abandon {number}")), 10);
    }
    assert_eq!(host.restarts(), 0);
}

#[tokio::test]
async fn e09_a_handler_that_dies_abandons_all_that_it_worked_on() {
    let queue = FakePlainQueue::start().await;
    let host = host_of(&queue, 2).await;
    queue.send(None, "sleep 60000");
    queue.send(None, "sleep 60000");
    host.call().await;
    host.call().await;
    host.kill_worker();
    queue.logged("abandon 1").await;
    queue.logged("abandon 2").await;
    host.call().await;
    host.call().await;
    assert_eq!(host.restarts(), 1);
}

#[tokio::test]
async fn e11_a_message_whose_lock_is_lost_comes_again_though_its_function_succeeded() {
    let queue = FakePlainQueue::start().await;
    let host = host_of(&queue, 1).await;
    queue.send(None, "sleep 200");
    host.call().await;
    queue.lose_locks();
    host.lines.line("message 1 could not be settled").await;
    queue.logged("complete 1").await;
    assert_eq!(queue.count("receive 1"), 2);
    assert_eq!(queue.count("refused complete"), 1);
}

#[tokio::test]
async fn e11_locks_are_renewed_no_longer_than_the_configured_duration() {
    let queue = FakePlainQueue::start().await;
    let app = app(&queue).with(|options| options.lock_duration = Duration::from_millis(150));
    let renewal = json!("00:00:00.5");
    let _host = app
        .host_json("/extensions/serviceBus/maxAutoLockRenewalDuration", renewal)
        .start()
        .await;
    queue.send(None, "sleep 1500");
    queue.logged("complete 1").await;
    let renewals = queue.count("renew 1");
    assert!(
        (1..=15).contains(&renewals),
        "{renewals} renewals instead of 30"
    );
}

#[tokio::test]
async fn e28_a_stopping_host_settles_what_is_in_flight_and_takes_nothing_new() {
    let queue = FakePlainQueue::start().await;
    let host = host_of(&queue, 2).await;
    for command in ["sleep 200", "sleep 200", "succeed"] {
        queue.send(None, command);
    }
    host.call().await;
    host.call().await;
    let lines = host.lines.clone();
    host.host.stop().await;
    let settled = ["complete 1", "complete 2", "complete 3"].map(|line| queue.count(line));
    assert_eq!(settled, [1, 1, 0], "{:?}", queue.log());
    assert_eq!(lines.calls().len(), 2);
}
