//! Liftlock.

pub mod config;
