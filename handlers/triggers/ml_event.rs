//! `ml_event`: Azure Machine Learning's events, through Event Grid, in both schemas and any casing of keys.
//!
//! Event → journal → marker → message → answer: a crash between any two is mended by the redelivery. A failure answers
//! 500 and is delivered again; what cannot be understood is kept and acknowledged, for a refusal would only lose it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use tracing::Instrument as _;

use crate::app::App;
use crate::causes::chain;
use crate::engine::{EngineError, Expected};
use crate::invocation::{Envelope, Invocation, failed, succeeded};
use crate::state::{Kept, KeptEvent};

mod event;
mod follows;

pub(crate) use event::Notification;
pub(crate) use follows::{Followed, Follows, Occasion, Part, named_in};

/// One event.
pub async fn handle(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let Invocation(invocation) = Invocation::of(&headers);
    let span = tracing::info_span!("ml_event", invocation);
    async {
        let notification = match Envelope::read(&body).and_then(|envelope| envelope.json("event")) {
            Ok(json) => Notification::read(&json),
            Err(error) => Notification::broken(&body, &error.to_string()),
        };
        match take(&app, &notification, &Occasion::Delivered).await {
            Ok(_) => succeeded(),
            Err(error) => {
                tracing::error!(
                    event = notification.key(),
                    "event not taken, Event Grid will deliver it again: {}",
                    chain(&error)
                );
                failed()
            }
        }
    }
    .instrument(span)
    .await
}

/// Stores an event unless it is there, and opens what follows from it today; what there is already goes on.
pub(crate) async fn take(
    app: &App,
    notification: &Notification,
    occasion: &Occasion,
) -> Result<Vec<Followed>, EngineError> {
    app.engine.store.ready().await?;
    let follows = Follows::of(&app.engine.config, notification);
    let event = KeptEvent {
        key: notification.key().to_owned(),
        kind: notification.kind().to_owned(),
        subject: notification.subject().to_owned(),
        time: notification.time(),
        what: follows.sentence(),
    };
    let kept = app
        .engine
        .store
        .events
        .keep(&event, notification.raw())
        .await?;
    let again = kept == Kept::Again;
    tracing::info!(
        event = event.key,
        kind = event.kind,
        subject = event.subject,
        again,
        "{}",
        event.what
    );
    let expected = if again {
        Expected::There
    } else {
        Expected::Unknown
    };
    follows
        .open(&app.engine, &event.key, expected, occasion)
        .await
}
