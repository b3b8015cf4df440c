//! Numbers, sizes and lengths of time as people write them.

use promotion::Seconds;

/// Digits that matter to a reader.
const DIGITS: usize = 6;
/// Digits that tell any two numbers apart.
const ALL_DIGITS: usize = 17;

/// A metric's value.
pub(crate) fn number(value: f64) -> String {
    rounded(value, DIGITS)
}

/// A value beside the bound it was held against: with enough digits that they read differently if they differ.
pub(crate) fn beside(value: f64, bound: f64) -> String {
    (DIGITS..ALL_DIGITS)
        .map(|digits| (rounded(value, digits), rounded(bound, digits)))
        .find(|(value, bound)| value != bound)
        .map_or_else(|| number(value), |(value, _)| value)
}

/// Two ends of a scale: with few digits, and more only where they would read alike.
pub(crate) fn apart(one: f64, other: f64) -> (String, String) {
    const FEW: usize = 3;
    (FEW..DIGITS)
        .map(|digits| (rounded(one, digits), rounded(other, digits)))
        .find(|(one, other)| one != other)
        .unwrap_or_else(|| (number(one), number(other)))
}

fn rounded(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.*e}", digits - 1);
    let rounded: f64 = text.parse().unwrap_or(value);
    // Few digits of the greatest number there is are more than it.
    if !rounded.is_finite() {
        return text;
    }
    if (1e-4..1e15).contains(&rounded.abs()) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

/// A share of one, in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", rounded(share * 100.0, DIGITS))
}

/// Bytes.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1_000),
    ];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => counted(bytes, "byte"),
    }
}

/// A length of time, in its largest unit that leaves no rest.
pub(crate) fn length(seconds: Seconds) -> String {
    let seconds = u64::from(seconds.0);
    match seconds {
        0 => "no time".to_owned(),
        s if s % 86_400 == 0 && s > 86_400 => counted(s / 86_400, "day"),
        s if s % 3_600 == 0 => counted(s / 3_600, "hour"),
        s if s % 60 == 0 => counted(s / 60, "minute"),
        s => counted(s, "second"),
    }
}

/// `1 file`, `2 files`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    if count == 1 {
        format!("1 {thing}")
    } else {
        format!("{count} {thing}s")
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn numbers_are_short_and_true() {
        let shown = [0.0, 60.0, 53.853_124_9, -0.25, 1e-7, 123_456_789.0].map(number);
        assert_eq!(shown, ["0", "60", "53.8531", "-0.25", "1e-7", "123457000"]);
        assert_eq!(beside(60.000_000_1, 60.0), "60.0000001");
        assert_eq!(beside(60.0, 60.0), "60");
        assert_eq!(percent(0.01), "1 %");
        let ends = |one, other| {
            let (one, other) = apart(one, other);
            format!("{one} {other}")
        };
        assert_eq!(ends(0.001_234_5, 12.345), "0.00123 12.3");
        assert_eq!(ends(100.01, 100.02), "100.01 100.02");
        assert_eq!(ends(1.0, f64::MAX), "1 1.80e308");
    }

    #[test]
    fn sizes_and_lengths_have_units() {
        assert_eq!(
            [1, 999, 1_234, 5_600_000].map(size),
            ["1 byte", "999 bytes", "1.2 KB", "5.6 MB"]
        );
        assert_eq!(
            [30, 600, 86_400, 259_200].map(|s| length(Seconds(s))),
            ["30 seconds", "10 minutes", "24 hours", "3 days"]
        );
    }
}
