//! Decisions in the channel: people click on the bot's cards, and count as they do on the page.

use cloud_sim::Cloud;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::clicks::refused;
use super::{Setup, Who, story};

#[tokio::test]
async fn an_approver_decides_in_the_channel() {
    let setup = Setup::default().with_approver(Who::Tina);
    setup
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            let stranger = t.press_as(Who::Sam, &post, "Approve", "").await;
            refused(&stranger, 403, "Model.Approver");
            let trainer = t
                .press_as(Who::Tina, &post, "Approve", "I trust myself")
                .await;
            refused(&trainer, 403, "You trained");
            t.nobody_counts(&id).await;
            let approval = t.approval_of(Who::Ada, &post);
            let yes = t.press_as(Who::Ada, &post, "Approve", "Better").await;
            let card = yes.card().expect("she sees how things are").to_string();
            assert!(
                card.contains("Ada Approver") && card.contains("Better"),
                "{card}"
            );
            assert!(!card.contains("approval.approve"), "{card}");
            t.wait_until(&id, "live").await;
            assert_eq!(
                t.post_that_says(": live").await,
                post,
                "nobody is asked any more"
            );
            // Another click on what she saw before: the same once more is heard as that, and shows how things are.
            refused(&t.deliver_to_bot(&approval).await, 409, "already decided");
        })
        .await;
}

#[tokio::test]
async fn a_second_click_shows_how_things_are_and_counts_once() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let approval = t.approval_of(Who::Ada, &post);
        for _ in 0..2 {
            let yes = t.deliver_to_bot(&approval).await;
            assert!(yes.card().is_some(), "{yes:?}");
        }
        assert_eq!(t.stage(&id), "awaiting approval");
        t.press_as(Who::Ben, &post, "Approve", "").await;
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn everybody_sees_on_the_card_how_far_it_is() {
    let two = Setup::default().with("minApprovals: 1", "minApprovals: 2");
    two.story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        t.press_as(Who::Ada, &post, "Approve", "Better").await;
        assert_eq!(t.post_that_says("approved by 1 of 2").await, post);
        t.press_as(Who::Ben, &post, "Approve", "").await;
        t.wait_until(&id, "shifting").await;
        assert_eq!(t.post_that_says("10 % of the traffic").await, post);
        let lines = t.cloud.posts().into_iter();
        let lines: Vec<_> = lines.filter(|one| one.answers.is_some()).collect();
        assert!(lines.len() <= 1, "progress is no message: {lines:?}");
        t.say_as(Who::Ada, &id, "abort", "enough seen")
            .await
            .taken();
        t.wait_until(&id, "aborted").await;
        assert_eq!(t.post_that_says(": aborted").await, post);
    })
    .await;
}

#[tokio::test]
async fn a_rejection_needs_its_reason() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        for nothing in ["", " \n"] {
            let silent = t.press_as(Who::Ada, &post, "Reject", nothing).await;
            refused(&silent, 400, "open the page");
        }
        t.nobody_counts(&id).await;
        let no = t
            .press_as(Who::Ada, &post, "Reject", "Too few samples")
            .await;
        assert!(no.card().unwrap().to_string().contains("Too few samples"));
        t.wait_until(&id, "rejected").await;
    })
    .await;
}

