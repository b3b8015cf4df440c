//! A candidate is loaded before it has traffic.

use cloud_sim::ServingFault;

use super::{Setup, Who};

#[tokio::test]
async fn what_fails_under_load_never_has_traffic() {
    Setup::configured("load.yaml")
        .with("duration: 5s", "duration: 2s")
        .story(async |t| {
            t.cloud.plant(ServingFault::errors("diabetes", "2", 0.2));
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
            let told = t.cards().into_iter();
            let told = told.filter(|card| card.contains("the load test failed"));
            assert_eq!(told.count(), 1, "{:?}", t.cards());
            let lines = format!("{:?}", t.records(&id));
            assert!(lines.contains("sent: 40") && !lines.contains("effect: SetTraffic"));
            let page = t
                .see(Who::Ada, &format!("/api/board/promotions/{id}"))
                .await;
            assert!(
                page.text.contains("40 requests at 20 a second"),
                "{}",
                page.text
            );
        })
        .await;
}

#[tokio::test]
async fn what_bears_it_goes_live_and_the_plan_says_so_before() {
    Setup::configured("load.yaml")
        .with("duration: 5s", "duration: 2s")
        .story(async |t| {
            let id = t.asked().await;
            let plan = t
                .see(Who::Ada, &format!("/api/v1/promotions/{id}/plan"))
                .await;
            assert!(
                plan.text
                    .contains("POST 20 requests a second for 2 seconds"),
                "{}",
                plan.text
            );
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            assert_eq!(t.serving(), ["diabetes:2 100"]);
        })
        .await;
}

/// The handler dies while it loads: another one begins anew.
#[tokio::test]
async fn a_load_that_was_cut_off_is_done_again() {
    Setup::configured("load.yaml")
        .with("duration: 5s", "duration: 3s")
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.until("it is being loaded", async || {
                t.cloud
                    .calls()
                    .get("scoring.scoreNamed")
                    .copied()
                    .unwrap_or_default()
                    > 5
            })
            .await;
            t.kill_handler();
            t.wait_until(&id, "live").await;
        })
        .await;
}
