//! What `liftlock test` says of tests; what is decided in them is said with everybody's sentences.

use std::path::Path;

use jiff::SignedDuration;
use promotion::Promotion;

use super::subjects::stage_name;
use crate::ui::figures::counted;
use crate::ui::text::{name, quoted};

/// In place of an ending, or of a reason, that there is not.
pub const NOT_AT_ALL: &str = "nothing";

/// How many are as expected.
pub fn tests_tally(tests: usize, failed: usize, unread: usize) -> String {
    let ok = tests - failed;
    let all = counted(tests as u64, "test");
    match (failed, unread) {
        (_, unread) if tests == 0 => {
            format!("{} could not be read", counted(unread as u64, "test"))
        }
        (0, 0) => format!("{all}: all as expected"),
        (failed, 0) => format!("{all}: {ok} as expected, {failed} not"),
        (failed, unread) => {
            format!("{all}: {ok} as expected, {failed} not; {unread} more could not be read")
        }
    }
}

/// Where no test is found.
pub fn no_tests(folder: &Path) -> String {
    format!(
        "there is no `*.test.yaml` in `{0}`, nor in a folder `tests` there; docs/user-tests.md shows one",
        folder.display()
    )
}

/// Where a test finds no configuration, or not the one that it names.
pub fn no_configuration(test: &Path, named: Option<&str>) -> String {
    let test = test.display();
    match named {
        Some(named) => {
            format!("{test}: there is no configuration `{named}`; name it from the test's folder")
        }
        None => {
            format!("{test}: there is no liftlock.yaml beside it or above; name one with `config`")
        }
    }
}

/// Where it is not clear which promotion is meant.
pub fn several_routes(routes: &[String]) -> String {
    format!(
        "The event opens promotions on several routes ({}): say with `route` which one is meant.",
        routes.join(", ")
    )
}

/// Where the promotion that is meant is not opened.
pub fn another_route(route: &str, routes: &[String]) -> String {
    format!(
        "The event opens nothing on route {}, but on {}.",
        name(route),
        routes.join(", ")
    )
}

/// Where a completed job came to no version.
pub fn intake_stopped(stage: &str) -> String {
    format!("The job's intake came no further than {stage}.")
}

/// Where a metric is measured that the test is silent about.
pub fn untold_metric(metric: &str) -> String {
    format!(
        "{} was measured, and the test does not say what it shows: name it under `measurements`.",
        name(metric)
    )
}

/// Where somebody never had the occasion to act.
pub fn never_came(reason: &str) -> String {
    format!(
        "It never came to where somebody acts: {}.",
        quoted(reason).unwrap_or_default()
    )
}

/// Where a promotion comes to no end.
pub fn takes_too_long(promotion: &Promotion, longest: SignedDuration) -> String {
    format!(
        "It came to no end in {}: it is {}.",
        counted(longest.as_hours().unsigned_abs() / 24, "day"),
        stage_name(promotion)
    )
}

/// Where a promotion remembers without end.
pub fn tells_too_much(most: usize) -> String {
    format!("It came to no end in {}.", counted(most as u64, "record"))
}

/// Where nothing happens any more although something is due.
pub fn turns_in_circles(promotion: &Promotion) -> String {
    format!(
        "Something is due, and nothing comes of it: it is {}.",
        stage_name(promotion)
    )
}

/// What somebody was refused.
pub fn was_refused(whom: &str, why: &str) -> String {
    format!("Refused to {}: {why}", name(whom))
}

/// The same, more than once.
pub fn so_often(says: &str, times: u32) -> String {
    format!("{says} ({times} times)")
}

/// How long after the event: `00:10:00`, `1 d 00:12:30`.
pub fn after(seconds: i64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        rest / 3_600,
        rest % 3_600 / 60,
        rest % 60
    );
    match days {
        0 => clock,
        days => format!("{days} d {clock}"),
    }
}
