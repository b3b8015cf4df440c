//! What the numbered list adds at its end (attacks 26 to 28, 31 and 32).

use cloud_sim::{Kind, ModelKind, Person};
use jiff::SignedDuration;
use promotion::PromotionId;
use serde_json::json;

use super::votes::{copies, two};
use crate::stories::people::{BOARD, page_of};
use crate::stories::stopped::opening_in;
use crate::stories::tester::promotion_of;
use crate::stories::{Setup, Tester, Who, story};

/// A card that comes into somebody's view asks the bot for how things are, whatever it carries.
#[tokio::test]
async fn attack_26_a_card_that_refreshes_itself_votes_for_nobody() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let traces = t.traces().await;
        for verb in [
            "approval.approve",
            "approval.reject",
            "approval.refresh",
            "rollout.resume",
        ] {
            let mut seen = t.approval_of(Who::Ada, &post);
            seen["value"]["trigger"] = json!("automatic");
            seen["value"]["action"]["verb"] = json!(verb);
            seen["value"]["action"]["data"]["comment"] = json!("nobody typed this");
            let answered = t.deliver_to_bot(&seen).await;
            let card = answered.card().expect("the card as it is").to_string();
            assert!(card.contains("approval.approve"), "{card}");
        }
        for who in [Who::Ada, Who::Ben, Who::Tina, Who::Sam] {
            t.cloud.look_at(&who.object_id(), &post).await.unwrap();
        }
        t.untouched(&traces).await;
        t.nobody_counts(&id).await;
        // The same person clicks, and that counts.
        t.press_as(Who::Ada, &post, "Approve", "").await;
        t.wait_until(&id, "live").await;
    })
    .await;
}

/// A workflow takes a card with 202 and may lose it: whoever is not heard of is asked again, by a card that says everything.
#[tokio::test]
async fn attack_27_a_card_that_nobody_answers_is_posted_again() {
    story(async |t| {
        let id = t.asked().await;
        let first = t.newest_question(&id);
        assert_eq!(t.cards().len(), 1);
        t.advance_clock(SignedDuration::from_hours(23)).await;
        assert_eq!(t.cards().len(), 1, "not before its time");
        t.advance_clock(SignedDuration::from_hours(2)).await;
        t.until("it is asked again", async || t.cards().len() == 2)
            .await;
        let again = t.cards().pop().unwrap();
        assert!(again.contains("still waits for approval"), "{again}");
        for part in ["Needs", "Expires", "Files", "Rollout", "Serves now", &first] {
            assert!(again.contains(part), "{part}: {again}");
        }
        t.advance_clock(SignedDuration::from_hours(24)).await;
        t.until("and once more", async || t.cards().len() == 3)
            .await;
        // Whoever has answered is left in peace.
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        t.advance_clock(SignedDuration::from_hours(20)).await;
        let reminders = t
            .cards()
            .into_iter()
            .filter(|card| card.contains("still waits"));
        assert_eq!(reminders.count(), 2);
    })
    .await;
}

impl Tester {
    /// Whose word counts no more, once the window has opened.
    async fn is_missed(&self, id: &PromotionId, who: Who, change: impl FnOnce(&mut Person)) {
        self.cloud.directory().change(&who.object_id(), change);
        self.advance_clock(SignedDuration::from_hours(5)).await;
        self.wait_until(id, "voided").await;
        self.quiet().await;
        let card = self.cards().pop().unwrap();
        assert!(
            card.contains("does not hold any more what that needs"),
            "{card}"
        );
        assert!(card.contains("Ada Approver"), "{card}");
        let copied = (self.performed(id, copies), self.versions_in_prod());
        assert_eq!(copied, (0, 1), "nothing was copied");
    }
}

