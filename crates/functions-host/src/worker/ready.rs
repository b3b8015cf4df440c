//! When a started handler counts as ready.

use std::io::ErrorKind;
use std::time::Duration;

use axum::body::Body;
use http::{Request, header};

use crate::http_client::{self, SendError};

const INTERVAL: Duration = Duration::from_millis(25);

/// Asks `GET /` every 25 ms. Any answer is "ready", so is a broken one; only a refused connection is not.
pub(super) async fn wait(port: u16) {
    while !answers(port).await {
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn answers(port: u16) -> bool {
    let request = Request::builder()
        .uri("/")
        .header(header::HOST, format!("127.0.0.1:{port}"))
        .body(Body::empty())
        .expect("the address is a number");
    match http_client::send(port, request).await {
        Err(SendError::Connect { source, .. }) => source.kind() != ErrorKind::ConnectionRefused,
        Ok(_) | Err(SendError::Http(_)) => true,
    }
}
