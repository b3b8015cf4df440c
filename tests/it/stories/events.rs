//! Events: whatever comes is kept, listed, and answered so that Event Grid keeps nothing back.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::people::Shown;
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

    /// Event Grid delivers these at once, the newest so many hours old and each a second older than the one before it.
    async fn deliver_backwards(&self, hours: i64, count: i64) {
        let one = |back: i64| {
            let mut event = event("SomethingNew", &format!("x{back}"), &json!({}));
            let at = self.cloud.clock().now() - SignedDuration::from_hours(hours);
            let at = at - SignedDuration::from_secs(back);
            event["eventTime"] = json!(at.to_string());
            event
        };
        let all: Vec<_> = (0..count).map(one).collect();
        let request = self
            .http
            .post(&self.webhook)
            .header("aeg-event-type", "Notification");
        let request = request
            .header("content-type", "application/json")
            .body(json!(all).to_string());
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
async fn a_days_events_are_listed_newest_first_page_by_page() {
    story(async |t| {
        // A day that has no others.
        t.deliver_backwards(48, 130).await;
        let now = t.cloud.clock().now();
        let day = (now - SignedDuration::from_hours(48)).strftime("%Y-%m-%d");
        let path = format!("/api/v1/events?day={day}");
        let first = t.see(Who::Sam, &path).await.json();
        let next = first["next"].as_str().unwrap();
        let second = t.see(Who::Sam, &format!("{path}&from={next}")).await.json();
        assert_eq!(second["next"], Value::Null);
        assert_eq!(
            (&first["truncated"], &second["truncated"]),
            (&json!(false), &json!(false))
        );
        let pages = [&first, &second].map(|page| page["value"].as_array().unwrap());
        assert_eq!(pages.map(Vec::len), [100, 30]);
        let subjects = pages
            .into_iter()
            .flatten()
            .map(|row| row["subject"].clone());
        let expected = (0..130).map(|back| json!(format!("x{back}")));
        assert!(subjects.eq(expected), "{first} {second}");
        for bad in ["somewhere", "_", "2026-11-23T07:00:00Z_../x"] {
            let page = t.see(Who::Sam, &format!("{path}&from={bad}")).await;
            page.refused(400, "`next` of the page before");
        }
    })
    .await;
}

#[tokio::test]
async fn the_board_shows_the_newest_of_however_many() {
    story(async |t| {
        t.deliver_backwards(1, 600).await;
        let board = t.see(Who::Ada, "/api/board/").await.sentence();
        let shown = |back: i64| {
            board
                .split_whitespace()
                .any(|word| word == format!("x{back}"))
        };
        let all: Vec<i64> = (0..600).filter(|back| shown(*back)).collect();
        assert!(all.iter().copied().eq(0..50), "{all:?}");
    })
    .await;
}

#[tokio::test]
async fn the_board_shows_keys_that_an_event_is_run_again_by() {
    story(async |t| {
        t.deliver(&event("SomethingNew", "x", &json!({}))).await;
        let list = t.see(Who::Sam, "/api/v1/events").await.json();
        let key = list["value"][0]["key"].as_str().unwrap();
        let board = t.see(Who::Ada, "/api/board/").await;
        assert!(
            board.sentence().contains(key),
            "{key}: {}",
            board.sentence()
        );
    })
    .await;
}
