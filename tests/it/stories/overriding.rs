//! Answers other than yes and no, by the page: one is taken back, and two people go past the quorum.

use promotion::PromotionId;
use serde_json::Value;

use super::people::BOARD;
use super::{Setup, Tester, Who, story};

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
            let freeze = serde_json::json!({ "scope": {}, "reason": "the year ends" });
            t.freeze_as(Who::Ben, &freeze).await.taken();
            t.advance_clock(jiff::SignedDuration::from_secs(1)).await;
            for who in [Who::Ada, Who::Ben] {
                let sent = t.answer_as(who, &question, "override", "the shop is down");
                sent.await.taken();
            }
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
            sent.offers_no_form("Model.Approver");
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

/// What stands beside an overridden promotion on the board.
async fn badge(t: &Tester) -> &'static str {
    let board = t.see(Who::Tina, BOARD).await.text;
    let says = |words: &str| board.contains(&format!("<span class=\"quiet\">{words}</span>"));
    assert!(board.contains("OVERRIDDEN"), "{board}");
    match (says("not reviewed"), says("reviewed")) {
        (true, false) => "not reviewed",
        (false, true) => "reviewed",
        other => panic!("{other:?}: {board}"),
    }
}

#[tokio::test]
async fn an_override_is_reviewed_by_a_third_person_also_long_after_the_end() {
    for ended in [false, true] {
        let three = with_override().with_approver(Who::Sam);
        Box::pin(three.story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            for who in [Who::Ada, Who::Ben] {
                let sent = t.answer_as(who, &question, "override", "the shop is down");
                sent.await.taken();
            }
            t.wait_until(&id, "live").await;
            if ended {
                t.say_as(Who::Ada, &id, "roll-back", "it smells")
                    .await
                    .taken();
                t.wait_until(&id, "rolled back").await;
                t.quiet().await;
            }
            assert_eq!(badge(t).await, "not reviewed");
            let offered = async |who| {
                let shown = t.see(who, &question).await.text;
                shown.contains("Record my review of the override")
            };
            assert!(offered(Who::Sam).await && !offered(Who::Ada).await);
            let review = async |who, comment| t.says_as(who, &id, "review", comment).await;
            review(Who::Ada, "I was right")
                .await
                .refused(403, "one of those who overrode it");
            review(Who::Tina, "I trained it")
                .await
                .refused(403, "Model.Approver");
            review(Who::Sam, " ").await.refused(400, "needs a reason");
            let records = t.records(&id).len();
            let found = "It was down, and the gates had passed.";
            let sent = t.answer_as(Who::Sam, &question, "review", found).await;
            sent.taken();
            review(Who::Sam, "Once more.")
                .await
                .refused(409, "already reviewed by Sam Stranger");
            t.quiet().await;
            let written = t.records(&id).len() - records;
            assert!(written == if ended { 2 } else { 1 }, "{written}");
            assert_eq!(badge(t).await, "reviewed");
            let page = t.see(Who::Tina, &super::people::page_of(&id)).await.text;
            let says = "not approved; reviewed by Sam Stranger";
            assert!(page.contains(says), "{page}");
            let asked = format!("/api/v1/promotions/{id}/decisions");
            let asked = t.see(Who::Sam, &asked).await.json();
            assert_eq!(asked["overrides"].as_array().unwrap().len(), 2);
            let review = asked["review"].as_str().unwrap();
            assert!(review.contains("the gates had passed"), "{review}");
            if !ended {
                t.say_as(Who::Ada, &id, "roll-back", "it smells")
                    .await
                    .taken();
                t.wait_until(&id, "rolled back").await;
            }
            // Whatever was added, it ends as an auditor expects.
            let folder = tempfile::tempdir().unwrap();
            let journal = folder.path().join(format!("{id}.jsonl"));
            std::fs::write(journal, t.journal(&id).unwrap()).unwrap();
            let all = t.audit(folder.path(), &["verify", "--ended"]).await;
            assert!(all.status.success(), "{all:?}");
            assert_eq!(badge(t).await, "reviewed");
        }))
        .await;
    }
}

