//! What is typed, read before anything is sent: a slip is told in the words of the command line, beside the option it is in.
//!
//! What only the app can judge (whether there is such a version, who may) is left to it.

use jiff::Timestamp;
use jiff::civil::Date;
use promotion::{ModelVersion, PauseId};

use crate::config::length_of_time;
use crate::ui::{COMMENT, REASON, length as characters, no_version};

/// A moment, as the API takes it.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    text.trim().parse().map_err(|_| {
        "write a moment with its offset, like 2026-12-24T18:00:00Z or 2026-12-24T19:00:00+01:00; for a length of time there is \
         `--for 4h`"
            .to_owned()
    })
}

/// A length of time. An empty one is a slip (`--for "$HOURS"` with nothing in it), and taken for none it would stop the line
/// for ever.
pub(super) fn length(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(
            "it is empty; write a length of time like 4h, or leave the option out to freeze until somebody lifts it"
                .to_owned(),
        );
    }
    match length_of_time(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(why) => Err(format!("it {why}")),
    }
}

/// A promotion's id. An empty one is a slip (`liftlock status "$ID"` with nothing in it), and no wish for the list.
pub(super) fn promotion(text: &str) -> Result<String, String> {
    filled(text, "an id as `liftlock status` lists it")
}

/// The name of something, or its id.
pub(super) fn named(text: &str) -> Result<String, String> {
    filled(text, "a name")
}

fn filled(text: &str, what: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err(format!("it is empty; write {what}")),
        filled => Ok(filled.to_owned()),
    }
}

/// A model's version, as Azure Machine Learning writes one.
pub(super) fn version(text: &str) -> Result<String, String> {
    match ModelVersion::parse(text) {
        Some(version) => Ok(version.as_str().to_owned()),
        None => Err(no_version(text)),
    }
}

/// A month.
pub(super) fn month(text: &str) -> Result<String, String> {
    let first = format!("{text}-01").parse::<Date>();
    match first {
        Ok(first) if first.strftime("%Y-%m").to_string() == text => Ok(text.to_owned()),
        Ok(_) | Err(_) => Err("write a month like 2026-11".to_owned()),
    }
}

/// A pause of a rollout.
pub(super) fn pause(text: &str) -> Result<String, String> {
    match PauseId::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(
            "write it as `liftlock status ID` shows it, like 1.2 for step 2 of attempt 1"
                .to_owned(),
        ),
    }
}

/// An attempt of a promotion.
pub(super) fn attempt(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        "write its number, counted from 1, as `liftlock status ID` shows it".to_owned()
    })
}

/// Why, as far as a reason is kept whole.
pub(super) fn reason(text: &str) -> Result<String, String> {
    no_longer_than(REASON, text)
}

/// Why, as far as a comment is kept whole.
pub(super) fn comment(text: &str) -> Result<String, String> {
    no_longer_than(COMMENT, text)
}

fn no_longer_than(most: usize, text: &str) -> Result<String, String> {
    let has = characters(text);
    if has > most {
        return Err(format!(
            "it has {has} characters, and {most} are kept; say it shorter"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_an_offset() {
        for good in [
            "2026-12-24T18:00:00Z",
            "2026-12-24T19:00:00+01:00",
            " 2026-12-24T18:00Z ",
            "2026-12-24 18:00:00Z",
        ] {
            let expected = "2026-12-24T18:00:00Z".parse::<Timestamp>().ok();
            assert_eq!(moment(good).ok(), expected, "{good}");
        }
        for bad in [
            "",
            "tomorrow",
            "2026-12-24",
            "2026-12-24T18:00:00",
            "18:00",
            "4h",
        ] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_length_of_time_has_a_unit_and_is_there() {
        assert_eq!(length(" 4h ").as_deref(), Ok("4h"));
        for (bad, told) in [
            ("", "it is empty; write a length of time like 4h"),
            ("  ", "it is empty"),
            ("3x", "it is no length of time: write `10m`, `1h` or `2d`"),
            ("30s", "it is less than 1m: write at least `1m`"),
            ("90", "it has no unit: write `90d`, `90h`, `90m` or `90s`"),
        ] {
            let said = length(bad).unwrap_err();
            assert!(said.starts_with(told), "{bad}: {said}");
        }
    }

    #[test]
    fn an_empty_id_is_no_wish_for_the_list() {
        assert_eq!(promotion(" a.b-1 ").as_deref(), Ok("a.b-1"));
        for bad in ["", " ", "\t"] {
            assert!(promotion(bad).unwrap_err().starts_with("it is empty"));
            assert!(named(bad).unwrap_err().starts_with("it is empty"));
        }
    }

    #[test]
    fn a_version_is_one_that_could_be_registered() {
        for good in ["2", " 2 ", "1.0-rc_1"] {
            assert_eq!(version(good).as_deref(), Ok(good.trim()));
        }
        for bad in ["", "../2", ".2", "2/3", "ä", &"2".repeat(61)] {
            assert!(version(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn months_and_pauses_are_read_as_they_are_shown() {
        assert_eq!(month("2026-11").as_deref(), Ok("2026-11"));
        for bad in ["nov", "2026-13", "2026-1", "2026", "2026-11-01", ""] {
            assert!(month(bad).is_err(), "{bad}");
        }
        assert_eq!(pause("1.2").as_deref(), Ok("1.2"));
        for bad in ["1.x", "1", "", "1.0"] {
            assert!(pause(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_would_be_cut_is_refused() {
        assert!(reason(&"ä".repeat(REASON)).is_ok());
        let told = reason(&"ä".repeat(REASON + 1)).unwrap_err();
        assert_eq!(
            told,
            "it has 501 characters, and 500 are kept; say it shorter"
        );
        assert!(comment(&"x".repeat(COMMENT)).is_ok());
        assert!(comment(&"x".repeat(COMMENT + 1)).is_err());
    }
}
