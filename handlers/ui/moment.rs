//! Moments: as UTC, and in words beside now.

use jiff::Timestamp;

use super::figures::counted;

/// `2026-11-23 07:15:02 UTC`.
pub(crate) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// For `<time datetime>`.
pub(crate) fn machine(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `in 3 hours`, `2 minutes ago`, `just now`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let ahead = at.as_second() - now.as_second();
    match ahead {
        -4..=0 => "just now".to_owned(),
        1.. => format!("in {}", about(ahead.unsigned_abs())),
        _ => format!("{} ago", about(ahead.unsigned_abs())),
    }
}

/// `2026-11-23 07:15:02 UTC (in 3 hours)`.
pub(crate) fn both(at: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", utc(at), relative(at, now))
}

/// How long something took.
pub(crate) fn took(from: Timestamp, until: Timestamp) -> String {
    let seconds = until.as_second().saturating_sub(from.as_second());
    let seconds = u64::try_from(seconds).unwrap_or(0);
    match seconds {
        0 => "under a second".to_owned(),
        1..=59 => format!("{seconds} s"),
        60..=3599 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn about(seconds: u64) -> String {
    match seconds {
        0..=89 => counted(seconds, "second"),
        90..=5399 => counted((seconds + 30) / 60, "minute"),
        5400..=172_799 => counted((seconds + 1800) / 3600, "hour"),
        _ => counted((seconds + 43_200) / 86_400, "day"),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn moments_are_said_in_words() {
        let now: Timestamp = "2026-11-23T07:15:02.7Z".parse().unwrap();
        let said = |seconds: i64| {
            relative(
                Timestamp::from_second(now.as_second() + seconds).unwrap(),
                now,
            )
        };
        assert_eq!(
            [-200_000, -7200, -120, -30, 0, 45, 600, 259_200].map(said),
            [
                "2 days ago",
                "2 hours ago",
                "2 minutes ago",
                "30 seconds ago",
                "just now",
                "in 45 seconds",
                "in 10 minutes",
                "in 3 days"
            ]
        );
        assert_eq!(utc(now), "2026-11-23 07:15:02 UTC");
    }
}
