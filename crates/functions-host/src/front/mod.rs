//! The host's one listener: HTTP functions, the Event Grid webhook, the sign-in, the host's status.
//!
//! **Invariant:** what is not routed is 404, also when only the method does not fit.
//!
//! Start at `router`.

mod body_limit;
mod event_grid;
mod form;
mod principal;
mod proxy;
mod route;
mod router;
mod routes;
mod sign_in;
mod sign_in_page;
mod watchdog;

pub(crate) use body_limit::BodyLimit;
pub(crate) use event_grid::EventGridWebhook;
pub(crate) use route::RouteTemplate;
pub(crate) use router::{Front, serve};
pub(crate) use routes::{HttpRoute, Routes};
pub(crate) use sign_in::EasyAuth;
