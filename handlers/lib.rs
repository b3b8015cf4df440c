//! Liftlock.
