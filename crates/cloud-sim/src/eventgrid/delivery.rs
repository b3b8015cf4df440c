//! One event to one webhook: attempts until it is taken, refused for good, or too old.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use super::grid::Subscription;
use super::{DeliveryState, Event, EventSchema, Grid};

/// Event Grid waits so long for an answer, in real time.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Seconds of the cloud's time between attempts; the last one repeats.
const RETRIES: [i64; 10] = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];

const MOST_ATTEMPTS: usize = 30;
const TIME_TO_LIVE: SignedDuration = SignedDuration::from_hours(24);

/// What one attempt came to.
enum Outcome {
    Taken,
    RefusedForGood,
    Failed,
}

pub(super) async fn deliver(grid: Arc<Grid>, number: usize, to: Subscription, event: Event) {
    let mut stopping = grid.stopping.clone();
    tokio::select! {
        () = attempts(&grid, number, &to, &event) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

async fn attempts(grid: &Grid, number: usize, to: &Subscription, event: &Event) {
    let deadline = grid.clock.now() + TIME_TO_LIVE;
    for attempt in 0..MOST_ATTEMPTS {
        let (outcome, text) = attempt_once(grid, to, event, attempt).await;
        let next =
            grid.clock.now() + SignedDuration::from_secs(RETRIES[attempt.min(RETRIES.len() - 1)]);
        let last = attempt + 1 == MOST_ATTEMPTS || next > deadline;
        let state = match outcome {
            Outcome::Taken => DeliveryState::Delivered,
            Outcome::RefusedForGood => DeliveryState::Dropped,
            Outcome::Failed if last => DeliveryState::Dropped,
            Outcome::Failed => DeliveryState::Pending,
        };
        grid.note(number, text, state);
        match state {
            DeliveryState::Delivered | DeliveryState::Dropped => return,
            DeliveryState::Pending => grid.clock.sleep_until(next).await,
        }
    }
}

async fn attempt_once(
    grid: &Grid,
    to: &Subscription,
    event: &Event,
    attempt: usize,
) -> (Outcome, String) {
    let content_type = match to.schema {
        EventSchema::EventGrid => "application/json; charset=utf-8",
        EventSchema::CloudEvents => "application/cloudevents+json; charset=utf-8",
    };
    let sent = grid.http.post(&to.endpoint);
    let sent = sent
        .timeout(ANSWER_WITHIN)
        .header("content-type", content_type)
        .header("aeg-event-type", "Notification");
    let sent = sent
        .header("aeg-delivery-count", attempt)
        .header("aeg-subscription-name", "LIFTLOCK");
    let sent = sent
        .header("aeg-data-version", "")
        .header("aeg-metadata-version", "1");
    match sent.body(event.body(to.schema).to_string()).send().await {
        Ok(answer) => (
            judge(answer.status().as_u16()),
            answer.status().as_u16().to_string(),
        ),
        Err(error) if error.is_timeout() => (Outcome::Failed, "no answer within 30 s".into()),
        // The URL carries the function's key.
        Err(error) => (Outcome::Failed, root_cause(&error.without_url())),
    }
}

/// The innermost reason: what is wrapped around it says only that something was sent.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn judge(status: u16) -> Outcome {
    match status {
        200..=204 => Outcome::Taken,
        400 | 401 | 403 | 413 => Outcome::RefusedForGood,
        _ => Outcome::Failed,
    }
}
