//! Other hands on the same target: another promotion's, and somebody's in Azure's portal.

use cloud_sim::{Cloud, ModelKind};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Setup, Tester, Who, story};

impl Tester {
    /// Somebody changes the endpoint's traffic in Azure's portal.
    pub(super) async fn traffic_by_hand(&self, traffic: &Value) {
        let path = format!("{}/onlineEndpoints/diabetes", Cloud::prod().arm_id());
        let url = format!("{}/arm{path}?api-version=2024-04-01", self.cloud.url());
        let (token, _) = self.cloud.identity().token("https://management.azure.com");
        let endpoint = json!({
            "location": "westeurope",
            "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": "Key", "traffic": traffic},
        });
        let put = self.http.put(&url).bearer_auth(&token).json(&endpoint);
        let put = put.send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.text().await.unwrap());
        self.cloud
            .clock()
            .advance(std::time::Duration::from_secs(3));
    }

    /// Somebody deletes a deployment in Azure's portal.
    pub(super) async fn delete_by_hand(&self, deployment: &str) {
        let endpoint = format!("{}/onlineEndpoints/diabetes", Cloud::prod().arm_id());
        let path = format!("{endpoint}/deployments/{deployment}?api-version=2024-04-01");
        let url = format!("{}/arm{path}", self.cloud.url());
        let (token, _) = self.cloud.identity().token("https://management.azure.com");
        let gone = self.http.delete(&url).bearer_auth(&token).send();
        let gone = gone.await.unwrap();
        assert!(gone.status().is_success(), "{}", gone.text().await.unwrap());
        self.cloud
            .clock()
            .advance(std::time::Duration::from_secs(3));
    }

    fn names(&self) -> Vec<String> {
        let view = self.cloud.view();
        let prod = view
            .workspaces
            .iter()
            .find(|w| w.name == "ml-prod")
            .unwrap();
        prod.endpoints[0]
            .deployments
            .iter()
            .map(|d| d.name.clone())
            .collect()
    }
}

#[tokio::test]
async fn a_candidate_waits_for_one_that_fails_and_then_serves() {
    story(async |t| {
        let first = t.asked().await;
        t.cloud
            .fail_next_deployment("OutOfQuota", "not enough cores");
        t.approve_as(Who::Ada, &first).await.taken();
        t.wait_until(&first, "deploying").await;
        let second = t.register_model(ModelKind::Challenger).await;
        t.wait_until(&first, "rolled back").await;
        t.wait_until(&second, "awaiting approval").await;
        t.approve_as(Who::Ben, &second).await.taken();
        t.wait_until(&second, "live").await;
        assert_eq!(t.serving(), ["diabetes:3 100"]);
    })
    .await;
}

#[tokio::test]
async fn a_rollback_by_hand_goes_before_a_newer_candidate() {
    let setup = Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let (first, second) = (t.live().await, t.asked().await);
            t.approve_as(Who::Ada, &second).await.taken();
            t.wait_until(&second, "deploying").await;
            t.tell_as(Who::Ben, &first, "roll-back", "it is wrong")
                .await
                .taken();
            t.wait_until(&first, "rolled back").await;
            // Its champion is not what people were shown.
            t.wait_until(&second, "voided").await;
            assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        })
        .await;
}

#[tokio::test]
async fn a_rollback_whose_champion_somebody_has_deleted_leaves_the_candidate_and_says_so() {
    story(async |t| {
        let id = t.live().await;
        t.delete_by_hand("champion-v1").await;
        t.say_as(Who::Ada, &id, "roll-back", "it is wrong")
            .await
            .taken();
        t.wait_until(&id, "finished").await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
        let cards = t.cards();
        assert!(
            cards
                .iter()
                .any(|card| card.contains("could not be taken back")),
            "{cards:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_previous_deployment_that_serves_again_is_kept() {
    let setup = Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let (first, second) = (t.live().await, t.live().await);
            t.wait_until(&first, "finished").await;
            let ours = t.names()[1].clone();
            t.traffic_by_hand(&json!({ ours: 100 })).await;
            t.advance_clock(SignedDuration::from_hours(25)).await;
            t.wait_until(&second, "finished").await;
            assert_eq!(t.serving(), ["diabetes:2 100"]);
        })
        .await;
}

#[tokio::test]
async fn a_rollback_after_somebody_else_moved_the_traffic_overwrites_nothing() {
    let setup = Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let (first, second) = (t.live().await, t.live().await);
            t.wait_until(&first, "finished").await;
            t.traffic_by_hand(&json!({"champion-v1": 100})).await;
            t.say_as(Who::Ada, &second, "roll-back", "somebody was quicker")
                .await
                .taken();
            t.until("it has looked", async || t.stage(&second) != "rolling back")
                .await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}
