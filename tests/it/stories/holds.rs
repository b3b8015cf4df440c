//! Holds: after a rollback nothing is promoted to the endpoint until a person lifts that.

use cloud_sim::{Fault, ModelKind};
use jiff::SignedDuration;
use promotion::{Fact, Line, Outcome, PromotionId};
use serde_json::{Value, json};

use super::people::{BOARD, Shown, page_of};
use super::turns::{example_target_id, lenient};
use super::{Setup, Tester, Who, story};

impl Tester {
    /// A better model that served and was taken back.
    async fn taken_back(&self) -> PromotionId {
        let id = self.live().await;
        self.tell_as(Who::Ben, &id, "roll-back", "it smells")
            .await
            .taken();
        self.wait_until(&id, "rolled back").await;
        id
    }

    /// A better model whose gates have passed, and whose target is held.
    async fn held(&self) -> PromotionId {
        let id = self.register_model(ModelKind::Challenger).await;
        self.until_held(&id).await;
        id
    }

    async fn until_held(&self, id: &PromotionId) {
        self.until(&format!("{id} waits for the hold"), async || {
            self.why(id).contains("is held since")
        })
        .await;
    }

    pub(super) async fn tell_target(&self, who: Who, verb: &str, wish: &Value) -> Shown {
        let path = format!("/api/v1/targets/{}/{verb}", example_target_id());
        self.post_json(who, &path, wish).await
    }
}

