//! Liftlock on one machine: the simulated Azure, the local Functions host with the handler as it would be deployed, the
//! platform that starts a new host when one has stopped itself, and the people who click.
//!
//! **Invariant:** nothing here reaches into the handler: it is driven over HTTP and watched through what it writes. Start at
//! `World::start`; `scenario/` holds what `demo --auto` does, one file a scenario, `demo.rs` the demo for a newcomer,
//! `bench/` the load bench.

mod app;
pub mod bench;
pub mod demo;
mod handler_log;
pub mod inherited;
mod moments;
mod person;
mod platform;
mod print;
mod promotion_view;
pub mod scenario;
mod settings_file;
mod state;
mod watch;
mod world;

pub use app::App;
pub(crate) use handler_log::HandlerLog;
pub(crate) use person::{Persona, Sent};
pub(crate) use promotion_view::PromotionView;
pub(crate) use state::State;
pub(crate) use world::{Ports, World, WorldOptions};
