//! How the real host writes a .NET value into the envelope.
//!
//! Objects arrive as objects; everything else is serialised first and then put in as a *string*: the text `abc` arrives
//! as `"\"abc\""`, the number 1 as `"1"`.

use jiff::fmt::strtime;
use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// Objects and dictionaries, and strings that are already in their wire form.
pub(super) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("values of the envelope have text keys")
}

/// Text, numbers, arrays: encoded twice.
pub(super) fn encoded_twice(value: &impl Serialize) -> Box<RawValue> {
    raw(&serde_json::to_string(value).expect("values of the envelope have text keys"))
}

/// A `DateTime`: whole seconds, its kind lost, so no `Z`.
pub(crate) fn date_time(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%S")
}

/// A `DateTimeOffset`: whole seconds.
pub(crate) fn date_time_offset(at: Timestamp) -> String {
    format(at, "%Y-%m-%dT%H:%M:%S+00:00")
}

/// A date inside an object, which Newtonsoft writes with its fraction.
pub(crate) fn date_time_precise(at: Timestamp) -> String {
    format(
        at.round(Unit::Microsecond).unwrap_or(at),
        "%Y-%m-%dT%H:%M:%S%.f+00:00",
    )
}

/// `sys.UtcNow`: the one date that keeps its `Z`.
pub(super) fn utc(at: Timestamp) -> String {
    format(
        at.round(Unit::Microsecond).unwrap_or(at),
        "%Y-%m-%dT%H:%M:%S%.fZ",
    )
}

fn format(at: Timestamp, pattern: &str) -> String {
    strtime::format(pattern, at).expect("the pattern is a constant that fits a timestamp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e04_values_are_written_as_the_host_writes_them() {
        let at: Timestamp = "2023-10-12T20:13:49.640002Z".parse().unwrap();
        assert_eq!(date_time(at), "2023-10-12T20:13:49");
        assert_eq!(date_time_offset(at), "2023-10-12T20:13:49+00:00");
        assert_eq!(date_time_precise(at), "2023-10-12T20:13:49.640002+00:00");
        assert_eq!(utc(at), "2023-10-12T20:13:49.640002Z");
        assert_eq!(encoded_twice(&"abc").get(), r#""\"abc\"""#);
        assert_eq!(encoded_twice(&1).get(), r#""1""#);
    }
}
