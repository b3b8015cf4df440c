//! Pauses that a person ends.

use jiff::SignedDuration;

use super::{Setup, Who};

fn until_resumed() -> Setup {
    Setup::default().with("pause: { duration: 10m }", "pause: {}")
}

#[tokio::test]
async fn a_person_resumes_it_from_the_promotions_page() {
    until_resumed()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "shifting").await;
            t.until("a tenth is shifted and people are asked", async || {
                t.cards().iter().any(|card| card.contains("paused"))
            })
            .await;
            t.advance_clock(SignedDuration::from_hours(24)).await;
            assert_eq!(t.serving(), ["diabetes:1 90", "diabetes:2 10"]);
            let stranger = t.resume_as(Who::Sam, &id, "let me").await;
            stranger.offers_no_form("role");
            let unsaid = t.say_as(Who::Ada, &id, "resume", "which one?").await;
            unsaid.refused(400, "which pause");
            t.resume_as(Who::Ada, &id, "a day without complaints")
                .await
                .taken();
            let again = t.resume_as(Who::Ben, &id, "I was shown it too").await;
            again.refused(409, "only in a pause");
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn what_nobody_resumes_goes_back_after_a_week() {
    until_resumed()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "shifting").await;
            t.until("people are asked", async || {
                t.cards().iter().any(|card| card.contains("paused"))
            })
            .await;
            t.advance_clock(SignedDuration::from_hours(24 * 7)).await;
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
        })
        .await;
}
