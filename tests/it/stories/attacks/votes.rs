//! Votes that must not count, or must count once (attacks 9 to 16).
