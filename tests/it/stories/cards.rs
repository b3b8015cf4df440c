//! A promotion's card in the channel, where Teams or the storage does not do as they are told.

use cloud_sim::Fault;
use reqwest::StatusCode;

use super::{Setup, Who};

fn status(status: StatusCode, code: &str) -> Fault {
    Fault::Status {
        status,
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn a_question_that_was_answered_while_the_channel_was_away_is_not_asked_any_more() {
    let two = Setup::default().with(
        "minApprovals: 1",
        "minApprovals: 2\n      remindEvery: 1h\n      override: [{ role: Model.Approver }]",
    );
    two.story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let asked = t.cards().len();
        let away = status(StatusCode::SERVICE_UNAVAILABLE, "Unavailable");
        t.cloud.faults().add("teams.post", away, 10_000);
        t.advance_clock(jiff::SignedDuration::from_mins(61)).await;
        t.approve_as(Who::Ada, &id).await.taken();
        let back = t.answer_as(Who::Ada, &question, "revoke", "not yet").await;
        back.taken();
        t.answer_as(Who::Ada, &question, "override", "the shop is down")
            .await
            .taken();
        t.answer_as(Who::Ada, &question, "revoke", "it is up again")
            .await
            .taken();
        for who in [Who::Ada, Who::Ben] {
            t.approve_as(who, &id).await.taken();
        }
        t.wait_until(&id, "live").await;
        t.cloud.faults().clear();
        let told = || t.cards().split_off(asked);
        t.until("the end is told", async || {
            told().iter().any(|card| card.contains(": live"))
        })
        .await;
        t.advance_clock(jiff::SignedDuration::from_mins(20)).await;
        for card in told() {
            for words in ["still waits", "taken back", "OVERRIDE", "Review and decide"] {
                assert!(!card.contains(words), "{card}");
            }
        }
    })
    .await;
}
