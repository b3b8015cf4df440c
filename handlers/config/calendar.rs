//! When a route may act: the times of its windows, and when the next one opens.
//!
//! The invariant: in doubt it is closed. Hours are those of a clock on the wall in the window's zone. Where that clock jumps, an
//! hour may be there twice or not at all: then an `allow` is the shorter and a `deny` the longer of what could be meant. And
//! a `deny` wins over every `allow`.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// How far ahead an opening is looked for.
const DAYS_AHEAD: i32 = 400;

/// When a route may act; without any window, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Windows {
    /// It may in these only; empty: whenever nothing denies it.
    pub(super) allow: Vec<Period>,
    /// It may not in these.
    pub(super) deny: Vec<Period>,
}

/// Hours that come again on certain days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    /// On which days it begins; empty: on each.
    pub(super) days: Vec<Weekday>,
    /// When it begins.
    pub(super) from: Time,
    /// When it ends: on the same day, or on the next where that is not later than `from`.
    pub(super) to: Time,
    /// Between which days it begins, both included.
    pub(super) dates: Option<(Date, Date)>,
    /// Whose clock it goes by.
    pub(super) zone: TimeZone,
}

/// What an hour means that is there twice, or not at all.
#[derive(Clone, Copy)]
enum Doubt {
    Shorter,
    Longer,
}

/// From when, and until when, the end not included.
type Span = (Timestamp, Timestamp);

