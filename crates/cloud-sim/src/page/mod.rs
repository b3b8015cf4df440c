//! The cloud's own page: what it holds, and buttons for what happens outside Liftlock.
//!
//! Plain HTML and forms; a script only refreshes it. Start with `routes`.

mod render;
mod routes;
mod sections;

pub(crate) use routes::routes;
