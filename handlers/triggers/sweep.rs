//! `sweep`: every minute, whoever should have moved is woken. It costs one listing, however many promotions ever closed.
//! Then, where it is time, versions are looked for that no event told of; what goes wrong there is no failure of the sweep.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use tracing::Instrument as _;

use crate::app::App;
use crate::causes::chain;
use crate::engine::{Reconciled, Swept};
use crate::invocation::{Invocation, failed, succeeded};

/// One tick.
pub async fn handle(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Invocation(invocation) = Invocation::of(&headers);
    let span = tracing::info_span!("sweep", invocation);
    async {
        match app.engine.sweep().await {
            Ok(swept) => {
                woken(swept);
                reconcile(&app).await;
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

fn woken(Swept { woken, left }: Swept) {
    match (woken, left) {
        (0, 0) => {}
        (_, 0) => tracing::info!(woken, "woke what was due"),
        _ => tracing::warn!(
            woken,
            left,
            "not everything that is due could be woken, the next sweep goes on"
        ),
    }
}

async fn reconcile(app: &App) {
    match app.engine.reconcile().await {
        Ok(Reconciled { opened: 0, left: 0 }) => {}
        Ok(Reconciled { opened, left }) => {
            tracing::info!(opened, left, "looked for versions that no event told of");
        }
        Err(error) => tracing::warn!(
            "versions that no event told of were not looked for, the next sweep will: {}",
            chain(&error)
        ),
    }
}
