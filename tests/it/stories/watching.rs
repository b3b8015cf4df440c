//! A candidate is measured while it earns its traffic.

use cloud_sim::{Fault, ServingFault};
use promotion::PromotionId;
use reqwest::StatusCode;

use super::{Setup, Tester, Who};

/// Requests a minute: a tenth of them is enough to tell.
const BUSY: f64 = 600.0;

/// Approved, on an endpoint that so many requests a minute reach.
async fn rolled_out(t: &Tester, callers: f64) -> PromotionId {
    t.cloud.set_callers(callers);
    let id = t.asked().await;
    t.approve_as(Who::Ada, &id).await.taken();
    id
}

fn says(t: &Tester, text: &str) -> bool {
    t.cards().iter().any(|card| card.contains(text))
}

/// How many of production's requests are copied to the candidate, in percent.
fn copied(t: &Tester) -> u32 {
    let view = t.cloud.view();
    let endpoints = view.workspaces.iter().flat_map(|w| &w.endpoints);
    endpoints
        .flat_map(|e| &e.deployments)
        .map(|d| d.copied)
        .sum()
}

#[tokio::test]
async fn errors_from_the_first_traffic_on_take_it_back() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            t.cloud.plant(ServingFault {
                from_weight: 10,
                ..ServingFault::errors("diabetes", "2", 0.05)
            });
            let id = rolled_out(t, BUSY).await;
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
            assert!(says(t, "error-rate is worse than allowed"));
            let page = t
                .see(Who::Ada, &format!("/api/board/promotions/{id}"))
                .await;
            assert!(page.text.contains("Measurements") && page.text.contains("<svg"));
        })
        .await;
}

#[tokio::test]
async fn what_predicts_something_else_never_has_traffic() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            t.cloud.plant(ServingFault::shifted("diabetes", "2", 60.0));
            let id = rolled_out(t, BUSY).await;
            t.wait_until(&id, "rolled back").await;
            assert!(says(t, "same-distribution is worse than allowed"));
            let lines = t.records(&id);
            let planned = lines.iter().map(|line| format!("{:?}", line.fact));
            let set: Vec<_> = planned
                .filter(|fact| fact.contains("effect: SetTraffic"))
                .collect();
            assert_eq!(set.len(), 2, "a fifth is copied, and then nothing");
            assert!(
                set.iter()
                    .all(|fact| fact.contains("\"champion-v1\"): 100")),
                "{set:?}"
            );
        })
        .await;
}

#[tokio::test]
async fn a_fifth_is_copied_until_the_first_traffic() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            let id = rolled_out(t, BUSY).await;
            t.until("a fifth is copied", async || copied(t) == 20).await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
            t.wait_until(&id, "live").await;
            assert_eq!(
                (copied(t), t.serving()),
                (0, vec!["diabetes:2 100".to_owned()])
            );
        })
        .await;
}

#[tokio::test]
async fn where_nobody_can_tell_a_person_decides() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            let id = rolled_out(t, 5.0).await;
            t.until("a person is asked", async || {
                says(t, "cannot be told whether it is worse")
            })
            .await;
            assert_eq!(t.serving(), ["diabetes:1 90", "diabetes:2 10"]);
            let stranger = t.resume_as(Who::Sam, &id, "let me").await;
            stranger.offers_no_form("role");
            t.cloud.set_callers(BUSY);
            t.resume_as(Who::Ada, &id, "it is a Sunday").await.taken();
            t.wait_until(&id, "live").await;
            let asked = t
                .cards()
                .iter()
                .filter(|card| card.contains("cannot be told"))
                .count();
            assert_eq!(asked, 1);
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_measured_goes_back() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            let denied = Fault::Status {
                status: StatusCode::FORBIDDEN,
                code: "AuthorizationFailed".to_owned(),
            };
            t.cloud.faults().add("arm.metrics.list", denied, 10_000);
            let id = rolled_out(t, BUSY).await;
            t.wait_until(&id, "rolled back").await;
            t.cloud.faults().clear();
            assert!(says(t, "could not be measured"));
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}

/// A person takes it back in the middle of an analysis: nothing is measured any more.
#[tokio::test]
async fn it_is_taken_back_by_hand_while_it_is_measured() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            let id = rolled_out(t, BUSY).await;
            t.until("a tenth is shifted", async || t.serving().len() == 2)
                .await;
            t.say_as(Who::Ben, &id, "roll-back", "I saw enough")
                .await
                .taken();
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}
