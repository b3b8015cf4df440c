//! The machine-learning half of the simulated cloud, over real HTTP: ARM, runs, scoring, events, Teams, pages.

mod estate;
mod events;
mod models;
mod pages;
mod rollout;
mod runs;
mod scoring;
mod teams;
mod webhook;
