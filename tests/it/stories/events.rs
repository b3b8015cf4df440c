//! Events: whatever comes is kept, listed, and answered so that Event Grid keeps nothing back.

use serde_json::{Value, json};

use super::people::Shown;
use super::tester::promotion_of;
use super::{Tester, Who, story};
use crate::setting::event;

impl Tester {
    /// Event Grid delivers this, now.
    async fn deliver(&self, event: &Value) {
        let mut event = event.clone();
        if event["eventTime"].is_string() {
            event["eventTime"] = json!(self.cloud.clock().now().to_string());
        }
        let request = self
            .http
            .post(&self.webhook)
            .header("aeg-event-type", "Notification");
        let body = json!([event]).to_string();
        let request = request
            .header("content-type", "application/json")
            .body(body);
        Shown::to(request).await.taken();
    }

    /// What became of today's events, by type.
    async fn listed(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        for day in ["", "?day=undated"] {
            let list = self
                .see(Who::Sam, &format!("/api/v1/events{day}"))
                .await
                .json();
            let all = list["value"].as_array().unwrap().clone();
            rows.extend(all.into_iter().map(|row| {
                let text = |name: &str| row[name].as_str().unwrap().to_owned();
                (text("type"), text("whatBecameOfIt"))
            }));
        }
        rows
    }
}

#[tokio::test]
async fn every_type_is_kept_and_listed() {
    story(async |t| {
        let kinds = [
            "RunStatusChanged",
            "ModelDeployed",
            "DatasetDriftDetected",
            "SomethingNew",
        ];
        for kind in kinds {
            t.deliver(&event(kind, "x", &json!({"runId": "r"}))).await;
        }
        let (listed, board) = (t.listed().await, t.see(Who::Ada, "/api/board/").await);
        for kind in kinds {
            let row = listed
                .iter()
                .find(|(name, _)| name.ends_with(kind))
                .unwrap();
            assert!(row.1.starts_with("kept"), "{row:?}");
            assert!(board.text.contains(kind), "{kind} is not on the board");
        }
        assert!(t.promotions().is_empty() && t.intakes().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_kept_too() {
    story(async |t| {
        let nameless = event("ModelRegistered", "models/?", &json!({"modelName": " "}));
        let mut nowhere = event(
            "ModelRegistered",
            "models/m:1",
            &json!({"modelName": "m", "modelVersion": "1"}),
        );
        nowhere["topic"] = json!("/somewhere/else");
        for broken in [json!({"hello": 1}), json!({"id": "7"}), nameless, nowhere] {
            t.deliver(&broken).await;
        }
        let listed = t.listed().await;
        let kept = listed
            .iter()
            .filter(|(_, what)| what.starts_with("kept, not understood"));
        assert_eq!(kept.count(), 4, "{listed:?}");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_no_route_takes_says_so() {
    story(async |t| {
        let data = json!({"modelName": "<img src=x onerror=alert(1)>", "modelVersion": "1"});
        t.deliver(&event(
            "ModelRegistered",
            "models/<img src=x onerror=alert(1)>:1",
            &data,
        ))
        .await;
        let run = json!({"runId": "r1", "experimentName": "another-experiment"});
        t.deliver(&event("RunCompleted", "experiments/another", &run))
            .await;
        let listed = t.listed().await;
        assert!(
            listed
                .iter()
                .all(|(_, what)| what.starts_with("no route takes")),
            "{listed:?}"
        );
        let board = t.see(Who::Ada, "/api/board/").await;
        assert!(board.text.contains("&lt;img src=x") && !board.text.contains("<img src=x"));
    })
    .await;
}

#[tokio::test]
async fn deliveries_of_one_event_open_one_promotion() {
    story(async |t| {
        t.cloud.hold_events();
        let version = t
            .cloud
            .register(cloud_sim::ModelKind::Challenger)
            .unwrap()
            .version;
        t.cloud.release_events(true, 5);
        let id = t.opened(&version).await;
        t.wait_until(&id, "awaiting approval").await;
        assert_eq!((t.promotions().len(), t.questions(&id).len()), (1, 1));
        assert_eq!(t.listed().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_event_never_reopens_what_has_ended() {
    story(async |t| {
        let id = t.asked().await;
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.wait_until(&id, "rejected").await;
        let before = t.journal(&id);
        t.cloud.resend_last_event(3);
        t.quiet().await;
        assert_eq!((t.journal(&id), id), (before, promotion_of("2")));
    })
    .await;
}