#[tokio::test]
async fn asking_again_forgets_no_override_and_tells_how_it_ended() {
    let three = with_override().with_approver(Who::Sam);
    three
        .story(async |t| {
            let id = t.asked().await;
            let first = t.newest_question(&id);
            for who in [Who::Ada, Who::Ben] {
                let sent = t.answer_as(who, &first, "override", "the shop is down");
                sent.await.taken();
            }
            t.wait_until(&id, "live").await;
            t.say_as(Who::Ada, &id, "roll-back", "it smells").await.taken();
            t.wait_until(&id, "rolled back").await;
            t.lift_hold().await;
            t.say_as(Who::Ada, &id, "reopen", "it was the sensor").await.taken();
            t.wait_until(&id, "awaiting approval").await;
            // What is asked now was not overridden, and what was stays owed.
            let board = t.see(Who::Tina, BOARD).await.sentence();
            assert!(board.contains("! earlier OVERRIDE"), "{board}");
            assert!(!t.is_listed_as_overridden(&id).await);
            let page = t.see(Who::Tina, &super::people::page_of(&id)).await.sentence();
            let owed = "Attempt 1 was OVERRIDDEN by Ada Approver and Ben Approver, and nobody has reviewed that";
            assert!(page.contains(owed), "{page}");
            // Whoever is asked reads what became of it, and who wants it again.
            let asked = t.see(Who::Sam, &t.newest_question(&id)).await.sentence();
            for words in ["Rolled back", "“it smells”", "Ada Approver asked for it again: “it was the sensor”"] {
                assert!(asked.contains(words), "{words}: {asked}");
            }
            assert!(t.cards().last().unwrap().contains("asked for it again"));
            // Its own page is where it is looked at, by none of the two.
            let old = async |who| t.see(who, &first).await.text;
            assert!(old(Who::Sam).await.contains("Record my review of the override"));
            assert!(!old(Who::Ada).await.contains("Record my review of the override"));
            let sent = t.answer_as(Who::Sam, &first, "review", "they were right").await;
            sent.taken();
            assert!(!old(Who::Sam).await.contains("Record my review of the override"));
            let board = t.see(Who::Tina, BOARD).await.text;
            assert!(!board.contains("OVERRID"), "{board}");
        })
        .await;
}

#[tokio::test]
async fn who_wants_an_override_is_told_to_whoever_may_be_the_second() {
    with_override()
        .story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            t.answer_as(Who::Ada, &question, "override", "the shop is down")
                .await
                .taken();
            let bens = t.see(Who::Ben, &question).await.text;
            for words in [
                "Ada Approver wants it overridden since",
                "the shop is down",
                "You are the second person",
            ] {
                assert!(bens.contains(words), "{words}: {bens}");
            }
            let adas = t.see(Who::Ada, &question).await.text;
            assert!(
                adas.contains("Take my override back") && adas.contains("A second person"),
                "{adas}"
            );
            // What was typed into one form stays there.
            let refused = t.answer_as(Who::Sam, &question, "override", "let me").await;
            refused.offers_no_form("Model.Approver");
            let refused = t
                .answer_as(Who::Ada, &question, "override", "once more")
                .await;
            let comment = refused.text.split("<textarea").nth(1).unwrap_or_default();
            let comment = comment.split("</textarea>").next().unwrap_or_default();
            assert!(!comment.contains("once more"), "{comment}");
            t.answer_as(Who::Ada, &question, "revoke", "it is up again")
                .await
                .taken();
            let bens = t.see(Who::Ben, &question).await.text;
            assert!(!bens.contains("wants it overridden"), "{bens}");
        })
        .await;
}

#[tokio::test]
async fn whoever_approved_and_rejects_then_is_told_what_to_do_first() {
    with_override()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let no = t.reject_as(Who::Ada, &id, "I was wrong").await;
            no.refused(409, "take your approval back first");
            assert_eq!(t.stage(&id), "awaiting approval");
        })
        .await;
}

#[tokio::test]
async fn who_may_not_answer_and_tries_is_on_record() {
    with_override()
        .story(async |t| {
            let id = t.asked().await;
            for _ in 0..2 {
                let sams = t.says_as(Who::Sam, &id, "approve", "me too").await;
                sams.refused(403, "Model.Approver");
                let tinas = t.says_as(Who::Tina, &id, "reject", "not mine").await;
                tinas.refused(403, "Model.Approver");
            }
            let page = t.see(Who::Ada, &super::people::page_of(&id)).await.text;
            for words in [
                "tried to approve and may not: none of what they hold is asked for",
                "Tina Trainer",
                "tried to reject and may not",
            ] {
                assert!(page.contains(words), "{words}: {page}");
            }
            let denied = |fact: &promotion::Fact| matches!(fact, promotion::Fact::Denied { .. });
            assert_eq!(t.recorded(&id, denied), 2);
            let folder = tempfile::tempdir().unwrap();
            let out = "p.audit.json";
            let arguments = ["export", id.as_str(), "--out", out];
            let done = t.audit(folder.path(), &arguments).await;
            assert!(done.status.success());
            let text = std::fs::read_to_string(folder.path().join(out)).unwrap();
            assert!(
                text.contains("may not: none of what they hold is asked for"),
                "{text}"
            );
        })
        .await;
}

#[tokio::test]
async fn where_nobody_may_override_that_is_said() {
    story(async |t| {
        let id = t.asked().await;
        let refused = t.says_as(Who::Ada, &id, "override", "quick").await;
        refused.refused(403, "This route allows no override");
    })
    .await;
}
