//! Windows: what is read, what is refused, and what `liftlock check` says of them.

use super::sample::{Sample, WINDOWS};
use crate::config::{CheckOutcome, Config};

fn with(windows: &str) -> Sample {
    let last = "    concurrency: queue\n";
    Sample::full().changed(last, &format!("{last}{windows}"))
}

/// What is wrong with one window.
fn problem(window: &str) -> String {
    with(&format!("    windows: [{window}]\n")).problems()
}

fn opens(config: &Config, now: &str) -> String {
    let opens = config.routes[0].windows.opens_at(now.parse().unwrap());
    opens.map_or_else(|| "never".to_owned(), |at| at.to_string())
}

#[test]
fn every_key_reaches_the_route() {
    let config = with(WINDOWS).check().unwrap();
    // A Sunday; a Wednesday in December, when it is noon in New York at the end of Berlin's hours.
    assert_eq!(
        opens(&config, "2026-11-22T12:00:00Z"),
        "2026-11-23T08:00:00Z"
    );
    assert_eq!(
        opens(&config, "2026-12-23T14:30:00Z"),
        "2026-12-23T14:30:00Z"
    );
    assert_eq!(opens(&config, "2031-01-01T12:00:00Z"), "never");
    let always = Sample::full().check().unwrap();
    assert_eq!(
        opens(&always, "2026-11-22T12:00:00Z"),
        "2026-11-22T12:00:00Z"
    );
}

#[test]
fn the_check_sums_them_up() {
    let checked = with(WINDOWS).checked_without_environment();
    assert_eq!(checked.outcome, CheckOutcome::Clean);
    let line = checked.text.lines().find(|line| line.contains("acts only"));
    insta::assert_snapshot!(line.unwrap().trim(), @"acts only 2026-01-01 to 2030-12-31 mon, tue, wed, thu 09:00 to 16:00 Europe/Berlin; not 2026-12-20 to 2027-01-06 wed 12:00 to 13:30 America/New_York");
    let checked = with("    windows: [{ deny: { days: [fri], to: 06:00, timeZone: UTC } }]\n");
    let text = checked.checked_without_environment().text;
    let line = text.lines().find(|line| line.contains("acts not"));
    insta::assert_snapshot!(line.unwrap().trim(), @"acts not fri 00:00 to 06:00 UTC");
}

#[test]
fn what_makes_no_window_is_refused_with_a_remedy() {
    let problems: Vec<String> = [
        "{ allow: { days: [monday], timeZone: Europe/Berlin } }",
        "{ allow: { days: [], timeZone: Europe/Berlin } }",
        "{ allow: { from: 9:00, timeZone: Europe/Berlin } }",
        "{ allow: { from: '24:00', timeZone: Europe/Berlin } }",
        "{ allow: { from: 09:00, to: 09:00, timeZone: Europe/Berlin } }",
        "{ allow: { days: [mon] } }",
        "{ allow: { timeZone: Europe/Berlin } }",
        "{ deny: { days: [mon], timeZone: berlin } }",
        "{ deny: { days: [mon], timeZone: Europe/Berln } }",
        "{ deny: { days: [mon], timeZone: Mars/Olympus_Mons } }",
        "{ deny: { dates: { first: 2026-12-24, last: 2026-12-20 }, timeZone: UTC } }",
        "{ deny: { dates: { first: 20261224, last: 24.12.2026 }, timeZone: UTC } }",
        "{ deny: { from: 00:00, to: 24:00, timeZone: UTC } }",
        "{ allow: { days: [mon], timeZone: UTC } }, { deny: { days: [sun, mon, tue], timeZone: Europe/Berlin } }",
        "{ allow: { from: 02:15, to: 02:45, dates: { first: 2026-03-29, last: 2026-03-29 }, timeZone: Europe/Berlin } }",
        "{ allow: { days: [mon], hours: 9-16, timeZone: UTC } }",
        "{ days: [mon] }",
    ]
    .map(problem)
    .into();
    insta::assert_snapshot!(problems.join("\n").replace("1 problem\n", ""), @"
    liftlock.yaml:49: routes[0].windows[0].allow.days[0]: `monday` is no day of the week
        help: did you mean `mon`?
    liftlock.yaml:49: routes[0].windows[0].allow.days: is an empty list
        help: write on which days it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; absent: on each
    liftlock.yaml:49: routes[0].windows[0].allow.from: `9:00` is no time of day
        help: write hours and minutes, from `00:00` to `23:59`
    liftlock.yaml:49: routes[0].windows[0].allow.from: `24:00` is no time of day
        help: write hours and minutes, from `00:00` to `23:59`
    liftlock.yaml:49: routes[0].windows[0].allow.to: is when it begins as well, so it is never open
        help: write another time; a whole day is `00:00` to `24:00`
    liftlock.yaml:49: routes[0].windows[0].allow: `timeZone` is missing
        help: add it: whose clock that is, by its IANA name: `Europe/Berlin`, `UTC`
    liftlock.yaml:49: routes[0].windows[0].allow.timeZone: names neither days nor hours nor dates
        help: add `days`, `from` and `to`, or `dates`; else remove it
    liftlock.yaml:49: routes[0].windows[0].deny.timeZone: `berlin` is no time zone
        help: did you mean `Europe/Berlin`?
    liftlock.yaml:49: routes[0].windows[0].deny.timeZone: `Europe/Berln` is no time zone
        help: did you mean `Europe/Berlin`?
    liftlock.yaml:49: routes[0].windows[0].deny.timeZone: `Mars/Olympus_Mons` is no time zone
        help: write a name of the IANA list, like `Europe/Berlin` or `UTC`
    liftlock.yaml:49: routes[0].windows[0].deny.dates.last: is before `first`, which is 2026-12-24
        help: swap them
    liftlock.yaml:49: routes[0].windows[0].deny.dates.first: `20261224` is a number, not a text
        help: put it in quotes
    liftlock.yaml:49: routes[0].windows[0].deny.dates.last: `24.12.2026` is no day
        help: write year, month and day like `2026-12-20`
    2 problems
    liftlock.yaml:49: routes[0].windows: deny every hour there is, so nothing could ever be promoted
        help: leave some hours out; to stop for a while there are freezes
    liftlock.yaml:49: routes[0].windows[0]: can never be open: `deny` covers all of it
        help: shorten what is denied, or remove this `allow`
    liftlock.yaml:49: routes[0].windows[0]: can never be open: on its days its hours are not there
        help: write other hours or days, or remove it
    liftlock.yaml:49: routes[0].windows[0].allow: unknown key `hours`
        help: the keys here are `days`, `from`, `to`, `dates`, `timeZone`
    liftlock.yaml:49: routes[0].windows[0]: unknown key `days`
        help: write one of `allow`, `deny`
    1 problem
    ");
}

#[test]
fn no_route_has_more_windows_than_anybody_keeps_in_mind() {
    let many = "{ deny: { days: [fri], timeZone: UTC } }, ".repeat(21);
    let report = problem(&many);
    assert!(report.contains("are 21 windows, more than 20"), "{report}");
}
