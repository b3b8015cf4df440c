//! Versions that no event told of: looked for where they were registered, opened once, at a cost that is known.

use std::time::{Duration, Instant};

use cloud_sim::{Fault, ModelKind};
use jiff::{SignedDuration, Timestamp};
use promotion::Cause;
use serde_json::Value;

use super::tester::promotion_of;
use super::{Setup, Tester, story};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

impl Tester {
    /// What is known of the first source.
    fn watermark(&self) -> Option<Value> {
        let path = "control/watermarks.json";
        let bytes = self.cloud.blobs().get("stliftlock", "state", path)?;
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        Some(json["sources"][0].clone())
    }

    fn mark(&self, name: &str) -> Timestamp {
        let mark = self.watermark().unwrap();
        mark[name].as_str().unwrap().parse().unwrap()
    }

    /// The app has run for a moment.
    pub(super) async fn installed(&self) {
        let first = async || self.watermark().is_some();
        self.until("somebody has looked once", first).await;
    }

    /// So many minutes pass, each with its sweep.
    async fn minutes(&self, count: u32) {
        for _ in 0..count {
            self.advance_clock(MINUTE).await;
        }
    }

    /// Without time going on, but for what passes by itself: the last sweep comes to its end.
    async fn soon(&self, what: &str, so: impl Fn() -> bool) {
        let started = Instant::now();
        while !so() {
            let patient = started.elapsed() < Duration::from_secs(10);
            assert!(patient, "never: {what}; {:?}", self.last_lines());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Somebody hides a version in the studio.
    async fn archive(&self, version: &str) {
        let view = self.cloud.view();
        let dev = view.workspaces.iter().find(|w| w.name == "ml-dev").unwrap();
        let model = dev.models.iter().find(|m| m.name == "diabetes").unwrap();
        let known = model
            .versions
            .iter()
            .find(|v| v.version == version)
            .unwrap();
        let body = serde_json::json!({ "properties": {
            "modelUri": known.uri, "modelType": "mlflow_model", "jobName": known.job, "isArchived": true,
        } });
        let (token, _) = self.cloud.identity().token("https://management.azure.com");
        let path = format!("{}/models/diabetes/versions/{version}", dev.id);
        let url = format!("{}/arm{path}?api-version=2024-04-01", self.cloud.url());
        let request = self.http.put(url).bearer_auth(token);
        let request = request.header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    fn lists(&self) -> u64 {
        let calls = self.cloud.calls();
        calls.get("arm.versions.list").copied().unwrap_or(0)
    }
}

#[tokio::test]
async fn a_version_whose_event_is_lost_opens_within_a_quarter_of_an_hour() {
    story(async |t| {
        t.installed().await;
        t.cloud.hold_events();
        let version = t.cloud.register(ModelKind::Challenger).unwrap().version;
        let id = promotion_of(&version);
        let registered = t.cloud.clock().now();
        t.minutes(15).await;
        t.soon("it is open", || t.journal(&id).is_some()).await;
        let took = t.records(&id)[0].at - registered;
        let most = SignedDuration::from_mins(15) + SignedDuration::from_secs(5);
        assert!(SignedDuration::try_from(took).unwrap() <= most, "{took}");
        assert!(matches!(t.promotion(&id).cause(), Cause::Reconciled { .. }));
        t.wait_until(&id, "awaiting approval").await;
        // The event comes after all, more than once, and finds it.
        t.cloud.release_events(false, 2);
        t.minutes(16).await;
        assert_eq!((t.promotions().len(), t.questions(&id).len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn what_was_there_before_is_left_alone_and_what_has_ended_stays_ended() {
    story(async |t| {
        t.installed().await;
        let id = t.asked().await;
        t.say_as(super::Who::Ada, &id, "abort", "not now")
            .await
            .taken();
        t.wait_until(&id, "aborted").await;
        let before = t.journal(&id);
        let (installed, seen) = (t.mark("installed"), t.mark("seen"));
        t.minutes(31).await;
        assert_eq!((t.promotions().len(), t.journal(&id)), (1, before));
        assert_eq!(t.mark("installed"), installed);
        assert!(t.mark("seen") >= seen + 2 * SignedDuration::from_mins(14));
    })
    .await;
}

/// The watermark stays where it is until everything behind it was opened, so the next sweep does it.
#[tokio::test]
async fn what_could_not_be_opened_is_tried_again_a_minute_later() {
    story(async |t| {
        t.installed().await;
        t.cloud.hold_events();
        let version = t.cloud.register(ModelKind::Challenger).unwrap().version;
        let (id, seen) = (promotion_of(&version), t.mark("seen"));
        let busy = Fault::Status {
            status: axum::http::StatusCode::SERVICE_UNAVAILABLE,
            code: "ServerBusy".to_owned(),
        };
        t.cloud.faults().add("blob.append", busy, 1);
        let met = async || t.cloud.faults().pending().is_empty();
        t.until("its first record is refused", met).await;
        t.quiet().await;
        assert_eq!((t.journal(&id), t.mark("seen")), (None, seen));
        t.minutes(2).await;
        t.soon("it is open and done", || {
            t.journal(&id).is_some() && t.mark("seen") > seen
        })
        .await;
        t.wait_until(&id, "awaiting approval").await;
    })
    .await;
}

/// Between the last look and ten minutes before it something may have been listed late; what is older is done.
#[tokio::test]
async fn each_look_goes_back_ten_minutes_before_the_last_one() {
    story(async |t| {
        t.installed().await;
        t.cloud.hold_events();
        let done = t.cloud.register(ModelKind::Worse).unwrap().version;
        t.minutes(7).await;
        let late = t.cloud.register(ModelKind::Worse).unwrap().version;
        t.minutes(5).await;
        let mut mark = t.watermark().unwrap();
        mark["seen"] = t.cloud.clock().now().to_string().into();
        let marks = serde_json::json!({ "sources": [mark] }).to_string();
        let blobs = t.cloud.blobs();
        blobs.put("stliftlock", "state", "control/watermarks.json", marks);
        t.minutes(16).await;
        let late = promotion_of(&late);
        t.soon("it is open", || t.journal(&late).is_some()).await;
        t.wait_until(&late, "blocked").await;
        assert!(t.journal(&promotion_of(&done)).is_none());
    })
    .await;
}

/// What came before a route is none of its business, though others take the model since long.
#[tokio::test]
async fn a_route_that_is_added_opens_nothing_from_before_its_first_look() {
    story(async |t| {
        t.installed().await;
        let before = t.register_model(ModelKind::Worse).await;
        t.wait_until(&before, "blocked").await;
        let text =
            std::fs::read_to_string(crate::setting::example().join("liftlock.yaml")).unwrap();
        let (_, first) = text.split_once("routes:\n").unwrap();
        let second = first
            .replace("diabetes-to-prod", "diabetes-twice")
            .replace("endpoints/diabetes.yml", "endpoints/second.yml");
        t.configure(first, &format!("{first}{second}")).await;
        t.minutes(1).await;
        let begun = || t.watermark().unwrap()["routes"]["diabetes-twice"].is_string();
        t.soon("it is looked for", begun).await;
        t.cloud.hold_events();
        t.cloud.register(ModelKind::Worse).unwrap();
        t.minutes(16).await;
        t.soon("both routes take the second one", || {
            t.promotions().len() == 3
        })
        .await;
        t.quiet().await;
        assert_eq!(t.promotions().len(), 3);
        for promotion in t.promotions() {
            t.wait_until(promotion.id(), "blocked").await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_archived_version_is_left_alone() {
    story(async |t| {
        t.installed().await;
        t.cloud.hold_events();
        let archived = t.cloud.register(ModelKind::Challenger).unwrap().version;
        let kept = t.cloud.register(ModelKind::Challenger).unwrap().version;
        t.archive(&archived).await;
        t.minutes(16).await;
        let kept = promotion_of(&kept);
        t.soon("the other is open", || t.journal(&kept).is_some())
            .await;
        t.wait_until(&kept, "awaiting approval").await;
        assert!(t.journal(&promotion_of(&archived)).is_none());
    })
    .await;
}

#[tokio::test]
async fn more_than_a_page_is_looked_at_to_its_end() {
    story(async |t| {
        t.installed().await;
        t.cloud.hold_events();
        for _ in 0..22 {
            t.cloud.register(ModelKind::Worse).unwrap();
        }
        let before = t.lists();
        t.until("all are open", async || t.promotions().len() == 22)
            .await;
        assert_eq!(t.lists() - before, 2);
        t.quiet().await;
        assert_eq!(t.promotions().len(), 22);
        // Oldest first: what is opened later may outrank what was opened before.
        let mut by_version: Vec<(u32, Timestamp)> = t
            .promotions()
            .iter()
            .map(|p| {
                let version = p.candidate().version.as_str().parse().unwrap();
                (version, p.opened_at())
            })
            .collect();
        by_version.sort_unstable();
        assert!(
            by_version.is_sorted_by_key(|(_, opened)| *opened),
            "{by_version:?}"
        );
        for promotion in t.promotions() {
            t.wait_until(promotion.id(), "blocked").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_workspace_that_refuses_stops_no_other() {
    let text = std::fs::read_to_string(crate::setting::example().join("liftlock.yaml")).unwrap();
    let (stages, route) = text.split_once("routes:\n").unwrap();
    let dev = stages
        .lines()
        .find(|line| line.ends_with("ml-dev"))
        .unwrap();
    let gone = dev.replace("ml-dev", "ml-gone");
    let from_gone = route
        .replace("diabetes-to-prod", "gone-to-prod")
        .replace("from: dev", "from: gone")
        .replace("endpoints/diabetes.yml", "endpoints/second.yml");
    let setup = Setup::default()
        .with("  prod:\n", &format!("  gone:\n{gone}\n  prod:\n"))
        .with("routes:\n", &format!("routes:\n{from_gone}"));
    setup
        .story(async |t| {
            t.installed().await;
            t.cloud.hold_events();
            let version = t.cloud.register(ModelKind::Challenger).unwrap().version;
            t.minutes(16).await;
            let id = promotion_of(&version);
            t.soon("it is open", || t.journal(&id).is_some()).await;
            let lines = t.lines.lock().unwrap().join("\n");
            assert!(
                lines.contains("versions could not be looked for") && lines.contains("ml-gone")
            );
            assert!(!lines.contains("the sweep could not"));
        })
        .await;
}

/// In steady state one list a quarter of an hour for each model of each workspace, whatever was ever registered.
#[tokio::test]
async fn an_hour_costs_four_lists() {
    story(async |t| {
        t.installed().await;
        let before = t.lists();
        for _ in 0..12 {
            t.advance_clock(5 * MINUTE).await;
        }
        t.soon("four looks", || t.lists() - before == 4).await;
        t.minutes(1).await;
        assert_eq!(t.lists() - before, 4);
    })
    .await;
}
