//! What if: asked in every way, and nothing has happened.

use cloud_sim::Fault;
use jiff::SignedDuration;
use promotion::PromotionId;
use serde_json::{Value, json};

use super::people::Shown;
use super::{Setup, Tester, Who, story};

impl Tester {
    async fn what_if(&self, who: Who, id: &PromotionId) -> Shown {
        let path = format!("/api/v1/promotions/{id}/replay?dryRun=true");
        self.post_json(who, &path, &json!({})).await
    }

    async fn foresee(&self, id: &PromotionId) -> Value {
        let shown = self.what_if(Who::Ada, id).await;
        shown.taken();
        shown.json()
    }

    /// Everything there is: blobs with their versions, the queue, what people and Azure see.
    fn everything(&self) -> String {
        let mut view = serde_json::to_value(self.cloud.view()).unwrap();
        view["now"] = Value::Null;
        let queue = self.cloud.queues().view("promotions").unwrap();
        let mut all = format!("{view}{queue:?}{:?}", self.cloud.messages());
        for workspace in self.cloud.view().workspaces {
            all += &blobs(self, &workspace.account, "azureml");
        }
        all + &blobs(self, "stliftlock", "journals") + &blobs(self, "stliftlock", "state")
    }
}

fn blobs(t: &Tester, account: &str, container: &str) -> String {
    let store = t.cloud.blobs();
    let all = store.list(account, container, "").into_iter();
    // Up to when the sweep has looked is time's doing.
    let all = all.filter(|blob| blob.name != "control/watermarks.json");
    let one = |blob: cloud_sim::BlobView| {
        let bytes = store.get(account, container, &blob.name).unwrap();
        format!("{blob:?}{bytes:?}\n")
    };
    all.map(one).collect()
}

