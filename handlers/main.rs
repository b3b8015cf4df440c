//! Liftlock.
fn main() {}
