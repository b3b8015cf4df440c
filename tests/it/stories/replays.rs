//! Kept events, run again: the same road as a delivery; or told what would follow.

use cloud_sim::ModelKind;
use promotion::Cause;
use serde_json::{Value, json};

use super::people::{Shown, page_of};
use super::tester::promotion_of;
use super::{Setup, Tester, Who, story};

impl Tester {
    /// The key of today's one event, as a list shows it.
    pub(super) async fn event_key(&self) -> String {
        let list = self.see(Who::Sam, "/api/v1/events").await.json();
        let events = list["value"].as_array().unwrap();
        assert_eq!(events.len(), 1, "{list}");
        events[0]["key"].as_str().unwrap().to_owned()
    }

    pub(super) async fn replay_event(&self, who: Who, key: &str, wish: &Value) -> Shown {
        let path = format!("/api/v1/events/{key}/replay");
        self.post_json(who, &path, wish).await
    }

    /// What would follow from an event.
    async fn foresee_event(&self, key: &str) -> Value {
        let path = format!("/api/v1/events/{key}/replay?dryRun=true");
        let shown = self.post_json(Who::Ada, &path, &json!({})).await;
        shown.taken();
        shown.json()
    }
}

fn because() -> Value {
    json!({ "reason": "the marker was lost" })
}

#[tokio::test]
async fn an_event_is_run_again_as_if_it_came_now() {
    story(async |t| {
        let id = t.asked().await;
        let key = t.event_key().await;
        let again = t.replay_event(Who::Ada, &key, &because()).await.json();
        assert_eq!(again["wentOn"], json!([id]), "{again}");
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.wait_until(&id, "rejected").await;
        let before = t.journal(&id);
        let ended = t.replay_event(Who::Ada, &key, &because()).await.json();
        assert_eq!(
            (&ended["hadEnded"], &ended["opened"]),
            (&json!([id]), &json!([]))
        );
        t.quiet().await;
        assert_eq!(t.journal(&id), before);
        let log = t.lines.lock().unwrap().join("\n");
        assert!(log.contains("the marker was lost") && log.contains(&key));
    })
    .await;
}

#[tokio::test]
async fn what_an_event_was_to_open_is_opened() {
    story(async |t| {
        let id = t.asked().await;
        let key = t.event_key().await;
        let blobs = t.cloud.blobs();
        assert!(blobs.remove("stliftlock", "journals", &format!("{id}.jsonl")));
        assert!(blobs.remove("stliftlock", "state", &format!("open/{id}")));
        let foreseen = t.foresee_event(&key).await;
        assert_eq!(foreseen["follows"][0]["would"], "open", "{foreseen}");
        assert!(
            foreseen["differences"][0]
                .as_str()
                .unwrap()
                .contains("never opened")
        );
        assert!(t.journal(&id).is_none());
        let opened = t.replay_event(Who::Ada, &key, &because()).await.json();
        assert_eq!(opened["opened"], json!([id]), "{opened}");
        t.wait_until(&id, "awaiting approval").await;
        let Cause::Event { again, .. } = t.promotion(&id).cause().clone() else {
            panic!("another cause");
        };
        let asked = again.unwrap();
        assert_eq!(
            (asked.by.name.as_str(), asked.reason.as_str()),
            ("Ada Approver", "the marker was lost")
        );
        let page = t.see(Who::Sam, &page_of(&id)).await;
        assert!(
            page.text.contains("run again by Ada Approver"),
            "{}",
            page.text
        );
    })
    .await;
}

