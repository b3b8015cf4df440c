//! The clients against a loopback server that answers by script. What a real service does to them is tested elsewhere,
//! against the simulated cloud and Azurite.

mod assets;
mod blob;
mod bot;
mod calls;
mod copy;
mod identity;
mod logs;
mod ml;
mod monitor;
mod runs;
mod sending;
mod server;
