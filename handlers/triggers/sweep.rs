//! `sweep`: every minute, whoever should have moved is woken. It costs one listing, however many promotions ever closed.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use tracing::Instrument as _;

use crate::app::App;
use crate::causes::chain;
use crate::engine::Swept;
use crate::invocation::{Invocation, failed, succeeded};

/// One tick.
pub async fn handle(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Invocation(invocation) = Invocation::of(&headers);
    let span = tracing::info_span!("sweep", invocation);
    async {
        match app.engine.sweep().await {
            Ok(Swept { woken: 0, left: 0 }) => succeeded(),
            Ok(Swept { woken, left: 0 }) => {
                tracing::info!(woken, "woke what was due");
                succeeded()
            }
            Ok(Swept { woken, left }) => {
                tracing::warn!(
                    woken,
                    left,
                    "not everything that is due could be woken, the next sweep goes on"
                );
                succeeded()
            }
            Err(error) => {
                tracing::error!(
                    "the sweep could not list what is open, the next one will: {}",
                    chain(&error)
                );
                failed()
            }
        }
    }
    .instrument(span)
    .await
}
