//! Which part of the host a request is for.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::event_grid::EventGridWebhook;
use super::proxy;
use super::sign_in::EasyAuth;
use crate::app::HttpFunction;
use crate::ids;
use crate::invocation::{HOST_VERSION, Invoker};
use crate::stopping::Stopping;

/// Everything a request can reach.
#[derive(Debug)]
pub(crate) struct Front {
    route_prefix: String,
    routes: Vec<HttpRoute>,
    event_grid: EventGridWebhook,
    easy_auth: Option<EasyAuth>,
    invoker: Option<Invoker>,
    host_id: String,
    started: Instant,
}

/// An HTTP function and its route.
#[derive(Debug)]
pub(crate) struct HttpRoute {
    pub(crate) name: String,
    pub(crate) function: HttpFunction,
}

impl HttpRoute {
    fn answers(&self, method: &Method, path: &str) -> bool {
        let methods = &self.function.methods;
        (methods.is_empty() || methods.contains(method)) && self.function.route.matches(path)
    }
}

impl Front {
    /// No invoker: an app without functions, whose handler is not even started.
    pub(crate) fn new(
        route_prefix: String,
        mut routes: Vec<HttpRoute>,
        event_grid: EventGridWebhook,
        easy_auth: Option<EasyAuth>,
        invoker: Option<Invoker>,
    ) -> Self {
        routes.sort_by(|one, other| one.function.route.precedence(&other.function.route));
        Self {
            route_prefix,
            routes,
            event_grid,
            easy_auth,
            invoker,
            host_id: ids::guid(),
            started: Instant::now(),
        }
    }

    fn http_function(&self, method: &Method, path: &str) -> Option<&HttpRoute> {
        let path = self.below_prefix(path)?;
        self.routes.iter().find(|route| route.answers(method, path))
    }

    fn below_prefix<'a>(&self, path: &'a str) -> Option<&'a str> {
        let path = path.strip_prefix('/')?;
        if self.route_prefix.is_empty() {
            return Some(path);
        }
        let (prefix, rest) = path.split_at_checked(self.route_prefix.len())?;
        (prefix.eq_ignore_ascii_case(&self.route_prefix)
            && (rest.is_empty() || rest.starts_with('/')))
        .then_some(rest)
    }

    async fn answer(&self, request: Request<Body>) -> Response {
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
        let route = self.http_function(request.method(), request.uri().path());
        let (Some(route), Some(invoker)) = (route, &self.invoker) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        if let Some(easy_auth) = &self.easy_auth {
            easy_auth.identify(request.headers_mut());
        }
        proxy::call(invoker, &route.name, request).await
    }

    fn status(&self) -> Response {
        let status = json!({
            "id": self.host_id,
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
