//! Lengths of time as Argo Rollouts writes them: `10s`, `10m`, `1h`, `2d`; a bare number is seconds, but for deadlines,
//! where `14` would mean days to most people and end everything after 14 seconds.

use promotion::Seconds;

use super::diagnostics::Complaint;

/// The longest: more than that is a slip of the unit.
const LONGEST: Seconds = Seconds(366 * 86_400);
/// Units, the largest first.
const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// What a number without a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// Seconds, as in Argo Rollouts.
    Seconds,
    /// A slip.
    Refused,
}

/// Reads a length of time.
pub(super) fn parse(text: &str, bare: Bare) -> Result<Seconds, Complaint> {
    let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_bare && bare == Bare::Refused {
        let help =
            format!("write `{text}d`, `{text}h`, `{text}m` or `{text}s`, whichever is meant");
        return Err(Complaint::new("has no unit", help));
    }
    let unit = UNITS.iter().find(|(letter, _)| text.ends_with(*letter));
    let (digits, seconds) = match unit {
        Some((letter, seconds)) => (text.trim_end_matches(*letter), *seconds),
        None => (text, 1),
    };
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit()) && text.len() - digits.len() <= 1;
    let number = digits.parse::<u32>().ok().filter(|_| whole);
    let length = number
        .and_then(|number| number.checked_mul(seconds))
        .map(Seconds);
    match length {
        Some(length) if length <= LONGEST => Ok(length),
        Some(_) => Err(Complaint::new(
            "is longer than 366d",
            "write a shorter time",
        )),
        None => Err(Complaint::new(
            "is no length of time",
            "write `30s`, `10m`, `1h` or `2d`",
        )),
    }
}

/// Writes a length of time in the largest unit that holds it without rest.
pub(super) fn written(length: Seconds) -> String {
    let fits = |(_, seconds): &&(char, u32)| length.0 > 0 && length.0.is_multiple_of(*seconds);
    let (letter, seconds) = UNITS.iter().find(fits).unwrap_or(&('s', 1));
    format!("{}{letter}", length.0 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argos_forms_are_read() {
        for (text, seconds) in [
            ("10s", 10),
            ("10m", 600),
            ("1h", 3_600),
            ("2d", 172_800),
            ("90", 90),
            ("0s", 0),
        ] {
            assert_eq!(parse(text, Bare::Seconds), Ok(Seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn where_a_unit_is_needed_everything_else_reads_the_same() {
        let bare = parse("14", Bare::Refused).unwrap_err();
        assert_eq!(
            bare.help,
            "write `14d`, `14h`, `14m` or `14s`, whichever is meant"
        );
        for text in ["10s", "2d", "", "m", "1w", "367d"] {
            assert_eq!(
                parse(text, Bare::Refused),
                parse(text, Bare::Seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "",
            "m",
            "1w",
            "1h30m",
            "10 m",
            "-1s",
            "1.5h",
            "10mm",
            "+5",
            "99999999999",
            "367d",
            "١s",
        ] {
            assert!(parse(text, Bare::Seconds).is_err(), "{text}");
        }
    }

    /// 20,000 lengths, spread over all that there are, and every boundary of a unit.
    #[test]
    fn what_is_written_reads_as_the_same() {
        let spread = (0..20_000_u32).map(|step| step * (LONGEST.0 / 20_000));
        let edges = UNITS.iter().flat_map(|(_, s)| [s - 1, *s, s + 1, s * 2]);
        for seconds in spread.chain(edges) {
            let text = written(Seconds(seconds));
            assert_eq!(parse(&text, Bare::Refused), Ok(Seconds(seconds)), "{text}");
        }
    }
}