/// What differs, in one word each.
fn differing(foreseen: &Value) -> Vec<&str> {
    let all = foreseen["differences"].as_array().unwrap().iter();
    all.map(|one| one["what"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn asking_changes_not_a_byte() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let (before, calls) = (t.everything(), t.cloud.calls());
        let foreseen = t.foresee(&id).await;
        assert_eq!(t.everything(), before);
        let new = t
            .cloud
            .calls()
            .into_iter()
            .filter(|(name, count)| calls.get(name) != Some(count));
        for (name, _) in new {
            // Run history is read by a POST, a process makes its containers once, where they are missing, and reads the keys
            // of sign-ins.
            let reads = [
                "get",
                "list",
                "head",
                "token",
                "receiver",
                "history.rundata",
                "region.discovery",
                "login.",
                "blob.createContainer",
            ];
            assert!(reads.iter().any(|read| name.contains(read)), "{name}");
        }
        assert_eq!(foreseen["replay"]["legal"], false);
        assert_eq!(foreseen["today"]["would"], "ask", "{foreseen}");
        assert_eq!(foreseen["today"]["asked"]["plan"], foreseen["then"]["plan"]);
        assert_eq!(foreseen["differences"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_changed_threshold_shows() {
    story(async |t| {
        let id = t.asked().await;
        t.configure("max: 60", "max: 50").await;
        let before = t.everything();
        let foreseen = t.foresee(&id).await;
        assert_eq!(t.everything(), before);
        assert_eq!(foreseen["today"]["would"], "be blocked", "{foreseen}");
        assert_eq!(differing(&foreseen), ["gate"]);
        let told = foreseen["differences"][0]["says"].as_str().unwrap();
        assert!(told.contains("≤ 60") && told.contains("≤ 50"), "{told}");
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}

#[tokio::test]
async fn a_changed_champion_shows() {
    let setup = Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let id = t.asked().await;
            t.live().await;
            let foreseen = t.foresee(&id).await;
            let what = differing(&foreseen);
            assert!(
                what.contains(&"champion") && what.contains(&"steps"),
                "{foreseen}"
            );
            let champion = &foreseen["differences"][0];
            assert!(champion["then"].as_str().unwrap().starts_with("diabetes 1"));
            assert!(
                champion["today"]
                    .as_str()
                    .unwrap()
                    .starts_with("diabetes 3")
            );
        })
        .await;
}

#[tokio::test]
async fn a_failed_promotion_may_go_on_until_its_approval_expires() {
    story(async |t| {
        let id = t.asked().await;
        let refused = Fault::Status {
            status: axum::http::StatusCode::BAD_REQUEST,
            code: "UserError".to_owned(),
        };
        t.cloud.faults().add("arm.versions.put", refused, 1);
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "failed").await;
        let journal = t.journal(&id);
        let foreseen = t.foresee(&id).await;
        assert_eq!(foreseen["replay"]["legal"], true);
        assert_eq!(foreseen["today"]["would"], "go on", "{foreseen}");
        let says = foreseen["today"]["says"].as_str().unwrap();
        assert!(says.contains("registering the version"), "{says}");
        assert_eq!(foreseen["ifAskedAgain"]["would"], "ask");
        assert_eq!(foreseen["turn"], Value::Null);
        t.advance_clock(SignedDuration::from_hours(73)).await;
        let late = t.foresee(&id).await;
        assert_eq!(late["replay"]["legal"], false);
        assert!(late["replay"]["why"].as_str().unwrap().contains("expired"));
        assert_eq!(
            (differing(&late), t.journal(&id)),
            (vec!["expiry"], journal)
        );
    })
    .await;
}

#[tokio::test]
async fn what_failed_would_be_voided_where_another_model_serves_by_then() {
    let setup = Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let id = t.asked().await;
            let refused = Fault::Status {
                status: axum::http::StatusCode::BAD_REQUEST,
                code: "UserError".to_owned(),
            };
            t.cloud.faults().add("arm.versions.put", refused, 1);
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "failed").await;
            t.live().await;
            let foreseen = t.foresee(&id).await;
            assert_eq!(foreseen["today"]["would"], "be voided", "{foreseen}");
            assert_eq!(foreseen["today"]["voidedBy"][0]["what"], "champion");
        })
        .await;
}

#[tokio::test]
async fn a_target_whose_turn_somebody_else_has_shows() {
    let rule = "    concurrency: queue\n    deadlines:";
    let setup = Setup::default().with("    deadlines:", rule);
    setup
        .story(async |t| {
            let first = t.asked().await;
            let second = t.register_model(cloud_sim::ModelKind::Challenger).await;
            let behind = async || t.why(&second).contains("diabetes 2 has it");
            t.until("the second waits behind the first", behind).await;
            let foreseen = t.foresee(&second).await;
            assert_eq!(foreseen["turn"]["would"], "wait", "{foreseen}");
            assert_eq!(foreseen["turn"]["other"], json!(first));
            assert_eq!(t.foresee(&first).await["turn"], Value::Null);
            t.configure("concurrency: queue", "concurrency: reject")
                .await;
            let foreseen = t.foresee(&second).await;
            assert_eq!(foreseen["turn"]["would"], "be refused", "{foreseen}");
        })
        .await;
}

/// Asking again is a person's reopening, and goes before what an event brought.
#[tokio::test]
async fn one_that_was_superseded_would_take_its_place_back() {
    story(async |t| {
        let (first, second) = (t.asked().await, t.asked().await);
        t.wait_until(&first, "superseded").await;
        let foreseen = t.foresee(&first).await;
        assert_eq!(foreseen["turn"]["would"], "supersede", "{foreseen}");
        assert_eq!(foreseen["turn"]["other"], json!(second));
        t.tell_as(Who::Ada, &first, "reopen", "this one after all")
            .await
            .taken();
        t.wait_until(&second, "superseded").await;
    })
    .await;
}

/// What its gates block never asks for its turn.
#[tokio::test]
async fn one_that_would_be_blocked_does_not_come_to_its_turn() {
    story(async |t| {
        let first = t.asked().await;
        t.asked().await;
        t.wait_until(&first, "superseded").await;
        t.configure("max: 60", "max: 50").await;
        let foreseen = t.foresee(&first).await;
        assert_eq!(foreseen["today"]["would"], "be blocked", "{foreseen}");
        assert_eq!(foreseen["turn"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_route_that_is_gone_and_files_that_changed_show() {
    story(async |t| {
        let id = t.asked().await;
        t.cloud.tamper_candidate().unwrap();
        t.configure("name: diabetes-to-prod", "name: another-route")
            .await;
        let foreseen = t.foresee(&id).await;
        let what = differing(&foreseen);
        assert_eq!(&what[..2], ["route", "files"], "{foreseen}");
        assert_eq!(foreseen["today"]["would"], "be blocked");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_seen_is_said() {
    story(async |t| {
        let id = t.asked().await;
        let down = Fault::Status {
            status: axum::http::StatusCode::FORBIDDEN,
            code: "AuthorizationFailed".to_owned(),
        };
        t.cloud.faults().add("arm.versions.get", down, 1);
        let foreseen = t.foresee(&id).await;
        assert_eq!(foreseen["today"]["would"], "unknown");
        let says = foreseen["today"]["says"].as_str().unwrap();
        assert!(says.contains("AuthorizationFailed"), "{says}");
    })
    .await;
}

#[tokio::test]
async fn who_only_asks_never_finds_it_done() {
    story(async |t| {
        let id = t.asked().await;
        t.what_if(Who::Sam, &id)
            .await
            .refused(403, "Model.Approver");
        t.what_if(Who::Ada, &PromotionId::new("none-1.r-0"))
            .await
            .refused(404, "no promotion");
        let started = json!({"route": "diabetes-to-prod", "version": "1", "reason": "to see"});
        let path = "/api/v1/promotions?dryRun=true";
        t.post_json(Who::Ada, path, &started)
            .await
            .refused(400, "dryRun");
        assert_eq!(t.promotions().len(), 1);
        let aborted = format!("/api/v1/promotions/{id}/abort?dryRun=true");
        let wish = json!({ "reason": "to see" });
        t.post_json(Who::Ada, &aborted, &wish)
            .await
            .refused(400, "dryRun");
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}
