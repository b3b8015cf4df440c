//! When a host gives its handler up.

use std::time::Duration;

use tokio::time::Instant;

const FORGOTTEN_AFTER: Duration = Duration::from_mins(30);
const GIVE_UP_AT: u32 = 3;

/// The errors of the handler that still count.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    count: u32,
    newest: Option<Instant>,
}

/// What follows from an error of the handler.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Restart,
    /// "Exceeded http worker restart retry count."
    StopHost,
}

impl Crashes {
    /// Counts one; an error more than 30 minutes after the one before starts from nothing.
    pub(super) fn record(&mut self, now: Instant) -> Verdict {
        if self
            .newest
            .is_some_and(|newest| now.duration_since(newest) > FORGOTTEN_AFTER)
        {
            self.count = 0;
        }
        self.newest = Some(now);
        self.count += 1;
        if self.count < GIVE_UP_AT {
            Verdict::Restart
        } else {
            Verdict::StopHost
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn e27_the_third_error_stops_the_host_unless_half_an_hour_passed() {
        let start = Instant::now();
        let at = |minutes: u64| start + Duration::from_mins(minutes);
        let mut crashes = Crashes::default();
        assert_eq!(crashes.record(at(0)), Verdict::Restart);
        assert_eq!(crashes.record(at(29)), Verdict::Restart);
        assert_eq!(crashes.record(at(60)), Verdict::Restart);
        assert_eq!(crashes.record(at(61)), Verdict::Restart);
        assert_eq!(crashes.record(at(90)), Verdict::StopHost);
    }
}
