//! Lengths of time as Argo Rollouts writes them: `10s`, `10m`, `1h`, `2d`. A bare number is seconds for a pause only, as it is
//! there: elsewhere `14` would mean days to most people and end everything after 14 seconds.

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
    /// A slip, but for a nought where none is too short: it is the same in every unit.
    Refused,
}

/// Reads a length of time of at least `least`.
pub(super) fn parse(text: &str, bare: Bare, least: Seconds) -> Result<Seconds, Complaint> {
    let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_bare && bare == Bare::Refused {
        return match text.parse::<u32>() {
            Ok(0) if least.0 == 0 => Ok(Seconds(0)),
            number => Err(Complaint::new("has no unit", units(number.ok(), least))),
        };
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
        Some(length) if length > LONGEST => Err(Complaint::new(
            "is longer than 366d",
            "write a shorter time",
        )),
        Some(length) if length < least => {
            let least = written(least);
            let help = format!("write at least `{least}`");
            Err(Complaint::new(format!("is less than {least}"), help))
        }
        Some(length) => Ok(length),
        None => {
            let help = match composed(text).filter(|length| length.0 > 0 && fits(*length, least)) {
                Some(length) => format!("write `{}`", written(length)),
                None if least > Seconds(30) => "write `10m`, `1h` or `2d`".to_owned(),
                None => "write `30s`, `10m`, `1h` or `2d`".to_owned(),
            };
            Err(Complaint::new("is no length of time", help))
        }
    }
}

/// A length of time that a person wrote outside of a file, of a minute or more; else what is wrong with it, as the end of a
/// sentence.
pub fn length_of_time(text: &str) -> Result<Seconds, String> {
    let read = parse(text, Bare::Refused, Seconds(60));
    read.map_err(|complaint| format!("{}: {}", complaint.what, complaint.help))
}

/// What a number without a unit may have meant: every unit in which it is neither too short nor too long.
fn units(number: Option<u32>, least: Seconds) -> String {
    let in_unit = |(letter, seconds): &(char, u32)| {
        let number = number?;
        let length = Seconds(number.checked_mul(*seconds)?);
        fits(length, least).then(|| format!("`{number}{letter}`"))
    };
    let meant: Vec<String> = UNITS.iter().filter_map(in_unit).collect();
    match meant.as_slice() {
        [] if number == Some(0) => format!("write at least `{}`", written(least)),
        [] => format!("write at most `{}`", written(LONGEST)),
        [only] => format!("write {only}"),
        [others @ .., end] => format!("write {} or {end}, whichever is meant", others.join(", ")),
    }
}

fn fits(length: Seconds, least: Seconds) -> bool {
    (least..=LONGEST).contains(&length)
}

/// `1h30m`, which Argo does not take and others do.
fn composed(text: &str) -> Option<Seconds> {
    let parts = text.split_inclusive(|c: char| c.is_ascii_alphabetic());
    let part = |part: &str| {
        let (letter, seconds) = UNITS.iter().find(|(letter, _)| part.ends_with(*letter))?;
        let digits = part.strip_suffix(*letter)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .parse::<u32>()
            .ok()
            .filter(|_| plain)?
            .checked_mul(*seconds)
    };
    parts
        .map(part)
        .try_fold(0_u32, |sum, part| sum.checked_add(part?))
        .map(Seconds)
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

    const NONE: Seconds = Seconds(0);

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
            assert_eq!(
                parse(text, Bare::Seconds, NONE),
                Ok(Seconds(seconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn where_a_unit_is_needed_everything_else_reads_the_same() {
        let bare = parse("14", Bare::Refused, NONE).unwrap_err();
        assert_eq!(
            bare.help,
            "write `14d`, `14h`, `14m` or `14s`, whichever is meant"
        );
        for text in ["10s", "2d", "", "m", "1w", "367d"] {
            assert_eq!(
                parse(text, Bare::Refused, NONE),
                parse(text, Bare::Seconds, NONE),
                "{text}"
            );
        }
    }

    #[test]
    fn only_units_that_are_long_and_short_enough_are_offered() {
        let minute = Seconds(60);
        for (text, least, help) in [
            ("0", minute, "write at least `1m`"),
            (
                "30",
                minute,
                "write `30d`, `30h` or `30m`, whichever is meant",
            ),
            (
                "400",
                NONE,
                "write `400h`, `400m` or `400s`, whichever is meant",
            ),
            ("31000000", NONE, "write `31000000s`"),
            ("99999999999", NONE, "write at most `366d`"),
        ] {
            let complaint = parse(text, Bare::Refused, least).unwrap_err();
            assert_eq!(
                (complaint.what.as_str(), complaint.help.as_str()),
                ("has no unit", help),
                "{text}"
            );
        }
        assert_eq!(parse("0", Bare::Refused, NONE), Ok(NONE));
        let short = parse("30s", Bare::Refused, minute).unwrap_err();
        assert_eq!(
            short,
            Complaint::new("is less than 1m", "write at least `1m`")
        );
    }

    #[test]
    fn what_is_put_together_of_units_is_written_in_one() {
        let help = |text| parse(text, Bare::Refused, Seconds(60)).unwrap_err().help;
        assert_eq!(help("1h30m"), "write `90m`");
        assert_eq!(help("1d12h"), "write `36h`");
        for text in ["1hm", "1h30", "366d1s", "h1m", "10s10s", "1h-3m"] {
            assert_eq!(help(text), "write `10m`, `1h` or `2d`", "{text}");
        }
        // What is offered is taken.
        let short = parse("4x", Bare::Refused, NONE).unwrap_err().help;
        assert_eq!(short, "write `30s`, `10m`, `1h` or `2d`");
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
            assert!(parse(text, Bare::Seconds, NONE).is_err(), "{text}");
        }
    }

    /// 20,000 lengths, spread over all that there are, and every boundary of a unit.
    #[test]
    fn what_is_written_reads_as_the_same() {
        let spread = (0..20_000_u32).map(|step| step * (LONGEST.0 / 20_000));
        let edges = UNITS.iter().flat_map(|(_, s)| [s - 1, *s, s + 1, s * 2]);
        for seconds in spread.chain(edges) {
            let text = written(Seconds(seconds));
            assert_eq!(
                parse(&text, Bare::Refused, NONE),
                Ok(Seconds(seconds)),
                "{text}"
            );
        }
    }
}
