//! One binary for every test.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there, with the line"
)]

mod audit;
mod commands;
mod config;
mod exports;
mod handler;
mod identity;
mod setting;
mod storage;
mod stories;
mod tidy;
mod usertests;