/// A job's event that was run again after its intake was lost.
#[tokio::test]
async fn whoever_had_a_jobs_event_run_again_does_not_approve_what_came_of_it() {
    let setup = Setup::default().with("      - modelRegistered: {}\n", "");
    setup
        .story(async |t| {
            t.cloud.complete_job(ModelKind::Challenger, false).unwrap();
            let first = t.opened("2").await;
            t.wait_until(&first, "awaiting approval").await;
            t.quiet().await;
            let intake = t.intakes()[0].id().clone();
            let blobs = t.cloud.blobs();
            for name in [first.as_str(), &format!("intake/{intake}")] {
                assert!(blobs.remove("stliftlock", "journals", &format!("{name}.jsonl")));
                blobs.remove("stliftlock", "state", &format!("open/{name}"));
            }
            let list = t.see(Who::Sam, "/api/v1/events").await.json();
            let mut events = list["value"].as_array().unwrap().iter();
            let job =
                events.find(|event| event["type"].as_str().unwrap().ends_with("RunCompleted"));
            let key = job.unwrap()["key"].as_str().unwrap().to_owned();
            t.replay_event(Who::Ada, &key, &because()).await.taken();
            t.until("it is opened again", async || !t.promotions().is_empty())
                .await;
            let id = t.promotions()[0].id().clone();
            t.wait_until(&id, "awaiting approval").await;
            t.until("a card asks", async || !t.questions(&id).is_empty())
                .await;
            let page = t.see(Who::Ben, &page_of(&id)).await.sentence();
            assert!(page.contains("run again by Ada Approver"), "{page}");
            t.approve_as(Who::Ada, &id)
                .await
                .offers_no_form("asked for");
            t.approve_as(Who::Ben, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

/// One route takes registered versions and jobs, another jobs only, and others operate it.
#[tokio::test]
async fn an_event_is_run_again_by_who_operates_each_route_that_it_takes() {
    let text = std::fs::read_to_string(crate::setting::example().join("liftlock.yaml")).unwrap();
    let (_, first) = text.split_once("routes:\n").unwrap();
    let second = first
        .replace("diabetes-to-prod", "jobs-to-prod")
        .replace("endpoints/diabetes.yml", "endpoints/second.yml")
        .replace("      - modelRegistered: {}\n", "")
        .replace(
            "    rollout:",
            "    operators: [{ role: Model.Operator }]\n    rollout:",
        );
    let setup = Setup::default().with(first, &format!("{first}{second}"));
    setup
        .story(async |t| {
            t.cloud.complete_job(ModelKind::Worse, false).unwrap();
            t.opened("2").await;
            t.until("both are open", async || t.promotions().len() == 2)
                .await;
            for promotion in t.promotions() {
                t.wait_until(promotion.id(), "blocked").await;
            }
            t.quiet().await;
            let before = t.state("");
            let list = t.see(Who::Sam, "/api/v1/events").await.json();
            let key = |kind: &str| {
                let events = list["value"].as_array().unwrap().iter();
                let mut of = events.filter(|event| event["type"].as_str().unwrap().ends_with(kind));
                of.next().unwrap()["key"].as_str().unwrap().to_owned()
            };
            let (job, version) = (key("RunCompleted"), key("ModelRegistered"));
            let refused = t.replay_event(Who::Ada, &job, &because()).await;
            refused.refused(403, "Model.Operator");
            let path = format!("/api/v1/events/{job}/replay?dryRun=true");
            let told = t.post_json(Who::Ada, &path, &because()).await;
            told.refused(403, "Model.Operator");
            assert!(!told.text.contains("jobs-to-prod"), "{}", told.text);
            assert_eq!(t.state(""), before);
            t.foresee_event(&version).await;
            t.replay_event(Who::Ada, &version, &because()).await.taken();
        })
        .await;
}

#[tokio::test]
async fn what_would_follow_is_told_by_todays_routes() {
    story(async |t| {
        let id = t.asked().await;
        let key = t.event_key().await;
        let same = t.foresee_event(&key).await;
        assert_eq!(
            (&same["then"], &same["differences"]),
            (&same["today"], &json!([]))
        );
        assert_eq!(same["follows"][0]["would"], "go on");
        t.configure("max: 60", "max: 70").await;
        let other = t.foresee_event(&key).await;
        assert_eq!(other["follows"][0]["routeChanged"], true, "{other}");
        assert!(
            other["differences"][0]
                .as_str()
                .unwrap()
                .contains("configured otherwise")
        );
        t.configure("      - modelRegistered: {}\n", "").await;
        let none = t.foresee_event(&key).await;
        assert!(
            none["today"]
                .as_str()
                .unwrap()
                .starts_with("no route takes")
        );
        let told = none["differences"][0].as_str().unwrap();
        assert!(
            told.contains(id.as_str()) && told.contains("would not today"),
            "{none}"
        );
    })
    .await;
}

#[tokio::test]
async fn who_may_not_and_what_cannot_be_run_again_is_said() {
    story(async |t| {
        let id = t.asked().await;
        let (key, before) = (t.event_key().await, t.journal(&id));
        let ask = async |who, key: &str, wish: &Value| t.replay_event(who, key, wish).await;
        ask(Who::Sam, &key, &because())
            .await
            .refused(403, "Model.Approver");
        ask(Who::Ada, &key, &json!({})).await.refused(400, "reason");
        ask(Who::Ada, "2026-11-23/0000", &because())
            .await
            .refused(404, "no event");
        ask(Who::Ada, "open/abc", &because())
            .await
            .refused(404, "no event");
        let blobs = t.cloud.blobs();
        blobs.put("stliftlock", "state", "events/undated/abc.json", "{}");
        ask(Who::Ada, "undated/abc", &because())
            .await
            .refused(422, "cannot be understood");
        let path = format!("/api/v1/events/{key}/replay");
        let form = t.post_form(&path, &[("reason", "x".to_owned())]);
        Shown::to(form).await.refused(415, "application/json");
        let request = t.http.post(t.url(&path));
        let request = request.header("content-type", "application/json");
        let unknown = Shown::to(request.body(because().to_string())).await;
        unknown.refused(401, "ign in");
        let unclear = format!("{path}?dryRun=yes");
        t.post_json(Who::Ada, &unclear, &because())
            .await
            .refused(400, "dryRun");
        t.quiet().await;
        assert_eq!((t.journal(&id), id), (before, promotion_of("2")));
    })
    .await;
}
