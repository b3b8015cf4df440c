//! Verbs, holds and freezes: what moves or stops the line.

use crate::stories::{Who, story};

#[tokio::test]
async fn verbs_are_said_as_on_the_board() {
    story(async |t| {
        let id = t.asked().await;
        let verb = |verb: &'static str| [verb, id.as_str(), "--reason", "as agreed"];
        t.liftlock(Who::Sam, &verb("abort"))
            .await
            .ended(1, "Model.Approver");
        t.liftlock(Who::Ada, &verb("replay"))
            .await
            .ended(4, "not possible");
        t.liftlock(Who::Ada, &verb("resume"))
            .await
            .ended(4, "does not wait");
        t.liftlock(Who::Ada, &verb("abort")).await.done();
        t.wait_until(&id, "aborted").await;
        let refused = t
            .liftlock(Who::Ada, &["abort", id.as_str(), "--reason", " ", "--json"])
            .await;
        assert!(
            refused.json()["error"]["message"].is_string(),
            "{refused:?}"
        );
        t.liftlock(Who::Ada, &verb("reopen")).await.done();
        t.wait_until(&id, "awaiting approval").await;
        let foreseen = t
            .liftlock(Who::Ada, &["replay", id.as_str(), "--dry-run"])
            .await;
        assert!(foreseen.done().contains("Replay: "), "{foreseen:?}");
        t.liftlock(
            Who::Ada,
            &["abort", "nothing-1.x-0000000000", "--reason", "x"],
        )
        .await
        .ended(3, "There is no promotion");
        t.liftlock(Who::Ada, &["why", ".."]).await.ended(3, "..");
    })
    .await;
}

#[tokio::test]
async fn a_target_is_held_by_name() {
    story(async |t| {
        let reason = ["--reason", "a freeze for the fair"];
        let on = |verb, name| [&[verb, name][..], &reason].concat();
        t.liftlock(Who::Ada, &on("hold", "nowhere"))
            .await
            .ended(3, "prod/diabetes");
        t.liftlock(Who::Sam, &on("hold", "diabetes"))
            .await
            .ended(1, "Model.Approver");
        let held = t.liftlock(Who::Ada, &on("hold", "prod/diabetes")).await;
        assert!(
            held.done()
                .contains("by Ada Approver: a freeze for the fair"),
            "{held:?}"
        );
        let board = t.liftlock(Who::Sam, &["status"]).await;
        assert!(board.done().contains("Held: prod/diabetes"), "{board:?}");
        t.liftlock(Who::Ben, &on("unhold", "diabetes")).await.done();
    })
    .await;
}

#[tokio::test]
async fn the_line_is_stopped_and_let_go_on() {
    story(async |t| {
        let freeze = |who, scope: &'static [&'static str]| {
            let arguments = [&["freeze"], scope, &["--reason", "the fair", "--for", "4h"]].concat();
            async move { t.liftlock(who, &arguments).await }
        };
        freeze(Who::Sam, &["--stage", "prod"])
            .await
            .ended(1, "Model.Approver");
        freeze(Who::Ada, &["--stage", "moon"])
            .await
            .ended(3, "prod");
        freeze(Who::Ada, &[]).await.ended(2, "--everything");
        freeze(Who::Ada, &["--everything", "--stage", "prod"])
            .await
            .ended(2, "cannot be used");
        freeze(Who::Ada, &["--stage", "prod"]).await.done();
        let board = t.liftlock(Who::Sam, &["status"]).await;
        assert!(
            board.done().contains("Frozen: stage prod since "),
            "{board:?}"
        );
        assert!(board.out.contains("by Ada Approver: the fair"), "{board:?}");
        let lift =
            |scope: &[&'static str]| [&["unfreeze"], scope, &["--reason", "it is over"]].concat();
        t.liftlock(Who::Ben, &lift(&["--model", "diabetes"]))
            .await
            .ended(3, "no freeze of model diabetes");
        let lifted = t.liftlock(Who::Ben, &lift(&["--stage", "prod"])).await;
        assert_eq!(lifted.done(), "The freeze of stage prod is lifted.\n");
        assert!(t.frozen().await.is_empty());
    })
    .await;
}
