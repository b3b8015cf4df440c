//! Where a moment and a value stand in a picture.
//!
//! The invariant: what comes out is a number from 0 to 1, whatever goes in: no attribute of a picture is ever `NaN`.

use jiff::{SignedDuration, Timestamp};

use super::series::Attempt;

/// From left to right.
pub(super) struct TimeAxis {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

/// From the bottom up.
pub(super) struct Scale {
    pub(super) least: f64,
    pub(super) most: f64,
}

/// Seconds between two ticks, and what then has to be written of a moment.
const TICKS: [(i64, &str); 17] = [
    (5, "%H:%M:%S"),
    (15, "%H:%M:%S"),
    (30, "%H:%M:%S"),
    (60, "%H:%M"),
    (120, "%H:%M"),
    (300, "%H:%M"),
    (600, "%H:%M"),
    (900, "%H:%M"),
    (1_800, "%H:%M"),
    (3_600, "%H:%M"),
    (7_200, "%H:%M"),
    (10_800, "%H:%M"),
    (21_600, "%H:%M"),
    (43_200, "%m-%d %H:%M"),
    (86_400, "%m-%d"),
    (172_800, "%m-%d"),
    (604_800, "%m-%d"),
];
/// More would run into one another on a telephone.
const MOST_TICKS: i64 = 4;
/// A tick so near to an end would be written over the edge.
const EDGE: f64 = 0.04;

impl TimeAxis {
    /// From the first measurement to the last, and to the changes of traffic before and after it, as far away as the
    /// measurements are long: a way back a day later would leave nothing of them to be seen.
    pub(super) fn of(attempt: &Attempt<'_>) -> Option<Self> {
        let times = || {
            let all = attempt.series.iter().flat_map(|one| &one.measurements);
            all.map(|measured| measured.at)
        };
        let (first, last) = (times().min()?, times().max()?);
        let around = last.duration_since(first).max(SignedDuration::from_mins(1));
        let near = |at: &Timestamp| {
            first.duration_since(*at) <= around && at.duration_since(last) <= around
        };
        let changes = attempt.shares.iter().map(|share| share.at).filter(near);
        let (start, end) = changes.fold((first, last), |(start, end), at| {
            (start.min(at), end.max(at))
        });
        Some(Self { start, end })
    }

    /// What is outside stands at the edge; of one moment alone, in the middle.
    pub(super) fn share(&self, at: Timestamp) -> f64 {
        let whole = self.end.duration_since(self.start).as_secs_f64();
        if whole > 0.0 {
            (at.duration_since(self.start).as_secs_f64() / whole).clamp(0.0, 1.0)
        } else {
            0.5
        }
    }

    /// Few round moments, none of them at an edge.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let (from, to) = (self.start.as_second(), self.end.as_second());
        let fitting = TICKS
            .iter()
            .find(|(step, _)| (to - from) / step <= MOST_TICKS);
        // Years of measurements are no reason to write a thousand ticks.
        let (step, format) = *fitting.unwrap_or(&((to - from) / MOST_TICKS, "%Y-%m-%d"));
        let first = from + (-from).rem_euclid(step);
        let times = std::iter::successors(Some(first), |second| Some(second + step));
        let ticks = times
            .take_while(|second| *second <= to)
            .filter_map(|second| Timestamp::from_second(second).ok())
            .map(|at| (self.share(at), at.strftime(format).to_string()));
        ticks
            .filter(|(share, _)| (EDGE..=1.0 - EDGE).contains(share))
            .collect()
    }
}

impl Scale {
    /// Over these; nothing, where none of them is a number.
    pub(super) fn over(values: impl Iterator<Item = f64>) -> Option<Self> {
        let finite = values.filter(|value| value.is_finite());
        finite.fold(None, |scale, value| {
            let Self { least, most } = scale.unwrap_or(Self {
                least: value,
                most: value,
            });
            Some(Self {
                least: least.min(value),
                most: most.max(value),
            })
        })
    }

    /// All equal stand in the middle. Halves, for the distance of two great numbers may be none.
    pub(super) fn share(&self, value: f64) -> f64 {
        let whole = self.most / 2.0 - self.least / 2.0;
        let part = value / 2.0 - self.least / 2.0;
        let share = part / whole;
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.5
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn axis(start: &str, end: &str) -> TimeAxis {
        TimeAxis {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        }
    }

    #[test]
    fn ticks_are_few_and_round() {
        let told = |start: &str, end: &str| {
            let ticks = axis(start, end).ticks();
            let told: Vec<_> = ticks.into_iter().map(|(_, text)| text).collect();
            told.join(" ")
        };
        let begin = "2026-11-23T07:15:17Z";
        assert_eq!(
            told(begin, "2026-11-23T07:15:40Z"),
            "07:15:20 07:15:25 07:15:30 07:15:35"
        );
        assert_eq!(told(begin, "2026-11-23T07:35:17Z"), "07:20 07:25 07:30");
        let odd = told(begin, "2026-11-23T07:39:17Z");
        assert_eq!(odd, "07:20 07:25 07:30 07:35");
        assert_eq!(told(begin, "2026-11-24T03:15:17Z"), "12:00 18:00 00:00");
        assert_eq!(told(begin, "2026-11-26T07:15:17Z"), "11-24 11-25 11-26");
        assert_eq!(told(begin, begin), "");
        for years in ["2028", "2126"] {
            let far = told(begin, &format!("{years}-11-23T07:15:17Z"));
            assert!(far.split(' ').count() <= 5, "{far}");
        }
    }

    #[test]
    fn whatever_is_measured_stands_somewhere() {
        let odd = [f64::MIN, f64::MAX, 0.0, -0.0, f64::MIN_POSITIVE, 1e-320];
        let mut cases = 0;
        for one in odd {
            for other in odd {
                let scale = Scale::over([one, other].into_iter()).unwrap();
                for value in odd.into_iter().chain([f64::NAN, f64::INFINITY]) {
                    let share = scale.share(value);
                    assert!((0.0..=1.0).contains(&share), "{one} {other} {value}");
                    cases += 1;
                }
            }
        }
        assert_eq!(cases, 6 * 6 * 8);
        assert!(Scale::over([f64::NAN, f64::INFINITY].into_iter()).is_none());
    }
}
