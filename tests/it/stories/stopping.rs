//! Aborts: wherever a promotion is, it stops, and leaves the target as it was.

use axum::http::StatusCode;
use cloud_sim::Fault;
use futures::{StreamExt as _, stream};
use promotion::PromotionId;

use super::{Tester, Who, story};

/// Stages that pass quickly, and the call that holds each up when it does not succeed.
const HELD_UP: [(&str, &str); 5] = [
    ("copying", "blob.putBlockFromUrl"),
    ("registering", "arm.versions.put"),
    ("waiting for target", "arm.endpoints.get"),
    ("deploying", "arm.deployments.put"),
    ("testing", "scoring.scoreNamed"),
];

impl Tester {
    /// An approved promotion that does not get beyond a stage for a while.
    async fn held_in(&self, stage: &str, call: &str) -> PromotionId {
        let id = self.asked().await;
        let down = Fault::Status {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "ServerBusy".to_owned(),
        };
        self.cloud.faults().add(call, down, 1000);
        self.approve_as(Who::Ada, &id).await.taken();
        self.wait_until(&id, stage).await;
        id
    }
}

#[tokio::test]
async fn an_abort_ends_it_in_every_stage() {
    let stories = HELD_UP.map(async |(stage, call)| {
        story(async |t| {
            let id = t.held_in(stage, call).await;
            t.tell_as(Who::Ben, &id, "abort", "stop the line")
                .await
                .taken();
            t.cloud.faults().clear();
            t.wait_until(&id, "aborted").await;
            let clean = [("diabetes:1".to_owned(), 100)];
            assert_eq!(t.deployments(), clean, "aborted while {stage}");
            assert!(t.lease_holders().is_empty(), "aborted while {stage}");
        })
        .await;
    });
    stream::iter(stories)
        .buffer_unordered(3)
        .collect::<()>()
        .await;
}

#[tokio::test]
async fn an_abort_while_traffic_moves_takes_it_back() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "shifting").await;
        t.until("a tenth is shifted", async || t.serving().len() == 2)
            .await;
        t.say_as(Who::Ada, &id, "abort", "not like this")
            .await
            .taken();
        t.wait_until(&id, "aborted").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
    })
    .await;
}

#[tokio::test]
async fn what_never_answers_the_smoke_test_goes_back() {
    story(async |t| {
        let id = t.held_in("testing", "scoring.scoreNamed").await;
        t.wait_until(&id, "rolled back").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_never_succeeds_fails_by_its_deadline() {
    story(async |t| {
        let id = t.held_in("copying", "blob.putBlockFromUrl").await;
        t.wait_until(&id, "failed").await;
        assert!(t.why(&id).contains("copy"), "{}", t.why(&id));
        t.cloud.faults().clear();
        t.tell_as(Who::Ada, &id, "replay", "storage is back")
            .await
            .taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}
