//! Answers: who may give them, when, and what each refusal says.

use jiff::SignedDuration;
use promotion::Aggregate as _;

use super::people::Shown;
use super::{Setup, Who, story};

#[tokio::test]
async fn a_better_model_is_approved_and_serves() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        assert_eq!(t.serving(), ["diabetes:2 100"]);
        assert!(
            t.cards().last().unwrap().contains("live"),
            "{:?}",
            t.cards()
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_answer_is_told_why() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Sam, &id)
            .await
            .offers_no_form("Model.Approver");
        t.approve_as(Who::Tina, &id)
            .await
            .offers_no_form("Model.Approver");
        assert_eq!(t.stage(&id), "awaiting approval");
        assert!(t.promotion(&id).stage().votes().is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_trained_it_does_not_judge_it() {
    let setup = Setup::default().with_approver(Who::Tina);
    setup
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Tina, &id)
                .await
                .offers_no_form("somebody else has to judge it");
            assert!(t.promotion(&id).stage().votes().is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_form_that_was_left_open_counts_for_what_is_so_now() {
    let setup = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    setup
        .story(async |t| {
            let id = t.asked().await;
            let question = t.newest_question(&id);
            let approve = [("decision", "approve")];
            let window = async |who| t.open_form(who, &question).await.ok().unwrap();
            let (first, second, late) = (
                window(Who::Ada).await,
                window(Who::Ada).await,
                window(Who::Ben).await,
            );
            let send = async |window| Shown::to(t.fill_in(window, &question, &approve)).await;
            send(&first).await.taken();
            send(&second).await.refused(409, "already voted");
            t.advance_clock(SignedDuration::from_hours(73)).await;
            send(&late).await.refused(410, "expired");
            t.wait_until(&id, "expired").await;
        })
        .await;
}

#[tokio::test]
async fn two_approvals_come_from_two_people() {
    let setup = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    setup
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.approve_as(Who::Ada, &id)
                .await
                .refused(409, "already voted");
            assert_eq!(t.stage(&id), "awaiting approval");
            t.approve_as(Who::Ben, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_decided_question_is_not_decided_again() {
    story(async |t| {
        let id = t.asked().await;
        t.reject_as(Who::Ada, &id, "no").await.taken();
        t.approve_as(Who::Ben, &id).await.offers_no_form("decided");
        t.wait_until(&id, "rejected").await;
    })
    .await;
}

#[tokio::test]
async fn a_question_expires() {
    story(async |t| {
        let id = t.asked().await;
        t.advance_clock(SignedDuration::from_hours(73)).await;
        t.approve_as(Who::Ada, &id).await.offers_no_form("expired");
        t.wait_until(&id, "expired").await;
        assert!(t.cards().last().unwrap().contains("expired"));
    })
    .await;
}

#[tokio::test]
async fn a_vote_without_a_form_is_refused_as_well() {
    story(async |t| {
        let id = t.asked().await;
        let (question, cookie) = (t.newest_question(&id), t.sign_in(Who::Sam).await);
        let adas = t.see(Who::Ada, &question).await.token().unwrap().to_owned();
        for csrf in ["", "1.AAAA", adas.as_str()] {
            let fields = [
                ("decision", "approve".to_owned()),
                ("csrf", csrf.to_owned()),
            ];
            let request = t.post_form(&question, &fields).header("cookie", &cookie);
            let request = request
                .header("origin", t.origin())
                .header("sec-fetch-site", "same-origin");
            Shown::to(request)
                .await
                .refused(403, "shown to somebody else");
        }
        assert!(!t.promotion(&id).is_closed() && t.promotion(&id).stage().votes().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_fits_into_the_field_is_taken_though_a_form_sends_a_line_break_as_two_characters() {
    story(async |t| {
        let id = t.asked().await;
        // 2000 characters, as the page's field counts them.
        let typed = "x\r\n".repeat(1000);
        t.reject_as(Who::Ada, &id, &format!("{typed}y"))
            .await
            .refused(400, "has 2001 characters, and 2000 are kept");
        t.reject_as(Who::Ada, &id, &typed).await.taken();
        t.wait_until(&id, "rejected").await;
        let said = t.promotion(&id).stage().votes()[0].comment.clone();
        assert!(said.ends_with("x x"), "{said}");
    })
    .await;
}
