//! The routes of an unplugged cloud, asked in process: by whoever tests, and by the cloud itself for the source of a copy.
//!
//! Invariant: a request passes the same admission, faults and routes as over HTTP; only the socket is missing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Request, Response};
use tower::ServiceExt as _;

use crate::line::Line;

/// What an answer may hold: nothing here is larger.
const LARGEST_ANSWER: usize = 64 << 20;

/// Nothing while the cloud is plugged in.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    routes: Mutex<Option<Router>>,
}

impl Inside {
    pub(crate) fn set(&self, routes: Router) {
        *self.lock() = Some(routes);
    }

    pub(crate) fn clear(&self) {
        *self.lock() = None;
    }

    pub(crate) fn is_set(&self) -> bool {
        self.lock().is_some()
    }

    /// `None`: the line was cut.
    pub(crate) async fn ask(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let routes = self
            .lock()
            .clone()
            .expect("only an unplugged cloud is asked in process");
        let line = Line::default();
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(ConnectInfo(line.clone()));
        let answer = routes
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        if line.is_cut() {
            return None;
        }
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, LARGEST_ANSWER).await.ok()?;
        Some(Response::from_parts(head, body))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Router>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
