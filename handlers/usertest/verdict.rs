//! What was expected, held against what was decided.

use promotion::{Ending, Notice};

use super::story::Told;
use crate::config::Expected;
use crate::ui;

/// Something that is not as expected.
#[derive(Debug, PartialEq)]
pub(super) struct Otherwise {
    /// The key under `expect`.
    pub(super) what: &'static str,
    pub(super) expected: String,
    pub(super) actual: String,
}

/// Everything that is not as expected.
pub(super) fn compare(expected: &Expected, told: &Told) -> Vec<Otherwise> {
    let routes = expected.routes.as_ref();
    let shares = expected.traffic.as_ref();
    let cards = expected.cards.as_ref();
    let found = [
        routes.and_then(|wanted| differs("routes", wanted, &told.routes, String::clone)),
        blocked_by(expected, told),
        ends(expected, told),
        because(expected, told),
        shares.and_then(|wanted| differs("traffic", wanted, &told.shares, ToString::to_string)),
        cards.and_then(|wanted| differs("cards", wanted, &told.cards, |notice| card(*notice))),
        refused(expected, told),
    ];
    found.into_iter().flatten().collect()
}

fn differs<T: PartialEq>(
    what: &'static str,
    wanted: &[T],
    found: &[T],
    say: impl Fn(&T) -> String,
) -> Option<Otherwise> {
    (wanted != found).then(|| Otherwise {
        what,
        expected: list(wanted.iter().map(&say)),
        actual: list(found.iter().map(&say)),
    })
}

fn blocked_by(expected: &Expected, told: &Told) -> Option<Otherwise> {
    let wanted = expected.blocked_by.as_ref()?;
    let verdicts = match &told.ending {
        Some(Ending::Blocked { verdicts }) => verdicts.as_slice(),
        Some(_) | None => &[],
    };
    let found = verdicts.iter().filter(|verdict| !verdict.passed());
    let found: Vec<String> = found.map(|verdict| ui::verdict(verdict).name).collect();
    parts("blockedBy", wanted, &found)
}

fn ends(expected: &Expected, told: &Told) -> Option<Otherwise> {
    let wanted = expected.ends.as_deref()?;
    let found = told.ending.as_ref().map(Ending::name);
    let same = match (wanted, found) {
        ("live", found) => found == Some("finished"),
        (wanted, found) => found == Some(wanted),
    };
    (!same).then(|| Otherwise {
        what: "ends",
        expected: wanted.to_owned(),
        actual: found.unwrap_or(ui::NOT_AT_ALL).to_owned(),
    })
}

fn because(expected: &Expected, told: &Told) -> Option<Otherwise> {
    let wanted = expected.because.as_deref()?;
    let found = told.reason();
    let holds = found.as_ref().is_some_and(|found| found.contains(wanted));
    (!holds).then(|| Otherwise {
        what: "because",
        expected: wanted.to_owned(),
        actual: found.unwrap_or_else(|| ui::NOT_AT_ALL.to_owned()),
    })
}

fn refused(expected: &Expected, told: &Told) -> Option<Otherwise> {
    let found = told.refused.iter();
    let found: Vec<String> = found
        .map(|refusal| ui::was_refused(&refusal.whom, &refusal.why))
        .collect();
    parts(
        "refused",
        expected.refused.as_deref().unwrap_or(&[]),
        &found,
    )
}

/// Whether each of them, in order, is in its sentence.
fn parts(what: &'static str, wanted: &[String], found: &[String]) -> Option<Otherwise> {
    let in_order = wanted.iter().zip(found);
    let same = wanted.len() == found.len()
        && in_order
            .into_iter()
            .all(|(wanted, found)| found.contains(wanted.as_str()));
    (!same).then(|| Otherwise {
        what,
        expected: list(wanted.iter().cloned()),
        actual: list(found.iter().cloned()),
    })
}

/// As the tests write it.
fn card(notice: Notice) -> String {
    let written = serde_json::to_value(notice).unwrap_or_default();
    written.as_str().unwrap_or_default().to_owned()
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        "none".to_owned()
    } else {
        format!("[{}]", items.join(", "))
    }
}
