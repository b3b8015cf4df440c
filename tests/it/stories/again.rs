//! Reopening: from every end, with new evidence, a new question and a new deployment.

use cloud_sim::ModelKind;
use jiff::SignedDuration;

use super::people::Shown;
use super::{Who, story};

#[tokio::test]
async fn what_was_rolled_back_is_asked_about_again() {
    story(async |t| {
        let id = t.live().await;
        t.tell_as(Who::Ada, &id, "roll-back", "too early")
            .await
            .taken();
        t.wait_until(&id, "rolled back").await;
        t.lift_hold().await;
        t.tell_as(Who::Ben, &id, "reopen", "now it is time")
            .await
            .taken();
        t.wait_until(&id, "awaiting approval").await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
        assert_eq!(
            (t.promotion(&id).attempt().number(), t.promotions().len()),
            (2, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_blocked_is_judged_again() {
    story(async |t| {
        let id = t.register_model(ModelKind::Worse).await;
        t.wait_until(&id, "blocked").await;
        t.tell_as(Who::Ada, &id, "reopen", "look once more")
            .await
            .taken();
        t.wait_until(&id, "blocked").await;
        assert_eq!(t.promotion(&id).attempt().number(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_expired_is_asked_about_again() {
    story(async |t| {
        let id = t.asked().await;
        t.advance_clock(SignedDuration::from_hours(73)).await;
        t.wait_until(&id, "expired").await;
        t.tell_as(Who::Ada, &id, "reopen", "back from holidays")
            .await
            .taken();
        t.wait_until(&id, "awaiting approval").await;
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn changed_bytes_never_pass_again() {
    story(async |t| {
        let id = t.asked().await;
        t.cloud.tamper_candidate().unwrap();
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "voided").await;
        t.tell_as(Who::Ada, &id, "reopen", "perhaps it is fine")
            .await
            .taken();
        t.wait_until(&id, "blocked").await;
        assert!(
            t.cards().last().unwrap().contains("changed"),
            "{:?}",
            t.cards().last()
        );
    })
    .await;
}

#[tokio::test]
async fn a_window_from_the_attempt_before_is_superseded() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let window = t.open_form(Who::Ada, &question).await.ok().unwrap();
        t.reject_as(Who::Ben, &id, "not yet").await.taken();
        t.wait_until(&id, "rejected").await;
        t.tell_as(Who::Ben, &id, "reopen", "now").await.taken();
        t.wait_until(&id, "awaiting approval").await;
        let late = t.fill_in(&window, &question, &[("decision", "approve")]);
        Shown::to(late).await.refused(409, "superseded");
        assert!(t.promotion(&id).stage().votes().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_finished_may_be_reopened_while_it_serves() {
    story(async |t| {
        let id = t.live().await;
        t.advance_clock(SignedDuration::from_hours(25)).await;
        t.wait_until(&id, "finished").await;
        t.tell_as(Who::Ada, &id, "reopen", "what happens now?")
            .await
            .taken();
        t.wait_until(&id, "blocked").await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
    })
    .await;
}