#[tokio::test]
async fn after_a_rollback_the_next_candidate_waits_until_somebody_lifts_the_hold() {
    story(async |t| {
        let first = t.taken_back().await;
        let second = t.held().await;
        let why = t.why(&second);
        for words in [
            "endpoint diabetes is held since",
            "because diabetes 2 was rolled back: taken back by Ben Approver, “it smells”",
            "lift it on the board",
        ] {
            assert!(why.contains(words), "{words}: {why}");
        }
        assert!(t.promotion(&second).waits_for_turn() && t.questions(&second).is_empty());
        let rolled_back = |card: &String| card.contains("rolled back");
        let told = t.cards().into_iter().rfind(rolled_back).unwrap();
        assert!(
            told.contains("until somebody lifts the hold on the board"),
            "{told}"
        );
        let page = t.see(Who::Sam, &page_of(&first)).await.sentence();
        assert!(
            page.contains("Nothing is promoted to endpoint diabetes"),
            "{page}"
        );
        t.lift_hold().await;
        t.wait_until(&second, "awaiting approval").await;
        t.approve_as(Who::Ada, &second).await.taken();
        t.wait_until(&second, "live").await;
        assert_eq!(t.serving(), ["diabetes:3 100"]);
        let target = t.at_the_target();
        assert!(target.holds.is_empty());
        let lifted: Vec<_> = target.lifted.iter().map(|it| &*it.reason).collect();
        assert_eq!(lifted, ["it was looked into"]);
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_a_hold_is_not_stuck_and_learns_nothing() {
    story(async |t| {
        t.taken_back().await;
        let second = t.held().await;
        let records = t.records(&second).len();
        for _ in 0..6 {
            t.advance_clock(SignedDuration::from_secs(31)).await;
        }
        assert_eq!(t.records(&second).len(), records);
        let list = t.see(Who::Sam, "/api/v1/promotions").await.json();
        let row = &list["value"][0];
        assert_eq!(row["wakeUpsWithoutProgress"], 0);
        let waits = row["waitsFor"].as_str().unwrap();
        assert!(waits.starts_with("a hold to be lifted: endpoint"), "{row}");
    })
    .await;
}

#[tokio::test]
async fn while_it_is_held_the_newest_takes_the_place_of_who_waits() {
    lenient("supersede")
        .story(async |t| {
            t.taken_back().await;
            let (second, third) = (t.held().await, t.held().await);
            t.wait_until(&second, "superseded").await;
            t.lift_hold().await;
            t.wait_until(&third, "awaiting approval").await;
            assert!(t.waiting().is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_reopened_one_waits_for_its_own_hold_too() {
    story(async |t| {
        let id = t.taken_back().await;
        t.tell_as(Who::Ben, &id, "reopen", "I am sure")
            .await
            .taken();
        t.until_held(&id).await;
        let page = t.see(Who::Ada, &page_of(&id)).await.sentence();
        assert!(
            page.contains("Nobody is asked about it until somebody lifts it on the board."),
            "{page}"
        );
        t.lift_hold().await;
        t.wait_until(&id, "awaiting approval").await;
    })
    .await;
}

#[tokio::test]
async fn where_the_route_rejects_a_held_endpoint_refuses() {
    lenient("reject")
        .story(async |t| {
            t.taken_back().await;
            let second = t.register_model(ModelKind::Challenger).await;
            t.wait_until(&second, "refused").await;
            let why = t.why(&second);
            assert!(
                why.contains("is held since") && why.contains("once the hold is lifted"),
                "{why}"
            );
        })
        .await;
}

#[tokio::test]
async fn what_is_approved_waits_before_it_changes_the_endpoint_and_may_be_aborted() {
    story(async |t| {
        let id = t.asked().await;
        t.tell_target(Who::Ben, "hold", &json!({"reason": "the year ends"}))
            .await
            .taken();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "waiting for target").await;
        t.until_held(&id).await;
        let why = t.why(&id);
        assert!(why.contains("by Ben Approver, “the year ends”"), "{why}");
        t.advance_clock(SignedDuration::from_mins(2)).await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        t.tell_as(Who::Ada, &id, "abort", "then not").await.taken();
        t.wait_until(&id, "aborted").await;
        assert_eq!(t.at_the_target().holds.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_hold_stops_no_rollback_and_stands_beside_its_hold() {
    story(async |t| {
        let id = t.live().await;
        let wish = json!({"reason": "the year ends"});
        t.tell_target(Who::Ben, "hold", &wish).await.taken();
        t.tell_as(Who::Ada, &id, "roll-back", "it smells")
            .await
            .taken();
        t.wait_until(&id, "rolled back").await;
        assert_eq!(t.serving(), ["diabetes:1 100"]);
        let holds = t.at_the_target().holds;
        assert_eq!(holds.len(), 2, "{holds:?}");
        let stale = json!({"reason": "it has ended", "seen": holds[0].since});
        t.tell_target(Who::Ben, "unhold", &stale)
            .await
            .refused(409, "Another hold was set");
        let shown = json!({"reason": "it has ended", "seen": holds[1].since});
        t.tell_target(Who::Ben, "unhold", &shown).await.taken();
        assert!(t.at_the_target().holds.is_empty());
    })
    .await;
}

#[tokio::test]
async fn both_verbs_need_a_role_and_a_reason_and_may_be_repeated() {
    story(async |t| {
        t.asked().await;
        let (wish, silent) = (json!({"reason": "the year ends"}), json!({"reason": " "}));
        for verb in ["hold", "unhold"] {
            let by_sam = t.tell_target(Who::Sam, verb, &wish).await;
            by_sam.refused(403, "Model.Approver");
            let no_reason = t.tell_target(Who::Ada, verb, &silent).await;
            no_reason.refused(400, "needs a reason");
            let nowhere = format!("/api/v1/targets/0123/{verb}");
            let unknown = t.post_json(Who::Ada, &nowhere, &wish).await;
            unknown.refused(404, "There is no target");
        }
        let explode = t.tell_target(Who::Ada, "explode", &wish).await;
        explode.refused(404, "hold and unhold");
        assert_eq!(t.at_the_target().holds, []);
        for _ in 0..2 {
            t.tell_target(Who::Ada, "hold", &wish).await.taken();
        }
        let target = &t.see(Who::Sam, "/api/v1/targets").await.json()["value"][0];
        assert_eq!(
            (&target["endpoint"], &target["stage"]),
            (&"diabetes".into(), &"prod".into())
        );
        assert!(target["turn"]["promotion"].is_string(), "{target}");
        assert_eq!(target["holds"].as_array().unwrap().len(), 1);
        for _ in 0..2 {
            t.tell_target(Who::Ben, "unhold", &wish).await.taken();
        }
        assert_eq!(t.at_the_target().lifted.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_board_shows_what_is_held_and_its_form_lifts_that() {
    story(async |t| {
        t.taken_back().await;
        let board = t.see(Who::Sam, BOARD).await.sentence();
        for words in ["Held targets", "Because diabetes 2 was rolled back"] {
            assert!(board.contains(words), "{board}");
        }
        let by_sam = t.unhold_as(Who::Sam, "let me").await;
        by_sam.offers_no_form("with role Model.Approver");
        let forged = [
            ("reason", "let me".to_owned()),
            ("csrf", "made up".to_owned()),
        ];
        let action = format!("/api/v1/targets/{}/unhold", example_target_id());
        let cookie = t.sign_in(Who::Ada).await;
        let forged = t.post_form(&action, &forged).header("cookie", cookie);
        let forged = forged
            .header("origin", t.origin())
            .header("sec-fetch-site", "same-origin");
        Shown::to(forged)
            .await
            .refused(403, "This form was open for too long");
        assert_eq!(t.at_the_target().holds.len(), 1);
        t.lift_hold().await;
        let board = t.see(Who::Sam, BOARD).await.sentence();
        assert!(!board.contains("Held targets"), "{board}");
    })
    .await;
}

/// The release is done and its answer is lost; before it is asked for again, somebody lifts the hold.
#[tokio::test]
async fn a_release_that_comes_twice_does_not_hold_again_what_was_lifted() {
    story(async |t| {
        let id = t.live().await;
        t.tell_as(Who::Ben, &id, "roll-back", "it smells")
            .await
            .taken();
        t.wait_until(&id, "rolling back").await;
        t.cloud.faults().add("blob.put", Fault::LostAnswer, 10_000);
        t.until("it is held", async || !t.at_the_target().holds.is_empty())
            .await;
        // Its answer is lost too, and it is done.
        t.unhold_as(Who::Ada, "it was looked into").await;
        assert!(t.at_the_target().holds.is_empty());
        let released = |line: &Line<Fact>| {
            matches!(&line.fact, Fact::Done { outcome, .. } if **outcome == Outcome::LeaseReleased)
        };
        let let_go = || t.records(&id).iter().filter(|line| released(line)).count();
        assert_eq!(let_go(), 1, "when it went live, and not since");
        t.cloud.faults().clear();
        t.wait_until(&id, "rolled back").await;
        assert_eq!(let_go(), 2);
        let target = t.at_the_target();
        assert_eq!((target.holds.len(), target.lifted.len()), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn what_never_had_traffic_holds_nothing() {
    Setup::default()
        .story(async |t| {
            let id = t.asked().await;
            t.cloud.fail_next_deployment("OutOfQuota", "no cores");
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "rolled back").await;
            assert!(t.at_the_target().holds.is_empty());
        })
        .await;
}
