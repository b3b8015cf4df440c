//! .NET's `TimeSpan` in JSON: `[d.]hh:mm:ss[.fffffff]`, or -1 for no limit.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A time span as `host.json` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeSpan {
    Limited(Duration),
    Unlimited,
}

impl TimeSpan {
    pub(crate) fn limit(self) -> Option<Duration> {
        match self {
            Self::Limited(duration) => Some(duration),
            Self::Unlimited => None,
        }
    }
}

impl<'de> Deserialize<'de> for TimeSpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with('-') {
            return Ok(Self::Unlimited);
        }
        parse(&text).map(Self::Limited).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is not a time span such as 00:05:00"))
        })
    }
}

fn parse(text: &str) -> Option<Duration> {
    let (days_and_hours, minutes_and_seconds) = text.split_once(':')?;
    let (minutes, seconds) = minutes_and_seconds.split_once(':')?;
    let (days, hours) = days_and_hours
        .split_once('.')
        .unwrap_or(("0", days_and_hours));
    let [days, hours, minutes] = [days, hours, minutes].map(|part| part.parse::<u32>().ok());
    let whole = u64::from(days?) * 86_400 + u64::from(hours?) * 3_600 + u64::from(minutes?) * 60;
    Some(Duration::from_secs(whole) + Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_are_read_as_dotnet_reads_them() {
        for (text, seconds) in [
            ("00:05:00", 300.0),
            ("1.00:00:01", 86_401.0),
            ("00:00:00.8000000", 0.8),
        ] {
            assert_eq!(
                parse(text),
                Some(Duration::from_secs_f64(seconds)),
                "{text}"
            );
        }
        assert_eq!(parse("5 minutes"), None);
    }
}