/// A quorum is asked after right before the copy, also where that has waited since it was complete, and before traffic.
#[tokio::test]
async fn attack_28_who_has_left_since_counts_no_more() {
    // Before the quorum is complete.
    two()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            let people = t.cloud.directory();
            people.change(&Who::Ada.object_id(), |ada| ada.roles.clear());
            t.approve_as(Who::Ben, &id).await.taken();
            t.wait_until(&id, "voided").await;
            let why = t.why(&id);
            assert!(why.contains("Ada Approver"), "{why}");
            assert!(
                why.contains("does not hold any more what that needs"),
                "{why}"
            );
            assert_eq!((t.performed(&id, copies), t.versions_in_prod()), (0, 1));
        })
        .await;
    // Between the quorum and the copy.
    let (deadlines, windows) = opening_in(5);
    let changes: [fn(&mut Person); 3] = [
        |ada| ada.roles.clear(),
        |ada| ada.enabled = false,
        |ada| ada.kind = Kind::Guest,
    ];
    for change in changes {
        let waiting = Setup::default().with(&deadlines, &windows);
        waiting
            .story(async |t| {
                let id = t.asked().await;
                t.approve_as(Who::Ada, &id).await.taken();
                t.until_stopped(&id, "next window opens at").await;
                t.is_missed(&id, Who::Ada, change).await;
            })
            .await;
    }
    // Before the first traffic.
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "deploying").await;
        t.cloud.directory().remove(&Who::Ada.object_id());
        t.wait_until(&id, "voided").await;
        assert!(
            t.why(&id).contains("does not hold any more"),
            "{}",
            t.why(&id)
        );
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
    })
    .await;
    // Where enough others are left, nothing is missing.
    story(async |t| {
        let id = t.asked().await;
        let people = t.cloud.directory();
        people.change(&Who::Ben.object_id(), |ben| ben.roles.clear());
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

/// Event Grid delivers at least once, in any order, for a day.
#[tokio::test]
async fn attack_31_an_event_that_comes_again_asks_nobody_again() {
    story(async |t| {
        t.with_bot().await;
        t.cloud.hold_events();
        let version = t.cloud.register(ModelKind::Challenger).unwrap().version;
        t.cloud.release_events(true, 5);
        let id = t.opened(&version).await;
        t.wait_until(&id, "awaiting approval").await;
        t.until("it is asked", async || !t.cloud.posts().is_empty())
            .await;
        t.cloud.resend_last_event(3);
        t.quiet().await;
        let open: Vec<_> = t.promotions().iter().map(|one| one.id().clone()).collect();
        assert_eq!(
            open,
            [promotion_of(&version)],
            "the same id for the same model"
        );
        assert_eq!((t.cloud.posts().len(), t.questions(&id).len()), (1, 1));
        let events = t.see(Who::Sam, "/api/v1/events").await.json();
        assert_eq!(
            events["value"].as_array().map(Vec::len),
            Some(1),
            "{events}"
        );
        // Nor what has ended.
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.wait_until(&id, "rejected").await;
        t.quiet().await;
        let traces = t.traces().await;
        t.cloud.resend_last_event(3);
        t.quiet().await;
        t.untouched(&traces).await;
    })
    .await;
}

/// The way past the quorum: a role of its own, two people, a reason each, told to everybody.
#[tokio::test]
async fn attack_32_breaking_the_glass_takes_two_and_is_loud() {
    let glass = "      minApprovals: 5\n      override: [{ role: Break.Glass }]\n";
    let setup = Setup::default().with("      minApprovals: 1\n", glass);
    setup
        .with_approver(Who::Tina)
        .story(async |t| {
            let id = t.asked().await;
            let break_as = async |who, why: &str| t.says_as(who, &id, "override", why).await;
            let traces = t.traces().await;
            // The approvers' role is none of its own.
            break_as(Who::Ada, "production is down").await.refused(
                403,
                "This needs the role Break.Glass; your roles: Model.Approver.",
            );
            for who in [Who::Ada, Who::Ben, Who::Tina] {
                let people = t.cloud.directory();
                people.change(&who.object_id(), |one| {
                    one.roles.push("Break.Glass".to_owned());
                });
            }
            break_as(Who::Tina, "mine")
                .await
                .refused(403, "so somebody else has to judge it");
            for nothing in ["", " \n"] {
                break_as(Who::Ada, nothing)
                    .await
                    .refused(400, "“override” needs a reason");
            }
            t.denied(&traces, &id, 2).await;
            t.frozen_by_ben(&json!({ "stage": "prod" })).await;
            break_as(Who::Ada, "production is down").await.taken();
            t.quiet().await;
            assert_eq!(
                t.stage(&id),
                "awaiting approval",
                "one alone breaks nothing"
            );
            assert_eq!((t.performed(&id, copies), t.versions_in_prod()), (0, 1));
            let wanted = |card: &String| {
                card.contains("OVERRIDE wanted") && card.contains("production is down")
            };
            assert!(t.cards().iter().any(wanted), "{:?}", t.cards());
            break_as(Who::Ada, "I said so")
                .await
                .refused(409, "the second person has to be somebody else");
            assert_eq!(t.stage(&id), "awaiting approval");
            // No freeze that both know of holds it up.
            break_as(Who::Ben, "it is").await.taken();
            t.wait_until(&id, "live").await;
            t.quiet().await;
            let loud = t
                .cards()
                .into_iter()
                .find(|card| card.contains("OVERRIDDEN, not approved"));
            let loud = loud.expect("everybody is told");
            for part in [
                "production is down",
                "it is",
                "Ada Approver",
                "Ben Approver",
                "review it afterwards",
            ] {
                assert!(loud.contains(part), "{part}: {loud}");
            }
            assert!(!t.cards().iter().any(|card| card.contains(": approved")));
            // It stays to be seen.
            let page = t.see(Who::Sam, &page_of(&id)).await.sentence();
            for part in ["OVERRIDDEN", "production is down"] {
                assert!(page.contains(part), "{part}: {page}");
            }
            let board = t.see(Who::Sam, BOARD).await.sentence();
            let shown = t
                .see(Who::Sam, &format!("/api/v1/promotions/{id}"))
                .await
                .text;
            assert!(shown.contains("OVERRIDDEN"), "{shown}");
            assert!(board.contains("OVERRIDDEN"), "{board}");
            assert!(board.contains("not reviewed"), "{board}");
            // Somebody else looks at it afterwards, and says what they found.
            t.cloud.directory().change(&Who::Sam.object_id(), |sam| {
                sam.roles.push("Break.Glass".to_owned());
            });
            let review = async |who, found: &str| t.says_as(who, &id, "review", found).await;
            for (who, why) in [
                (Who::Ada, "You are one of those who overrode it"),
                (Who::Tina, "so somebody else has to judge it"),
            ] {
                review(who, "it was needed").await.refused(403, why);
            }
            review(Who::Sam, " ")
                .await
                .refused(400, "“review” needs a reason");
            review(Who::Sam, "it was needed").await.taken();
            t.quiet().await;
            let board = t.see(Who::Ben, BOARD).await.sentence();
            assert!(board.contains("OVERRIDDEN"), "{board}");
            assert!(!board.contains("not reviewed"), "{board}");
        })
        .await;
}
