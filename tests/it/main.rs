//! One binary for every test.