impl Windows {
    /// When the route may act: `now`, where it may, else when the next window opens. Nothing, where none opens within 400
    /// days.
    pub fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        let ahead = SignedDuration::from_hours(24 * i64::from(DAYS_AHEAD));
        let horizon = now.checked_add(ahead).ok()?;
        let mut at = now;
        while at < horizon {
            let denied = self.deny.iter();
            if let Some(end) = denied.filter_map(|p| p.end_of(at, Doubt::Longer)).max() {
                at = end;
                continue;
            }
            let mut allowed = self.allow.iter();
            if self.allow.is_empty() || allowed.any(|p| p.end_of(at, Doubt::Shorter).is_some()) {
                return Some(at);
            }
            let starts = self.allow.iter();
            at = starts.filter_map(|p| p.start_after(at)).min()?;
        }
        None
    }

    /// Whether it opens at any time at all. Asked once around everything that has a date: between them each week is like the
    /// others.
    pub(super) fn ever_opens(&self) -> bool {
        let some_week = Timestamp::UNIX_EPOCH;
        let dates = self.allow.iter().chain(&self.deny);
        let dates = dates.filter_map(|period| period.dates);
        let days = dates.flat_map(|(first, last)| [first, last]);
        let around = days.filter_map(|day| {
            let before = day.checked_sub(2.days()).ok()?;
            Some(before.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        let mut moments = std::iter::once(some_week).chain(around);
        moments.any(|moment| self.opens_at(moment).is_some())
    }
}

impl Period {
    /// The end of the one that `at` lies in.
    fn end_of(&self, at: Timestamp, doubt: Doubt) -> Option<Timestamp> {
        let today = at.to_zoned(self.zone.clone()).date();
        // It may reach over midnight, and over the hour by which a clock jumps.
        let spans = (-2..=1).filter_map(|days| self.span(after(today, days)?, doubt));
        let around = spans.filter(|(from, to)| (*from..*to).contains(&at));
        around.map(|(_, to)| to).max()
    }

    /// When it begins the next time.
    fn start_after(&self, at: Timestamp) -> Option<Timestamp> {
        let yesterday = after(at.to_zoned(self.zone.clone()).date(), -1)?;
        let begin = self
            .dates
            .map_or(yesterday, |(first, _)| first.max(yesterday));
        let days = (0..=DAYS_AHEAD).map_while(|days| after(begin, days));
        let days = days.take_while(|day| self.dates.is_none_or(|(_, last)| *day <= last));
        days.filter_map(|day| self.span(day, Doubt::Shorter))
            .map(|(from, _)| from)
            .find(|from| *from > at)
    }

    /// The one that begins on this day.
    fn span(&self, day: Date, doubt: Doubt) -> Option<Span> {
        let on = self.days.is_empty() || self.days.contains(&day.weekday());
        let within = self
            .dates
            .is_none_or(|(first, last)| (first..=last).contains(&day));
        if !on || !within {
            return None;
        }
        let last = after(day, i32::from(self.to <= self.from))?;
        let from = self.zone.to_ambiguous_timestamp(day.to_datetime(self.from));
        let to = self.zone.to_ambiguous_timestamp(last.to_datetime(self.to));
        let (from, to) = match doubt {
            Doubt::Shorter => (from.later().ok()?, to.earlier().ok()?),
            Doubt::Longer => (from.earlier().ok()?, to.later().ok()?),
        };
        (from < to).then_some((from, to))
    }
}

fn after(day: Date, days: i32) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZoneDatabase;

    fn period(days: &[Weekday], from: &str, to: &str, zone: &str) -> Period {
        Period {
            days: days.to_vec(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            dates: None,
            zone: TimeZoneDatabase::bundled().get(zone).unwrap(),
        }
    }

    fn dated(first: &str, last: &str, period: Period) -> Period {
        Period {
            dates: Some((first.parse().unwrap(), last.parse().unwrap())),
            ..period
        }
    }

    fn windows(allow: &[Period], deny: &[Period]) -> Windows {
        Windows {
            allow: allow.to_vec(),
            deny: deny.to_vec(),
        }
    }

    #[track_caller]
    fn opens(windows: &Windows, table: &[(&str, &str)]) {
        for (now, then) in table {
            let at = windows.opens_at(now.parse().unwrap());
            let then = if *then == "now" { now } else { then };
            assert_eq!(at, then.parse().ok(), "at {now}");
        }
    }

    const WORKDAYS: [Weekday; 4] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
    ];

    #[test]
    fn without_windows_it_is_open() {
        opens(&Windows::default(), &[("2026-11-27T00:00:00Z", "now")]);
    }

    #[test]
    fn hours_are_those_of_the_zone_and_the_end_is_not_included() {
        let berlin = period(&WORKDAYS, "09:00", "16:00", "Europe/Berlin");
        opens(
            &windows(&[berlin], &[]),
            &[
                // A Monday in winter, then in summer.
                ("2026-11-23T07:59:59Z", "2026-11-23T08:00:00Z"),
                ("2026-11-23T08:00:00Z", "now"),
                ("2026-11-23T14:59:59.9Z", "now"),
                ("2026-11-23T15:00:00Z", "2026-11-24T08:00:00Z"),
                ("2026-07-20T06:59:59Z", "2026-07-20T07:00:00Z"),
                ("2026-07-20T07:00:00Z", "now"),
                // From Thursday evening to Monday.
                ("2026-11-26T15:00:00Z", "2026-11-30T08:00:00Z"),
            ],
        );
    }

    #[test]
    fn over_midnight_it_belongs_to_the_day_on_which_it_begins() {
        let friday = period(&[Weekday::Friday], "22:00", "04:00", "America/New_York");
        opens(
            &windows(&[friday], &[]),
            &[
                ("2026-11-28T02:59:59Z", "2026-11-28T03:00:00Z"),
                ("2026-11-28T08:59:59Z", "now"),
                ("2026-11-28T09:00:00Z", "2026-12-05T03:00:00Z"),
            ],
        );
    }

    #[test]
    fn what_denies_wins_and_dates_are_whole_days_of_the_zone() {
        let whole = period(&[], "00:00", "00:00", "Europe/Berlin");
        let holidays = dated("2026-12-20", "2027-01-06", whole);
        opens(
            &windows(&[], std::slice::from_ref(&holidays)),
            &[
                ("2026-12-19T22:59:59Z", "now"),
                ("2026-12-19T23:00:00Z", "2027-01-06T23:00:00Z"),
                ("2027-01-06T22:59:59Z", "2027-01-06T23:00:00Z"),
            ],
        );
        let hours = period(&WORKDAYS, "09:00", "16:00", "Europe/Berlin");
        opens(
            &windows(&[hours], &[holidays]),
            &[
                ("2026-12-21T10:00:00Z", "2027-01-07T08:00:00Z"),
                ("2027-01-07T09:00:00Z", "now"),
            ],
        );
    }

    /// The hour from 02:00 to 03:00 is not there on 2026-03-29 in Berlin, nor on 2026-03-08 in New York.
    #[test]
    fn where_an_hour_is_missing_an_allow_is_shorter_and_a_deny_longer() {
        for (zone, day, before, gap) in [
            ("Europe/Berlin", "2026-03-29", "00:00", "01:00"),
            ("America/New_York", "2026-03-08", "06:00", "07:00"),
        ] {
            let at = |time: &str| format!("{day}T{time}:00Z");
            let plus = |time: &str, minutes: i64| {
                let moment: Timestamp = at(time).parse().unwrap();
                (moment + SignedDuration::from_mins(minutes)).to_string()
            };
            let half_past = dated(day, day, period(&[], "02:30", "05:00", zone));
            let (now, opening) = (at(before), plus(gap, 30));
            opens(
                &windows(std::slice::from_ref(&half_past), &[]),
                &[(&now, &opening), (&opening, "now")],
            );
            let until = dated(day, day, period(&[], "00:00", "02:30", zone));
            let (last, shut) = (plus(gap, -31), plus(gap, -30));
            let allowed = windows(std::slice::from_ref(&until), &[]);
            opens(&allowed, &[(&last, "now")]);
            assert_eq!(allowed.opens_at(shut.parse().unwrap()), None, "{zone}");
            // Denied until what would have been 02:30, by the clock that had not jumped.
            opens(&windows(&[], &[until]), &[(&at(gap), &plus(gap, 30))]);
            // An allow that lies in the missing hour is not there at all.
            let missing = dated(day, day, period(&[], "02:15", "02:45", zone));
            let none = windows(&[missing], &[]).opens_at(at(before).parse().unwrap());
            assert_eq!(none, None, "{zone}");
        }
    }

    /// The hour from 02:00 (Berlin) or 01:00 (New York) is there twice.
    #[test]
    fn where_an_hour_is_there_twice_an_allow_is_shorter_and_a_deny_longer() {
        for (zone, day, half_past, first, second) in [
            ("Europe/Berlin", "2026-10-25", "02:30", "00:30", "01:30"),
            ("America/New_York", "2026-11-01", "01:30", "05:30", "06:30"),
        ] {
            let at = |time: &str| format!("{day}T{time}:00Z");
            let from = dated(day, day, period(&[], half_past, "05:00", zone));
            opens(
                &windows(std::slice::from_ref(&from), &[]),
                &[(&at(first), &at(second)), (&at(second), "now")],
            );
            let until = dated(day, day, period(&[], "00:00", half_past, zone));
            let allowed = windows(std::slice::from_ref(&until), &[]);
            assert_eq!(allowed.opens_at(at(first).parse().unwrap()), None, "{zone}");
            opens(&windows(&[], &[until]), &[(&at(first), &at(second))]);
            let denied = windows(&[], &[from]).opens_at(at(first).parse().unwrap());
            assert!(denied > at(second).parse().ok(), "{zone}: {denied:?}");
        }
    }

    #[test]
    fn what_can_never_open_is_known_without_a_clock() {
        let hours = period(&[], "09:00", "16:00", "UTC");
        let night = period(&[], "16:00", "09:00", "UTC");
        assert!(windows(std::slice::from_ref(&hours), &[]).ever_opens());
        assert!(!windows(std::slice::from_ref(&hours), std::slice::from_ref(&hours)).ever_opens());
        assert!(!windows(&[], &[hours.clone(), night.clone()]).ever_opens());
        let years = dated("2026-01-01", "2029-12-31", hours.clone());
        assert!(windows(std::slice::from_ref(&hours), std::slice::from_ref(&years)).ever_opens());
        let long = dated("2026-01-01", "2031-12-31", hours);
        assert!(windows(std::slice::from_ref(&long), std::slice::from_ref(&years)).ever_opens());
        assert!(!windows(&[years], &[long, night]).ever_opens());
    }

    /// 2,000 moments of a year in each of two zones: what it says, is so; and a second earlier it was closed.
    #[test]
    fn an_opening_is_open_and_the_moment_before_is_not() {
        for zone in ["Europe/Berlin", "America/New_York"] {
            let rules = windows(
                &[
                    period(&WORKDAYS, "09:00", "16:00", zone),
                    period(
                        &[Weekday::Saturday, Weekday::Sunday],
                        "23:00",
                        "02:30",
                        zone,
                    ),
                ],
                &[period(&[Weekday::Wednesday], "12:00", "14:00", "UTC")],
            );
            let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
            for step in 0..2_000 {
                let now = begin + SignedDuration::from_mins(step * 263);
                let open = rules.opens_at(now).unwrap();
                assert_eq!(rules.opens_at(open), Some(open), "{now}");
                if open > now {
                    let before = open - SignedDuration::from_secs(1);
                    assert_eq!(rules.opens_at(before), Some(open), "{now}");
                }
            }
        }
    }
}
