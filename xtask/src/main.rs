//! Chores of this repository: packaging, measuring.
fn main() {}
