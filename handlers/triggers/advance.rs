//! `advance`: a message that says whose turn it is.
//!
//! It answers success whenever the marker will bring the journal back: a failed answer is delivered again at once and
//! lies in the dead-letter queue within seconds, while the sweep comes back at the right pace.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use tracing::Instrument as _;

use crate::app::App;
use crate::causes::chain;
use crate::invocation::{Envelope, Invocation, succeeded};
use crate::state::JournalName;

#[derive(Deserialize)]
struct WakeUp {
    journal: String,
}

/// One wake-up.
pub async fn handle(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let Invocation(invocation) = Invocation::of(&headers);
    let span = tracing::info_span!("advance", invocation, promotion = tracing::field::Empty);
    async {
        if let Some(name) = read(&body) {
            tracing::Span::current().record("promotion", name.as_str());
            if let Err(error) = app.engine.advance(&name).await {
                tracing::error!(
                    "not advanced, the sweep will bring it back: {}",
                    chain(&error)
                );
            }
        } else {
            // Nothing of ours: delivering it again would change nothing.
            tracing::error!("a message in the queue names no journal; it is dropped");
        }
        succeeded()
    }
    .instrument(span)
    .await
}

fn read(body: &[u8]) -> Option<JournalName> {
    let bytes = Envelope::read(body).ok()?.bytes("message").ok()?;
    let wake_up: WakeUp = serde_json::from_slice(&bytes).ok()?;
    JournalName::parse(&wake_up.journal)
}
