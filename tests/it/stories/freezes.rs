//! Freezes: people stop the line for a scope and a reason, and let it go on.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::people::{BOARD, Shown};
use super::{Tester, Who, story};

const FREEZES: &str = "/api/v1/freezes";

impl Tester {
    pub(super) async fn freeze_as(&self, who: Who, wish: &Value) -> Shown {
        self.post_json(who, FREEZES, wish).await
    }

    pub(super) async fn lift_as(&self, who: Who, id: &str, reason: &str) -> Shown {
        let path = format!("{FREEZES}/{id}/lift");
        self.post_json(who, &path, &json!({ "reason": reason }))
            .await
    }

    /// Those that stand.
    pub(super) async fn frozen(&self) -> Vec<Value> {
        let list = self.see(Who::Sam, FREEZES).await.json();
        list["value"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn freezing_needs_a_role_a_reason_and_something_that_is_there() {
    story(async |t| {
        let wish = |scope: Value| json!({ "scope": scope, "reason": "the year ends" });
        let prod = json!({ "stage": "prod" });
        for (who, wish, status, words) in [
            (Who::Sam, wish(prod.clone()), 403, "Model.Approver"),
            (Who::Sam, wish(json!({ "stage": "moon" })), 403, "Model.Approver"),
            (Who::Ada, wish(json!({ "stage": "moon" })), 404, "routes lead to `prod`"),
            (Who::Ada, wish(json!({ "stage": "dev" })), 404, "routes lead to `prod`"),
            (Who::Ada, wish(json!({ "model": "moon" })), 404, "routes take `diabetes`"),
            (Who::Ada, json!({ "reason": "no scope" }), 400, "scope"),
            (Who::Ada, json!({ "scope": prod }), 400, "needs a reason"),
            (Who::Ada, json!({ "scope": prod, "reason": "r", "for": "4" }), 400, "has no unit"),
            (Who::Ada, json!({ "scope": prod, "reason": "r", "for": " " }), 400, "`for` is empty"),
            (Who::Ada, json!({ "scope": prod, "reason": "r", "for": "9y" }), 400, "no length of time"),
            (Who::Ada, json!({ "scope": prod, "reason": "r", "until": "2020-01-01T00:00:00Z" }), 400, "over already"),
            (Who::Ada, json!({ "scope": prod, "reason": "r", "for": "4h", "until": "2031-01-01T00:00:00Z" }), 400, "not both"),
            (Who::Ada, json!({ "scope": { "stage": "prod", "model": "diabetes" }, "reason": "r" }), 400, "one stage or one model"),
        ] {
            t.freeze_as(who, &wish).await.refused(status, words);
        }
        t.lift_as(Who::Ada, "0123", "then not").await.refused(404, "There is no freeze `0123`");
        t.lift_as(Who::Sam, "0123", "then not").await.refused(403, "Model.Approver");
        assert!(t.frozen().await.is_empty());
        t.freeze_as(Who::Ada, &wish(prod)).await.taken();
        let id = t.frozen().await[0]["id"].as_str().unwrap().to_owned();
        t.lift_as(Who::Sam, &id, "let me").await.refused(403, "Model.Approver");
        t.lift_as(Who::Ben, &id, " ").await.refused(400, "needs a reason");
        assert_eq!(t.frozen().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn both_verbs_may_be_repeated_and_the_past_is_listed() {
    story(async |t| {
        let wish = json!({ "scope": { "model": "diabetes" }, "reason": "it drifts" });
        let first = t.freeze_as(Who::Ada, &wish).await;
        assert_eq!(first.status, 201);
        let again = t.freeze_as(Who::Ada, &wish).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
        let id = first.json()["id"].as_str().unwrap().to_owned();
        for _ in 0..2 {
            let lifted = t.lift_as(Who::Ben, &id, "it was the sensor").await.json();
            assert_eq!(lifted["lifted"]["by"]["name"], "Ben Approver", "{lifted}");
        }
        assert!(t.frozen().await.is_empty());
        // Its time passes by itself.
        let short = json!({ "scope": {}, "reason": "storage moves", "for": "2h" });
        t.freeze_as(Who::Ada, &short).await.taken();
        assert_eq!(t.frozen().await.len(), 1);
        t.advance_clock(SignedDuration::from_mins(121)).await;
        assert!(t.frozen().await.is_empty());
        let past = t.see(Who::Sam, FREEZES).await.json()["past"].clone();
        let reasons = [&past[0]["reason"], &past[1]["reason"]];
        assert_eq!(reasons, ["storage moves", "it drifts"]);
    })
    .await;
}

#[tokio::test]
async fn two_people_freeze_at_once_and_both_count() {
    story(async |t| {
        let wish = json!({ "scope": {}, "reason": "stop" });
        let (ada, ben) = tokio::join!(t.freeze_as(Who::Ada, &wish), t.freeze_as(Who::Ben, &wish));
        ada.taken();
        ben.taken();
        let standing = t.frozen().await;
        assert_eq!(standing.len(), 2, "{standing:?}");
        let id = standing[0]["id"].as_str().unwrap();
        t.lift_as(Who::Ada, id, "one is enough").await.taken();
        assert_eq!(t.frozen().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_board_freezes_and_lifts_by_its_forms() {
    story(async |t| {
        let wish = [
            ("scope", "stage:prod"),
            ("reason", "the year ends"),
            ("for", ""),
        ];
        let by_sam = t.send_form(Who::Sam, BOARD, FREEZES, &wish).await;
        by_sam.offers_no_form("Nothing is under way");
        t.send_form(Who::Ada, BOARD, FREEZES, &wish).await.taken();
        let board = t.see(Who::Sam, BOARD).await.sentence();
        for words in [
            "Stage prod is frozen",
            "Ada Approver, “the year ends”",
            "never stops an abort",
        ] {
            assert!(board.contains(words), "{words}: {board}");
        }
        let id = t.frozen().await[0]["id"].as_str().unwrap().to_owned();
        let lift = format!("{FREEZES}/{id}/lift");
        let why = [("reason", "it has ended")];
        t.send_form(Who::Sam, BOARD, &lift, &why)
            .await
            .offers_no_form("by somebody with role");
        let forged = [
            ("scope", "everything".to_owned()),
            ("reason", "x".to_owned()),
            ("csrf", "made up".to_owned()),
        ];
        let cookie = t.sign_in(Who::Ada).await;
        let forged = t.post_form(FREEZES, &forged).header("cookie", &cookie);
        let forged = forged
            .header("origin", t.origin())
            .header("sec-fetch-site", "same-origin");
        Shown::to(forged)
            .await
            .refused(403, "This form was open for too long");
        let foreign = t
            .post_form(&lift, &[("reason", "x".to_owned())])
            .header("cookie", &cookie);
        let foreign = foreign.header("origin", "https://evil.example");
        Shown::to(foreign)
            .await
            .refused(403, "did not come from a page of this app");
        assert_eq!(t.frozen().await.len(), 1);
        t.send_form(Who::Ben, BOARD, &lift, &why).await.taken();
        assert!(t.frozen().await.is_empty());
    })
    .await;
}
