//! Liftlock on one machine: local host, simulated cloud, scenarios.
fn main() {}
