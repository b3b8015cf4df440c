//! Every call fails once, in every way that calls fail: the model still gets to production.

use std::time::Duration;

use axum::http::StatusCode;
use cloud_sim::Fault;
use futures::{StreamExt as _, stream};

use super::{Tester, Who, story};

/// What a promotion calls on its way, but what people, the host and the sweep's look for missed versions call.
fn calls(t: &Tester) -> Vec<String> {
    let counted = t.cloud.calls().into_keys();
    let others = ["teams.page", "arm.versions.list"];
    let own = |name: &String| {
        !name.starts_with("servicebus.receiver") && !others.contains(&name.as_str())
    };
    counted.filter(own).collect()
}

fn status(status: StatusCode, code: &str) -> Fault {
    Fault::Status {
        status,
        code: code.to_owned(),
    }
}

fn faults() -> [Fault; 4] {
    [
        status(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
        status(StatusCode::SERVICE_UNAVAILABLE, "ServerBusy"),
        Fault::Reset,
        Fault::LostAnswer,
    ]
}

/// The better model serves, though each of these calls fails once in this way.
async fn still_serves(operations: &[String], fault: &Fault) {
    story(async |t| {
        for operation in operations {
            t.cloud.faults().add(operation, fault.clone(), 1);
        }
        t.live().await;
        assert_eq!(t.serving(), ["diabetes:2 100"], "{operations:?} {fault:?}");
        let unmet = t.cloud.faults().pending();
        assert!(unmet.is_empty(), "never called: {unmet:?}");
    })
    .await;
}

async fn operations() -> Vec<String> {
    let mut names = Vec::new();
    story(async |t| {
        t.live().await;
        names = calls(t);
    })
    .await;
    assert!(names.len() > 20, "{names:?}");
    names
}

#[tokio::test]
async fn each_call_fails_once_in_turn() {
    let operations = operations().await.into_iter().enumerate();
    let stories = operations.map(async |(number, operation)| {
        let fault = &faults()[number % 4];
        println!("{operation}: {fault:?}");
        still_serves(&[operation], fault).await;
    });
    stream::iter(stories)
        .buffer_unordered(4)
        .collect::<()>()
        .await;
}

#[tokio::test]
async fn all_calls_fail_once_throttled() {
    still_serves(&operations().await, &faults()[0]).await;
}

#[tokio::test]
async fn all_calls_fail_once_unavailable() {
    still_serves(&operations().await, &faults()[1]).await;
}

#[tokio::test]
async fn all_calls_fail_once_cut_off() {
    still_serves(&operations().await, &faults()[2]).await;
}

#[tokio::test]
async fn all_answers_are_lost_once() {
    still_serves(&operations().await, &faults()[3]).await;
}

/// The one story that waits in real time: time-outs of sockets follow no simulated clock.
#[tokio::test]
async fn a_call_that_hangs_is_given_up_and_asked_about() {
    story(async |t| {
        let delay = Duration::from_secs(33);
        let faults = t.cloud.faults();
        faults.add("arm.versions.put", Fault::Delay { delay }, 1);
        t.live().await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
    })
    .await;
}

#[tokio::test]
async fn a_kill_while_azure_works_costs_nothing() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "deploying").await;
        let delay = Duration::from_millis(50);
        t.cloud.faults().add("arm.*", Fault::Delay { delay }, 1);
        t.kill_handler();
        t.wait_until(&id, "live").await;
        assert_eq!(t.host.restarts(), 1);
    })
    .await;
}

/// Some storage services take no token for a copy's source: then it is opened by a signature that our identity delegates.
#[tokio::test]
async fn a_source_that_takes_no_token_is_opened_by_a_delegated_signature() {
    story(async |t| {
        let refused = status(StatusCode::FORBIDDEN, "CannotVerifyCopySource");
        t.cloud.faults().add("blob.putBlockFromUrl", refused, 1);
        t.live().await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
        let delegated = t.cloud.calls().get("blob.userDelegationKey").copied();
        assert!(delegated.is_some_and(|keys| keys > 0), "{delegated:?}");
    })
    .await;
}
