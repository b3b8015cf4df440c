//! NCRONTAB: `{second} {minute} {hour} {day} {month} {day of week}`, or five fields without the seconds.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::error::HostError;

/// When a timer is due, in UTC.
#[derive(Debug, Clone)]
pub(crate) struct Schedule(Box<Cron>);

impl Schedule {
    pub(crate) fn parse(expression: &str) -> Result<Self, HostError> {
        if !expression.trim().contains(' ') && expression.contains(':') {
            return Err(HostError::not_built(
                "E12",
                format!("the time span {expression} as a timer's schedule"),
            ));
        }
        // Unlike cron, NCRONTAB wants day and day of week to fit both.
        let parser = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .dom_and_dow(true)
            .build();
        parser
            .parse(expression)
            .map(|cron| Self(Box::new(cron)))
            .map_err(|error| {
                HostError::invalid(format!(
                    "the schedule {expression:?} is not understood: {error}"
                ))
            })
    }

    /// The first occurrence after `time`; none for a date that never comes.
    pub(crate) fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self
            .0
            .find_next_occurrence(&time.to_zoned(TimeZone::UTC), false)
            .ok()?;
        Some(next.timestamp())
    }

    /// The real host keeps no status for schedules that are due more often than once a minute.
    pub(crate) fn is_too_frequent_to_monitor(&self, now: Timestamp) -> bool {
        let Some(first) = self.next_after(now) else {
            return false;
        };
        self.next_after(first)
            .is_some_and(|second| second.duration_since(first) < SignedDuration::from_mins(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, time: &str) -> String {
        let schedule = Schedule::parse(expression).unwrap();
        schedule
            .next_after(time.parse().unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn e12_six_fields_begin_with_the_seconds_and_five_with_the_minutes() {
        assert_eq!(
            next("30 */5 * * * *", "2026-11-23T07:00:30Z"),
            "2026-11-23T07:05:30Z"
        );
        assert_eq!(
            next("*/5 * * * *", "2026-11-23T07:00:30.5Z"),
            "2026-11-23T07:05:00Z"
        );
        assert_eq!(
            next("0 0 9 * * 1-5", "2026-11-27T10:00:00Z"),
            "2026-11-30T09:00:00Z"
        );
        assert_eq!(
            next("0 0 0 13 * 5", "2026-11-23T00:00:00Z"),
            "2027-08-13T00:00:00Z"
        );
    }

    #[test]
    fn e12_what_is_due_more_often_than_once_a_minute_has_no_status() {
        let now = "2026-11-23T07:00:00Z".parse().unwrap();
        assert!(
            Schedule::parse("*/30 * * * * *")
                .unwrap()
                .is_too_frequent_to_monitor(now)
        );
        assert!(
            !Schedule::parse("0 * * * * *")
                .unwrap()
                .is_too_frequent_to_monitor(now)
        );
    }
}
