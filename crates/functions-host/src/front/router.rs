//! Which part of the host a request is for.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::body_limit::BodyLimit;
use super::event_grid::EventGridWebhook;
use super::proxy;
use super::routes::Routes;
use super::sign_in::EasyAuth;
use crate::invocation::{HOST_VERSION, Invoker};
use crate::stopping::Stopping;

/// Everything a request can reach.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) routes: Routes,
    pub(crate) event_grid: EventGridWebhook,
    /// None where the app settings do not turn the platform's sign-in on.
    pub(crate) easy_auth: Option<EasyAuth>,
    pub(crate) invoker: Invoker,
    pub(crate) body_limit: BodyLimit,
    pub(crate) started: Instant,
}

impl Front {
    async fn answer(&self, request: Request<Body>) -> Response {
        let Ok(request) = self.body_limit.apply(request) else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let path = request.uri().path().to_ascii_lowercase();
        match path.as_str() {
            "/admin/host/status" => self.status(),
            "/admin/host/ping" => StatusCode::OK.into_response(),
            "/runtime/webhooks/eventgrid" => self.event_grid.answer(request).await,
            auth if auth.starts_with("/.auth/") => match &self.easy_auth {
                Some(easy_auth) => easy_auth.answer(request).await,
                None => StatusCode::NOT_FOUND.into_response(),
            },
            _ => self.call_function(request).await,
        }
    }

    async fn call_function(&self, mut request: Request<Body>) -> Response {
        let route = self.routes.find(request.method(), request.uri().path());
        let Some(route) = route else {
            return StatusCode::NOT_FOUND.into_response();
        };
        if let Some(easy_auth) = &self.easy_auth {
            easy_auth.identify(request.headers_mut());
        }
        proxy::call(&self.invoker, &route.name, request).await
    }

    fn status(&self) -> Response {
        let status = json!({
            "state": "Running",
            "version": HOST_VERSION,
            "versionDetails": HOST_VERSION,
            "processUptime": u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        (
            [(header::CONTENT_TYPE, "application/json")],
            status.to_string(),
        )
            .into_response()
    }
}

/// Serves until told to stop; requests that are being answered are waited for.
pub(crate) async fn serve(
    front: Front,
    listener: TcpListener,
    mut stopping: Stopping,
) -> io::Result<()> {
    let router = Router::new().fallback(route).with_state(Arc::new(front));
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            stopping.requested().await;
        })
        .await
}

async fn route(State(front): State<Arc<Front>>, request: Request<Body>) -> Response {
    front.answer(request).await
}
