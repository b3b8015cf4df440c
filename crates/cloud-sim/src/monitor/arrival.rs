//! How late measurements arrive: the simulator's assumption about Azure Monitor.
//!
//! Microsoft promises no time within which a minute is complete. Assumed here: nothing is seen of the minute that still
//! runs, half of its requests once it has closed, and all of them two minutes later. Latencies are averages, so half of
//! the requests shows them whole.

use jiff::{SignedDuration, Timestamp};

/// A minute is complete so long after its end.
const LATE: SignedDuration = SignedDuration::from_mins(2);

/// How much of a minute is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    Nothing,
    Half,
    All,
}

impl Arrival {
    /// Of the minute that begins at `minute`.
    pub(crate) fn of(minute: Timestamp, now: Timestamp) -> Self {
        let closed_for = now.duration_since(minute) - SignedDuration::from_mins(1);
        if closed_for.is_negative() {
            Self::Nothing
        } else if closed_for < LATE {
            Self::Half
        } else {
            Self::All
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_seen_by_halves() {
        let minute: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
        let seen = [-60, 0, 59, 60, 179, 180, 9999]
            .map(|seconds| Arrival::of(minute, minute + SignedDuration::from_secs(seconds)));
        let (nothing, half, all) = (Arrival::Nothing, Arrival::Half, Arrival::All);
        assert_eq!(seen, [nothing, nothing, nothing, half, half, all, all]);
    }
}
