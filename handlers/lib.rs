//! Liftlock: promotes machine-learning models to production, as an Azure Functions custom handler.
//!
//! This package is the shell: everything that can fail because of the outside world. What may happen to a promotion is
//! decided in the crate `promotion`; here it is loaded, asked, appended and performed. Start in `engine/`.

pub mod app;
pub mod audit;
mod causes;
pub mod clock;
pub mod config;
pub mod effects;
pub mod engine;
pub mod identity;
pub mod invocation;
pub mod plan;
pub mod remote;
pub mod repair;
pub mod router;
mod secrets;
pub mod settings;
pub mod state;
pub mod telemetry;
pub mod triggers;
pub mod ui;
pub mod usertest;
