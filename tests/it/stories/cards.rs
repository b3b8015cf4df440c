//! A promotion's card in the channel, where Teams or the storage does not do as they are told.

use std::time::Duration;

use cloud_sim::Fault;
use reqwest::StatusCode;

use super::{Setup, Tester, Who, story};

fn status(status: StatusCode, code: &str) -> Fault {
    Fault::Status {
        status,
        code: code.to_owned(),
    }
}

impl Tester {
    /// How many threads the bot has begun.
    fn threads_begun(&self) -> usize {
        let posts = self.cloud.posts().into_iter();
        posts.filter(|post| post.answers.is_none()).count()
    }

    /// How many lines of the log say that.
    fn times_logged(&self, words: &str) -> usize {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line.contains(words)).count()
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

#[tokio::test]
async fn a_token_that_is_refused_once_begins_no_second_card() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let refused = status(StatusCode::UNAUTHORIZED, "Unauthorized");
        t.cloud.faults().add("teams.activities.put", refused, 4);
        t.press_as(Who::Ada, &post, "Approve", "").await;
        t.wait_until(&id, "live").await;
        assert_eq!(t.post_that_says(": live").await, post);
        assert_eq!(t.threads_begun(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_anew_can_be_clicked_on_also_where_nobody_could_write_down_where_it_is() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let question = t.newest_question(&id);
        t.approve_as(Who::Ada, &id).await.taken();
        t.cloud.delete_post(&post);
        let faults = t.cloud.faults();
        let delay = Duration::from_secs(2);
        faults.add("teams.conversations.post", Fault::Delay { delay }, 1);
        let back = t.answer_as(Who::Ada, &question, "revoke", "not yet").await;
        back.taken();
        t.until("the card is on its way", async || {
            faults.pending().is_empty()
        })
        .await;
        let refused = status(StatusCode::FORBIDDEN, "AuthorizationFailure");
        faults.add("blob.put", refused, 10_000);
        t.until("nobody knows where it is", async || {
            t.times_logged("where the card is could not be kept") > 0
        })
        .await;
        faults.clear();
        let anew = t.post_that_says("approval taken back").await;
        assert_ne!(anew, post);
        for who in [Who::Ada, Who::Ben] {
            let yes = t.press_as(who, &anew, "Approve", "").await;
            assert!(yes.card().is_some(), "{yes:?}");
        }
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn progress_that_cannot_be_shown_is_told_once() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let blocked = status(StatusCode::FORBIDDEN, "MessageWritesBlocked");
        let away = status(StatusCode::SERVICE_UNAVAILABLE, "Unavailable");
        let faults = t.cloud.faults();
        faults.add("teams.activities.put", blocked, 10_000);
        faults.add("arm.versions.put", away, 10_000);
        t.press_as(Who::Ada, &post, "Approve", "").await;
        t.wait_until(&id, "registering").await;
        let words = "the card in the channel does not show how far it is";
        t.until("it is told", async || t.times_logged(words) > 0)
            .await;
        t.advance_clock(jiff::SignedDuration::from_mins(1)).await;
        let (told, records) = (t.times_logged(words), t.records(&id).len());
        // It is tried again and again, and stands where it stood.
        for _ in 0..3 {
            t.advance_clock(jiff::SignedDuration::from_mins(6)).await;
        }
        assert!(t.records(&id).len() > records);
        assert_eq!(t.times_logged(words), told);
        t.cloud.faults().clear();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn progress_that_cannot_be_shown_for_now_is_shown_a_minute_later() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        t.quiet().await;
        let asked = t.shared(&post).len();
        let faults = t.cloud.faults();
        let busy = status(StatusCode::TOO_MANY_REQUESTS, "RateLimited");
        faults.add("teams.activities.put", busy, 10_000);
        t.approve_as(Who::Ada, &id).await.taken();
        let words = "the card in the channel does not show how far it is";
        t.until("it is told", async || t.times_logged(words) > 0)
            .await;
        t.quiet().await;
        assert_eq!(t.shared(&post).len(), asked);
        faults.clear();
        t.advance_clock(jiff::SignedDuration::from_mins(2)).await;
        let shown = t.shared(&post).pop().unwrap().to_string();
        assert!(shown.contains("approved by 1 of 2"), "{shown}");
        assert_eq!(t.shared(&post).len(), asked + 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_that_can_never_be_changed_is_not_tried_for_ever() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, _) = t.asked_in_channel().await;
        let away = status(StatusCode::BAD_GATEWAY, "BadGateway");
        t.cloud.faults().add("teams.activities.put", away, 10_000);
        t.approve_as(Who::Ada, &id).await.taken();
        let words = "the card in the channel does not show how far it is";
        for _ in 0..17 {
            t.advance_clock(jiff::SignedDuration::from_hours(1)).await;
        }
        // After twice as long each time, for half a day; then it waits for the next reminder.
        let told = t.times_logged(words);
        assert!((3..15).contains(&told), "{told} times");
        for _ in 0..5 {
            t.advance_clock(jiff::SignedDuration::from_hours(1)).await;
        }
        assert_eq!(t.times_logged(words), told);
        let listed = t.see(Who::Sam, "/api/v1/promotions").await.json();
        let idle = &listed["value"][0]["wakeUpsWithoutProgress"];
        assert!(idle.as_u64().is_some_and(|idle| idle < 3), "{listed}");
        t.cloud.faults().clear();
    })
    .await;
}