#[tokio::test]
async fn a_pause_is_ended_in_the_channel() {
    let paused = Setup::default().with("pause: { duration: 10m }", "pause: {}");
    paused
        .story(async |t| {
            let (id, post) = t.asked_in_channel().await;
            t.press_as(Who::Ada, &post, "Approve", "").await;
            let post = t.post_that_says(": paused").await;
            let silent = t.press_as(Who::Ada, &post, "Resume", "").await;
            refused(&silent, 400, "no reason");
            let stranger = t.press_as(Who::Sam, &post, "Resume", "let me").await;
            refused(&stranger, 403, "role");
            let long = t
                .press_as(Who::Ada, &post, "Resume", &"x".repeat(501))
                .await;
            super::clicks::refused(&long, 400, "has 501 characters, and 500 are kept");
            let resumed = t.press_as(Who::Ada, &post, "Resume", "no complaints").await;
            assert!(resumed.card().is_some(), "{resumed:?}");
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_click_from_elsewhere_or_about_something_else_decides_nothing() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        let approval = t.approval_of(Who::Ada, &post);
        let foreign = "00000000-0000-4000-8000-0000000000ee";
        let digest = "0".repeat(64);
        let thread = format!("{};messageid=1", Cloud::SECOND_TEAMS_CHANNEL);
        for (place, value, status, words) in [
            ("/channelData/tenant/id", json!(foreign), 403, "not authorised"),
            ("/conversation/tenantId", json!(foreign), 403, "not authorised"),
            ("/conversation/id", json!(thread), 403, "not authorised"),
            ("/from/aadObjectId", json!(foreign), 403, "not authorised"),
            ("/from/aadObjectId", json!("../users"), 403, "not authorised"),
            ("/from/aadObjectId", Value::Null, 403, "not authorised"),
            ("/value/action/verb", json!("approval.override"), 400, "button"),
            ("/value/action/data/digest", json!(digest), 409, "superseded"),
            ("/value/action/data/digest", json!("0"), 400, "button"),
            ("/value/action/data/attempt", json!(2), 409, "superseded"),
            ("/value/action/data/promotion", json!("none-1.r-0123456789"), 404, "no such"),
        ] {
            let mut changed = approval.clone();
            *changed.pointer_mut(place).unwrap() = value;
            refused(&t.deliver_to_bot(&changed).await, status, words);
        }
        // A card that comes into view asks for itself, whatever it carries.
        let mut automatic = approval.clone();
        automatic["value"]["trigger"] = json!("automatic");
        let seen = t.deliver_to_bot(&automatic).await;
        assert!(seen.card().unwrap().to_string().contains("approval.approve"));
        let message = json!({
            "type": "message", "text": "approve", "channelId": "msteams", "serviceUrl": t.cloud.connector_url(),
        });
        let answered = t.deliver_to_bot(&message).await;
        assert_eq!((answered.status, &answered.body), (200, &Value::Null));
        t.nobody_counts(&id).await;
    })
    .await;
}

#[tokio::test]
async fn without_a_bot_there_is_nothing_to_click_on() {
    story(async |t| {
        let answer = t.http.post(t.url("/api/messages")).body("{}").send();
        assert_eq!(answer.await.unwrap().status(), StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn one_card_an_attempt_is_kept_up_to_date_and_a_lost_one_begun_anew() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        t.press_as(Who::Ada, &post, "Reject", "Too few samples")
            .await;
        t.wait_until(&id, "rejected").await;
        assert_eq!(t.post_that_says(": rejected").await, post);
        let lines = || {
            let posts = t.cloud.posts();
            posts
                .into_iter()
                .filter(|one| one.answers.is_some())
                .count()
        };
        t.until("the thread says so", async || lines() > 0).await;
        t.say_as(Who::Ada, &id, "reopen", "there are more now")
            .await
            .taken();
        t.wait_until(&id, "awaiting approval").await;
        t.until("a card of its own asks", async || {
            let posts = t.cloud.posts();
            posts.iter().filter(|one| one.answers.is_none()).count() == 2
        })
        .await;
        let second = t.post_that_says("approval needed").await;
        assert_ne!(second, post);
        t.cloud.delete_post(&second);
        t.reject_as(Who::Ben, &id, "still too few").await.taken();
        t.until("a third says so", async || {
            let posts = t.cloud.posts();
            let mut begun = posts.iter().filter(|one| one.answers.is_none());
            let last = begun.next_back().and_then(|post| post.card());
            last.is_some_and(|card| card.to_string().contains("still too few"))
        })
        .await;
    })
    .await;
}
