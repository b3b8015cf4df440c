//! A value that changes at moments: what it was at any time of the last day.

use jiff::{SignedDuration, Timestamp};

/// How far back is remembered, in the cloud's time.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The changes, oldest first; the first one kept may be older than [`KEPT`], for it still held then.
#[derive(Debug)]
pub(super) struct Steps<T>(Vec<(Timestamp, T)>);

// Derived, it would ask for a default of the value, too.
impl<T> Default for Steps<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Steps<T> {
    /// From `at` on, but not from before the last change: operations do not end in the order in which they began.
    pub(super) fn set(&mut self, at: Timestamp, value: T) {
        let at = self.0.last().map_or(at, |(last, _)| at.max(*last));
        self.0.push((at, value));
        let forgotten = at.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let past = self.up_to(forgotten);
        self.0.drain(..past.saturating_sub(1));
    }

    /// `None` before the first change.
    pub(super) fn at(&self, moment: Timestamp) -> Option<&T> {
        let newest = self.up_to(moment).checked_sub(1)?;
        self.0.get(newest).map(|(_, value)| value)
    }

    pub(super) fn moments(&self) -> impl Iterator<Item = Timestamp> {
        self.0.iter().map(|(at, _)| *at)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }

    fn up_to(&self, moment: Timestamp) -> usize {
        self.0.partition_point(|(at, _)| *at <= moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_value_holds_until_the_next() {
        let mut steps = Steps::default();
        steps.set(hour(1), "a");
        steps.set(hour(3), "b");
        let found = [0, 1, 2, 3, 9].map(|at| steps.at(hour(at)).copied());
        assert_eq!(found, [None, Some("a"), Some("a"), Some("b"), Some("b")]);
    }

    #[test]
    fn what_comes_late_does_not_change_the_past() {
        let mut steps = Steps::default();
        steps.set(hour(3), "a");
        steps.set(hour(1), "b");
        assert_eq!(steps.at(hour(1)), None);
        assert_eq!(steps.at(hour(3)), Some(&"b"));
    }

    #[test]
    fn a_day_is_remembered_and_what_held_at_its_start() {
        let mut steps = Steps::default();
        for at in [0, 1, 30, 54] {
            steps.set(hour(at), at);
        }
        assert_eq!(steps.values().copied().collect::<Vec<_>>(), [30, 54]);
        steps.set(hour(60), 60);
        assert_eq!(steps.at(hour(36)), Some(&30));
    }
}
