//! What freezes and windows stop, and what they never do.

use cloud_sim::ServingFault;
use jiff::{SignedDuration, Timestamp};
use promotion::PromotionId;
use serde_json::json;

use super::people::{BOARD, page_of};
use super::{Setup, Tester, Who, story};

/// A rollout that rests at 10 % and at 50 %.
fn by_halves() -> Setup {
    Setup::default().with(
        "        - setWeight: 100\n",
        "        - setWeight: 50\n        - pause: { duration: 10m }\n        - setWeight: 100\n",
    )
}

/// A route that may act for two hours of each day, `hours` from now on.
pub(super) fn opening_in(hours: i64) -> (String, String) {
    let at = |hours: i64| {
        let moment = now() + SignedDuration::from_hours(hours);
        moment.strftime("%H:00").to_string()
    };
    let deadlines = "    deadlines: { deployment: 45m, copy: 2h }\n";
    let (from, to) = (at(hours), at(hours + 2));
    let windows = format!(
        "{deadlines}    windows: [{{ allow: {{ from: '{from}', to: '{to}', timeZone: UTC }} }}]\n"
    );
    (deadlines.to_owned(), windows)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulated cloud begins at the system's time"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

impl Tester {
    /// Ben freezes something.
    pub(super) async fn frozen_by_ben(&self, scope: &serde_json::Value) -> String {
        let wish = json!({ "scope": scope, "reason": "the year ends" });
        let freeze = self.freeze_as(Who::Ben, &wish).await.json();
        freeze["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn until_stopped(&self, id: &PromotionId, words: &str) {
        self.until(&format!("{id} waits: {words}"), async || {
            self.why(id).contains(words)
        })
        .await;
    }

    async fn until_serving(&self, serving: &[&str]) {
        self.until(&format!("{serving:?}"), async || self.serving() == serving)
            .await;
    }

    /// Whatever was copied lies in production.
    pub(super) fn versions_in_prod(&self) -> usize {
        let view = self.cloud.view();
        let prod = view.workspaces.iter().find(|w| w.name == "ml-prod");
        let models = prod.unwrap().models.iter();
        models.map(|model| model.versions.len()).sum()
    }
}

#[tokio::test]
async fn nothing_is_approved_under_a_freeze_and_all_is_again_once_it_is_lifted() {
    story(async |t| {
        let id = t.asked().await;
        let before = t.versions_in_prod();
        let freeze = t.frozen_by_ben(&json!({ "stage": "prod" })).await;
        let shown = t.see(Who::Ada, &t.newest_question(&id)).await;
        let page = shown.sentence();
        let offers = |answer| shown.text.contains(&format!("value=\"{answer}\""));
        assert!(offers("reject") && !offers("approve"), "{page}");
        assert!(
            page.contains("Nothing starts now, so it cannot be approved as long as that lasts: stage prod is frozen"),
            "{page}"
        );
        t.approve_as(Who::Ada, &id)
            .await
            .refused(409, "by Ben Approver, “the year ends”");
        assert!(t.promotion(&id).stage().votes().is_empty());
        assert_eq!(t.versions_in_prod(), before);
        t.lift_as(Who::Ada, &freeze, "it has ended").await.taken();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn between_two_weights_it_stays_where_it_is() {
    by_halves()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let tenth = ["diabetes:1 90", "diabetes:2 10"];
            t.until_serving(&tenth).await;
            let freeze = t.frozen_by_ben(&json!({ "model": "diabetes" })).await;
            t.until_stopped(&id, "model diabetes is frozen since").await;
            let why = t.why(&id);
            assert!(why.contains("by Ben Approver, “the year ends”"));
            let shown = why.split(" Step 3 of 5 ").next().unwrap();
            assert!(shown.contains("traffic is 90 % champion-v1"), "{why}");
            let page = t.see(Who::Sam, &page_of(&id)).await.sentence();
            let waits = "As it was before its next change, which waits.";
            assert!(page.contains(waits), "{page}");
            let records = t.records(&id).len();
            t.advance_clock(SignedDuration::from_hours(24 * 20)).await;
            assert_eq!(
                t.records(&id).len(),
                records,
                "waiting is written down once"
            );
            assert_eq!(t.serving(), tenth);
            let row = &t.see(Who::Sam, "/api/v1/promotions").await.json()["value"][0];
            assert_eq!(row["wakeUpsWithoutProgress"], 0);
            let waits = row["waitsFor"].as_str().unwrap();
            assert!(
                waits.starts_with("a freeze to end: model diabetes is frozen"),
                "{waits}"
            );
            t.lift_as(Who::Ada, &freeze, "it has ended").await.taken();
            t.until_serving(&["diabetes:1 50", "diabetes:2 50"]).await;
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn what_is_frozen_after_an_override_was_not_overridden() {
    let setup = by_halves().with(
        "minApprovals: 1",
        "minApprovals: 1\n      override: [{ role: Model.Approver }]",
    );
    setup
        .story(async |t| {
            let id = t.asked().await;
            let known = t.frozen_by_ben(&json!({ "stage": "prod" })).await;
            t.advance_clock(SignedDuration::from_secs(1)).await;
            let question = t.newest_question(&id);
            for who in [Who::Ada, Who::Ben] {
                t.answer_as(who, &question, "override", "the shop is down")
                    .await
                    .taken();
            }
            let tenth = ["diabetes:1 90", "diabetes:2 10"];
            t.until_serving(&tenth).await;
            let incident = t.frozen_by_ben(&json!({ "model": "diabetes" })).await;
            t.until_stopped(&id, "model diabetes is frozen since").await;
            t.advance_clock(SignedDuration::from_hours(2)).await;
            assert_eq!(t.serving(), tenth);
            t.lift_as(Who::Ada, &incident, "it is over").await.taken();
            t.wait_until(&id, "live").await;
            assert_eq!(t.frozen().await[0]["id"], known.as_str());
        })
        .await;
}

#[tokio::test]
async fn what_is_frozen_between_two_overrides_only_one_has_overridden() {
    let setup = Setup::default().with(
        "minApprovals: 1",
        "minApprovals: 1\n      override: [{ role: Model.Approver }]",
    );
    setup
        .story(async |t| {
            let id = t.asked().await;
            let before = t.versions_in_prod();
            let question = t.newest_question(&id);
            t.answer_as(Who::Ada, &question, "override", "the shop is down")
                .await
                .taken();
            t.advance_clock(SignedDuration::from_secs(1)).await;
            let incident = t.frozen_by_ben(&json!({ "stage": "prod" })).await;
            t.advance_clock(SignedDuration::from_secs(1)).await;
            t.answer_as(Who::Ben, &question, "override", "the shop is down")
                .await
                .taken();
            t.until_stopped(&id, "stage prod is frozen since").await;
            assert_eq!(t.versions_in_prod(), before);
            t.lift_as(Who::Ada, &incident, "it is over").await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_step_that_nobody_has_heard_of_is_found_in_a_freeze_and_taken_back() {
    by_halves()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.until_serving(&["diabetes:1 90", "diabetes:2 10"]).await;
            t.frozen_by_ben(&json!({ "stage": "prod" })).await;
            t.until_stopped(&id, "stage prod is frozen since").await;
            // A call of it lands late: whoever sent it died before they could say so.
            let promotion = t.promotion(&id);
            let rollout = promotion.stage().rollout().unwrap();
            let candidate = &rollout.permit.pinned().plan.deployment;
            let halves = [("champion-v1", 50), (candidate.as_str(), 50)];
            t.cloud.move_traffic("diabetes", &halves).unwrap();
            t.until_stopped(&id, "is a pause of 10 minutes").await;
            assert_eq!(t.serving(), ["diabetes:1 50", "diabetes:2 50"]);
            t.tell_as(Who::Ada, &id, "abort", "not today").await.taken();
            t.wait_until(&id, "aborted").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}

#[tokio::test]
async fn finding_the_endpoint_busy_begins_nothing_that_a_freeze_could_not_stop() {
    by_halves()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let tenth = ["diabetes:1 90", "diabetes:2 10"];
            t.until_serving(&tenth).await;
            t.until_stopped(&id, "is a pause of 10 minutes").await;
            t.cloud.keep_busy("diabetes").unwrap();
            t.until_stopped(&id, "another change of endpoint").await;
            let freeze = t.frozen_by_ben(&json!({ "stage": "prod" })).await;
            t.cloud.let_be("diabetes").unwrap();
            t.until_stopped(&id, "stage prod is frozen since").await;
            t.advance_clock(SignedDuration::from_hours(2)).await;
            assert_eq!(t.serving(), tenth);
            t.lift_as(Who::Ada, &freeze, "it has ended").await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn what_turns_out_worse_goes_back_though_it_is_frozen() {
    Setup::configured("watched.yaml")
        .story(async |t| {
            t.cloud.set_callers(600.0);
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.until_serving(&["diabetes:1 90", "diabetes:2 10"]).await;
            t.frozen_by_ben(&json!({})).await;
            t.until_stopped(&id, "everything is frozen since").await;
            t.cloud.plant(ServingFault::errors("diabetes", "2", 0.05));
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
            assert_eq!(t.frozen().await.len(), 1);
        })
        .await;
}

#[tokio::test]
async fn no_abort_and_no_rollback_waits_for_a_freeze() {
    by_halves()
        .story(async |t| {
            let live = t.live().await;
            t.frozen_by_ben(&json!({})).await;
            t.tell_as(Who::Ada, &live, "roll-back", "it smells")
                .await
                .taken();
            t.wait_until(&live, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
    by_halves()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.until_serving(&["diabetes:1 90", "diabetes:2 10"]).await;
            t.frozen_by_ben(&json!({})).await;
            t.until_stopped(&id, "everything is frozen since").await;
            t.tell_as(Who::Ada, &id, "abort", "it smells").await.taken();
            t.wait_until(&id, "aborted").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
    story(async |t| {
        let id = t.asked().await;
        t.frozen_by_ben(&json!({})).await;
        t.tell_as(Who::Ada, &id, "abort", "then not").await.taken();
        t.wait_until(&id, "aborted").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
    })
    .await;
}

#[tokio::test]
async fn a_freeze_ends_by_itself_and_another_ones_still_counts() {
    story(async |t| {
        let id = t.asked().await;
        let wish = json!({ "scope": {}, "reason": "storage moves", "for": "3h" });
        t.freeze_as(Who::Ben, &wish).await.taken();
        let until = t.approve_as(Who::Ada, &id).await;
        until.refused(409, "storage moves");
        assert!(until.sentence().contains(" until "), "{}", until.sentence());
        t.frozen_by_ben(&json!({ "model": "diabetes" })).await;
        t.advance_clock(SignedDuration::from_hours(4)).await;
        t.approve_as(Who::Ada, &id)
            .await
            .refused(409, "the year ends");
        let page = t.see(Who::Sam, &page_of(&id)).await.sentence();
        assert!(page.contains("never stops an abort"), "{page}");
        let left = t.frozen().await;
        let id_left = left[0]["id"].as_str().unwrap();
        t.lift_as(Who::Ben, id_left, "on").await.taken();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_approved_while_its_window_is_closed_starts_when_it_opens() {
    let (deadlines, windows) = opening_in(5);
    Setup::default()
        .with(&deadlines, &windows)
        .story(async |t| {
            let id = t.asked().await;
            let page = t.see(Who::Ada, &t.newest_question(&id)).await.sentence();
            assert!(
                page.contains("does not start at once: its route's next window opens at"),
                "{page}"
            );
            t.approve_as(Who::Ada, &id).await.taken();
            t.until_stopped(&id, "its route's next window opens at")
                .await;
            t.advance_clock(SignedDuration::from_hours(3)).await;
            t.until_stopped(&id, "its route's next window opens at")
                .await;
            t.advance_clock(SignedDuration::from_hours(2)).await;
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn windows_are_those_of_the_configuration_that_runs() {
    let (deadlines, windows) = opening_in(12);
    Setup::default()
        .with(&deadlines, &windows)
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.until_stopped(&id, "its route's next window opens at")
                .await;
            t.configure(&windows, &deadlines).await;
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn freezes_that_cannot_be_read_stop_everything_and_the_board_says_so() {
    story(async |t| {
        let id = t.asked().await;
        let blobs = t.cloud.blobs();
        let path = "control/freezes.json";
        blobs.put("stliftlock", "state", path, "garbage");
        t.approve_as(Who::Ada, &id)
            .await
            .refused(500, "control/freezes.json");
        assert!(t.promotion(&id).stage().votes().is_empty());
        let board = t.see(Who::Ada, BOARD).await.sentence();
        assert!(board.contains("What is frozen cannot be read"), "{board}");
        let wish = json!({ "scope": {}, "reason": "stop" });
        t.freeze_as(Who::Ada, &wish)
            .await
            .refused(500, "control/freezes.json");
        blobs.put("stliftlock", "state", path, "{}");
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}
