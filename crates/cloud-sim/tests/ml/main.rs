//! The machine-learning half of the simulated cloud, over real HTTP: ARM, runs, scoring, events, Teams, pages.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

mod assets;
mod batch;
mod bot;
mod collecting;
mod estate;
mod events;
mod faults;
mod kubernetes;
mod metrics;
mod models;
mod pages;
mod rollout;
mod runs;
mod scoring;
mod serving_faults;
mod teams;
mod webhook;
