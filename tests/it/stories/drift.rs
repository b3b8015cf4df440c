//! Somebody else changes the endpoint while a rollout is under way; and what would serve again is looked at before.

use cloud_sim::ServingFault;
use promotion::{Effect, Fact, PromotionId};
use serde_json::json;

use super::{Setup, Tester, Who};

/// Approved, and a tenth of the traffic is the candidate's.
async fn at_a_tenth(t: &Tester) -> PromotionId {
    let id = t.asked().await;
    t.approve_as(Who::Ada, &id).await.taken();
    t.until("it pauses", async || t.why(&id).contains("is a pause"))
        .await;
    t.quiet().await;
    id
}

fn says(t: &Tester, text: &str) -> bool {
    t.cards().iter().any(|card| card.contains(text))
}

fn with(policy: &str) -> Setup {
    Setup::default().with(
        "keepPrevious: 24h\n",
        &format!("keepPrevious: 24h\n      onDrift: {policy}\n"),
    )
}

#[tokio::test]
async fn a_person_is_asked_and_told_who_did_it_and_going_on_sets_it_right() {
    Setup::default()
        .story(async |t| {
            let id = at_a_tenth(t).await;
            t.cloud
                .move_traffic("diabetes", &[("champion-v1", 100)])
                .unwrap();
            let asked = async || says(t, "changed by somebody else");
            t.until("people are asked", asked).await;
            assert!(says(t, "last changed by Olaf Ops"));
            assert_eq!(t.serving(), ["diabetes:1 100"], "nothing is touched");
            assert!(t.why(&id).contains("Resuming sets the traffic again"));
            t.resume_as(Who::Ben, &id, "Olaf did not know")
                .await
                .taken();
            t.wait_until(&id, "live").await;
            assert_eq!(t.serving(), ["diabetes:2 100"]);
        })
        .await;
}

#[tokio::test]
async fn it_is_set_right_without_a_question_where_the_route_says_so() {
    with("restore")
        .story(async |t| {
            let id = at_a_tenth(t).await;
            t.cloud
                .move_traffic("diabetes", &[("champion-v1", 100)])
                .unwrap();
            t.wait_until(&id, "live").await;
            assert!(!says(t, "changed by somebody else"));
            assert_eq!(t.serving(), ["diabetes:2 100"]);
        })
        .await;
}

#[tokio::test]
async fn it_goes_back_where_the_route_says_so() {
    with("abort")
        .story(async |t| {
            let id = at_a_tenth(t).await;
            t.cloud
                .move_traffic("diabetes", &[("champion-v1", 100)])
                .unwrap();
            t.wait_until(&id, "rolled back").await;
            assert!(says(t, "somebody else has changed the endpoint"));
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}

#[tokio::test]
async fn copies_that_another_tool_drops_are_made_again() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            t.cloud.set_callers(600.0);
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let copies = |t: &Tester| {
                let view = t.cloud.view();
                let endpoints = view.workspaces.iter().flat_map(|w| &w.endpoints);
                let deployments = endpoints.flat_map(|e| &e.deployments);
                deployments.map(|d| d.copied).sum::<u32>()
            };
            let measures = async || t.why(&id).contains("measures");
            t.until("the copies are measured", measures).await;
            assert_eq!(copies(t), 20);
            t.cloud
                .move_traffic("diabetes", &[("champion-v1", 100)])
                .unwrap();
            t.wait_until(&id, "live").await;
            assert!(!says(t, "changed by somebody else"));
            let lines = t.records(&id);
            let mirrors = lines.iter().filter(|line| match &line.fact {
                Fact::Planned { effect, .. } => match effect.as_ref() {
                    Effect::SetTraffic { mirror, .. } => {
                        mirror.as_ref().is_some_and(|to| to.percent == 20)
                    }
                    _ => false,
                },
                _ => false,
            });
            assert_eq!(mirrors.count(), 2, "it was copied, and copied again");
        })
        .await;
}

#[tokio::test]
async fn a_candidate_that_somebody_deletes_is_taken_back() {
    Setup::default()
        .story(async |t| {
            let id = at_a_tenth(t).await;
            t.traffic_by_hand(&json!({"champion-v1": 100})).await;
            let ours = t.promotion(&id);
            let ours = ours.stage().pinned().unwrap().plan.deployment.clone();
            t.delete_by_hand(ours.as_str()).await;
            t.wait_until(&id, "rolled back").await;
            assert!(says(t, "is gone"));
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}

#[tokio::test]
async fn without_a_champion_that_answers_nothing_goes_live() {
    Setup::default()
        .story(async |t| {
            t.cloud.plant(ServingFault::errors("diabetes", "1", 1.0));
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "rolled back").await;
            assert!(says(t, "could not have served again"));
            let lines = t.records(&id);
            let mut facts = lines.iter().map(|line| format!("{:?}", line.fact));
            assert!(!facts.any(|fact| fact.contains("effect: SetTraffic")));
            t.cloud.mend();
        })
        .await;
}
