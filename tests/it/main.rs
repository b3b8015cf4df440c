//! One binary for every test.

mod config;
