//! Answers other than yes and no, by the page: one is taken back, and two people go past the quorum.

use promotion::PromotionId;
use serde_json::Value;

use super::people::BOARD;
use super::{Setup, Tester, Who};

/// Ada and Ben approve, and may override as well.
fn with_override() -> Setup {
    Setup::default().with(
        "minApprovals: 1",
        "minApprovals: 2\n      override: [{ role: Model.Approver }]",
    )
}

impl Tester {
    /// What a listing says of it.
    async fn is_listed_as_overridden(&self, id: &PromotionId) -> bool {
        let listed = self.see(Who::Sam, "/api/v1/promotions").await.json();
        let of_it = |row: &&Value| row["id"] == id.as_str();
        let row = listed["value"].as_array().unwrap().iter().find(of_it);
        row.unwrap()["overridden"] == true
    }
}

#[tokio::test]
async fn the_page_offers_to_take_an_approval_back_to_whoever_gave_it() {
    with_override()
        .story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            let shown = async |who| t.see(who, &question).await.text;
            assert!(!shown(Who::Ada).await.contains("Take my approval back"));
            t.approve_as(Who::Ada, &id).await.taken();
            assert!(shown(Who::Ada).await.contains("Take my approval back"));
            assert!(!shown(Who::Ben).await.contains("Take my approval back"));
            let silent = t.answer_as(Who::Ada, &question, "revoke", " ").await;
            silent.refused(400, "reason");
            let foreign = t.answer_as(Who::Ben, &question, "revoke", "hers").await;
            foreign.refused(409, "no approval here");
            let back = t
                .answer_as(Who::Ada, &question, "revoke", "read it again")
                .await;
            back.taken();
            t.approve_as(Who::Ben, &id).await.taken();
            assert_eq!(t.stage(&id), "awaiting approval");
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            assert!(!t.is_listed_as_overridden(&id).await);
        })
        .await;
}

#[tokio::test]
async fn what_is_overridden_is_not_said_to_be_held_up() {
    with_override()
        .story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            for who in [Who::Ada, Who::Ben] {
                let sent = t.answer_as(who, &question, "override", "the shop is down");
                sent.await.taken();
            }
            let freeze = serde_json::json!({ "scope": {}, "reason": "the year ends" });
            t.freeze_as(Who::Ben, &freeze).await.taken();
            let page = t.see(Who::Sam, &super::people::page_of(&id)).await.text;
            assert!(!page.contains("the year ends"), "{page}");
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn two_people_override_by_the_page_and_everybody_goes_on_seeing_it() {
    with_override()
        .story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            let shown = t.see(Who::Ada, &question).await;
            assert!(
                shown.text.contains("This is no approval."),
                "{}",
                shown.text
            );
            let stranger = t.see(Who::Sam, &question).await;
            assert!(!stranger.text.contains("This is no approval."));
            let why = "the shop is down";
            let sent = t.answer_as(Who::Sam, &question, "override", why).await;
            sent.refused(403, "Model.Approver");
            t.answer_as(Who::Ada, &question, "override", why)
                .await
                .taken();
            let again = t.answer_as(Who::Ada, &question, "override", why).await;
            again.refused(409, "somebody else");
            assert_eq!(t.stage(&id), "awaiting approval");
            t.answer_as(Who::Ben, &question, "override", why)
                .await
                .taken();
            t.wait_until(&id, "live").await;
            assert!(t.is_listed_as_overridden(&id).await);
            let board = t.see(Who::Sam, BOARD).await.text;
            assert!(board.contains("OVERRIDDEN"), "{board}");
            let page = t.see(Who::Sam, &super::people::page_of(&id)).await.text;
            assert!(
                page.contains("OVERRIDDEN by Ada Approver and Ben Approver, not approved"),
                "{page}"
            );
            t.until("the last card says so as well", async || {
                let cards = t.cards();
                let last = cards.last().unwrap();
                last.contains(": live") && last.contains("OVERRIDDEN by Ada Approver")
            })
            .await;
            assert!(t.cards().iter().all(|card| !card.contains(": approved")));
        })
        .await;
}
