//! What asks is looked at and answered.

use promotion::PromotionId;

use super::terminal::Ran;
use crate::stories::people::page_of;
use crate::stories::{Setup, Tester, Who, story};

#[tokio::test]
async fn what_asks_is_shown_and_approved_by_what_was_seen() {
    story(async |t| {
        let id = t.asked().await;
        let board = t.liftlock(Who::Sam, &["status", "--to", "prod"]).await;
        let since = board.since();
        insta::assert_snapshot!(board.done().replace(&since, "[since]"), @"
        MODEL       WAY         STAGE              WAITS FOR                            SINCE             ID
        diabetes 2  dev → prod  awaiting approval  1 approval with role Model.Approver  [since]  diabetes-2.diabetes-to-prod-fa8004c2a5
        ");
        let one = t.liftlock(Who::Ada, &["status", id.as_str()]).await;
        assert!(
            one.done().contains("awaiting approval, attempt 1"),
            "{one:?}"
        );
        let why = t.liftlock(Who::Ada, &["why", id.as_str()]).await;
        assert!(why.done().contains("Model.Approver"), "{why:?}");

        let asked = t
            .liftlock(Who::Ada, &["status", id.as_str(), "--json"])
            .await;
        let digest = asked.json()["pinned"]["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        let approve = ["approve", id.as_str(), "--comment", "fine", "--digest"];
        let approve = |digest| [&approve[..], &[digest]].concat();
        t.liftlock(Who::Ada, &["approve", id.as_str()])
            .await
            .ended(2, "--digest");
        t.liftlock(Who::Ada, &approve("0123456789abcdef"))
            .await
            .ended(4, "has changed");
        t.liftlock(Who::Ada, &approve(&digest[..8]))
            .await
            .ended(2, "first 12 digits");
        t.liftlock(Who::Sam, &approve(&digest))
            .await
            .ended(1, "Model.Approver");
        assert_eq!(t.stage(&id), "awaiting approval");
        t.liftlock(Who::Ada, &approve(&digest[..12]))
            .await
            .done();
        t.wait_until(&id, "live").await;
        t.liftlock(Who::Ben, &approve(&digest))
            .await
            .ended(4, "already decided");
    })
    .await;
}

#[tokio::test]
async fn a_rejection_is_said_why_and_ends_it() {
    story(async |t| {
        let id = t.asked().await;
        let digest = t.digest(&id).await;
        let reject = ["reject", id.as_str(), "--digest", digest.as_str()];
        t.liftlock(Who::Ben, &reject).await.ended(2, "--comment");
        let told = [&reject[..], &["--comment", "worse on one group"]].concat();
        t.liftlock(Who::Ben, &told).await.done();
        t.wait_until(&id, "rejected").await;
        let again = t
            .liftlock(Who::Ada, &[&told[..], &["--json"]].concat())
            .await;
        again.ended(4, "rejected");
    })
    .await;
}

impl Ran {
    /// When the first promotion on the board began.
    fn since(&self) -> String {
        let line = self.out.lines().nth(1).unwrap();
        let (before, _) = line.rsplit_once("  ").unwrap();
        before[before.len() - 16..].to_owned()
    }
}

impl Tester {
    /// The digest of what a promotion asks, as a program finds it.
    pub(in crate::stories) async fn digest(&self, id: &promotion::PromotionId) -> String {
        let path = format!("/api/v1/promotions/{id}/decisions");
        let asked = self.see(Who::Sam, &path).await.json();
        asked["digest"].as_str().unwrap().to_owned()
    }
}

impl Tester {
    /// On every short view of it.
    async fn says_overridden(&self, id: &PromotionId, badge: &str, sentence: &str) {
        let board = self.liftlock(Who::Sam, &["status"]).await;
        let badge = format!("live, OVERRIDDEN, {badge} ");
        assert!(board.done().contains(&badge), "{board:?}");
        for view in ["status", "why"] {
            let shown = self.liftlock(Who::Sam, &[view, id.as_str()]).await;
            let words = "OVERRIDDEN by Ada Approver and Ben Approver, not approved";
            let said = shown.done().contains(words) && shown.out.contains(sentence);
            assert!(said, "{shown:?}");
        }
    }
}

#[tokio::test]
async fn an_override_is_reviewed_from_the_command_line() {
    let overriding = Setup::default()
        .with(
            "minApprovals: 1",
            "minApprovals: 2\n      override: [{ role: Model.Approver }]",
        )
        .with_approver(Who::Sam);
    overriding
        .story(async |t| {
            let id = t.asked().await;
            let asked = t
                .liftlock(Who::Ada, &["status", id.as_str(), "--json"])
                .await;
            let digest = asked.json()["pinned"]["digest"]
                .as_str()
                .unwrap()
                .to_owned();
            let say = |verb, comment| {
                [
                    verb,
                    id.as_str(),
                    "--digest",
                    &digest,
                    "--yes",
                    "--comment",
                    comment,
                ]
            };
            t.liftlock(Who::Sam, &say("review", "too early"))
                .await
                .ended(4, "only after an override");
            for who in [Who::Ada, Who::Ben] {
                t.liftlock(who, &say("override", "the shop is down"))
                    .await
                    .done();
            }
            t.wait_until(&id, "live").await;
            t.says_overridden(&id, "not reviewed", "somebody else has to review it")
                .await;
            // Asked for again meanwhile, it is found by what was seen, or as the oldest that waits.
            t.liftlock(
                Who::Ada,
                &["rollback", id.as_str(), "--reason", "it smells"],
            )
            .await
            .done();
            t.wait_until(&id, "rolled back").await;
            t.lift_hold().await;
            t.liftlock(Who::Ada, &["reopen", id.as_str(), "--reason", "mended"])
                .await
                .done();
            t.wait_until(&id, "awaiting approval").await;
            t.liftlock(Who::Ben, &say("review", "we were right"))
                .await
                .ended(1, "overrode it");
            let reviewed = t
                .liftlock(Who::Sam, &say("review", "they were right"))
                .await;
            reviewed.done();
            t.liftlock(Who::Sam, &say("review", "once more"))
                .await
                .ended(4, "already reviewed by Sam Stranger");
            assert_eq!(t.promotion(&id).unreviewed().count(), 0);
            let page = t.see(Who::Tina, &page_of(&id)).await.sentence();
            assert!(page.contains("they were right"), "{page}");
        })
        .await;
}
