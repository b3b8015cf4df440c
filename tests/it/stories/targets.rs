//! Targets: endpoints made, taken turns at, and left as nobody has to tidy up after.

use cloud_sim::{Disturbance, ModelKind};
use jiff::SignedDuration;

use super::{Setup, Who, story};

#[tokio::test]
async fn where_nothing_serves_all_traffic_comes_at_once_and_the_way_back_is_none() {
    let setup = Setup::default().onto_new_endpoint("diabetes-first");
    setup
        .story(async |t| {
            let id = t.live().await;
            assert_eq!(t.serving(), ["diabetes:1 100", "diabetes:2 100"]);
            let weights: Vec<_> = t
                .records(&id)
                .iter()
                .filter(|line| {
                    format!("{:?}", line.fact).contains("Planned")
                        && format!("{:?}", line.fact).contains("SetTraffic")
                })
                .map(|line| line.seq)
                .collect();
            assert_eq!(weights.len(), 1, "10 % of nothing is no step");
            t.tell_as(Who::Ada, &id, "roll-back", "not yet")
                .await
                .taken();
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        })
        .await;
}

#[tokio::test]
async fn what_is_not_ours_outlives_the_way_back() {
    story(async |t| {
        let id = t.live().await;
        t.advance_clock(SignedDuration::from_hours(25)).await;
        t.wait_until(&id, "finished").await;
        assert_eq!(
            t.deployments(),
            [("diabetes:1".to_owned(), 0), ("diabetes:2".to_owned(), 100)]
        );
    })
    .await;
}

#[tokio::test]
async fn the_previous_one_of_ours_goes_when_its_time_is_over() {
    let setup = Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let (first, second) = (t.live().await, t.live().await);
            // The newer one has ended the time of the one before.
            t.wait_until(&first, "finished").await;
            assert_eq!(t.deployments().len(), 3);
            t.advance_clock(SignedDuration::from_hours(25)).await;
            t.wait_until(&second, "finished").await;
            let left = [("diabetes:1".to_owned(), 0), ("diabetes:3".to_owned(), 100)];
            assert_eq!(t.deployments(), left);
        })
        .await;
}

#[tokio::test]
async fn a_lost_wake_up_costs_a_minute() {
    story(async |t| {
        let id = t.asked().await;
        t.cloud.queues().disturb_next_send(Disturbance::Lose);
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn a_second_wake_up_costs_a_look() {
    story(async |t| {
        let id = t.asked().await;
        for _ in 0..8 {
            t.cloud.queues().disturb_next_send(Disturbance::Duplicate);
        }
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn a_deployment_that_fails_goes_the_way_back() {
    story(async |t| {
        let id = t.asked().await;
        t.cloud
            .fail_next_deployment("OutOfQuota", "not enough cores in westeurope");
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "rolled back").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        assert!(
            t.cards().last().unwrap().contains("not enough cores"),
            "{:?}",
            t.cards()
        );
    })
    .await;
}

#[tokio::test]
async fn a_candidate_that_changes_after_the_click_is_voided() {
    story(async |t| {
        let id = t.register_model(ModelKind::Challenger).await;
        t.wait_until(&id, "awaiting approval").await;
        t.cloud.tamper_candidate().unwrap();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "voided").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
    })
    .await;
}
