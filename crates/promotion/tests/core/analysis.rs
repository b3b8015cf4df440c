//! Analysis held against Argo Rollouts: its rules, written down once more the way its controller applies them, over every
//! sequence of measurements up to a length, and a table to read.
//!
//! One deliberate difference, which the comparison finds and counts: what would be a success without one successful
//! measurement is inconclusive. (In Argo Rollouts nothing but borne failures, and an end before the first measurement, are
//! successes.)

use jiff::{SignedDuration, Timestamp};
use promotion::Seconds;
use promotion::analysis::{
    AnalysisRun, Count, Measured, Measurement, MetricRule, MetricRun, NotARule, Verdict,
};
use std::num::NonZeroU32;

const START: &str = "2026-11-23T07:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn measurement(came_to: Measured, seconds: i64) -> Measurement {
    Measurement {
        at: start() + SignedDuration::from_secs(seconds),
        came_to,
        samples: None,
        value: Some(0.5),
        threshold: "< 1".to_owned(),
        query: "errors".to_owned(),
        message: None,
    }
}

fn measured(letter: char) -> Measured {
    match letter {
        'S' => Measured::Successful,
        'F' => Measured::Failed,
        'I' => Measured::Inconclusive,
        'E' => Measured::Error,
        other => panic!("{other}"),
    }
}

fn letter(verdict: Option<Verdict>) -> char {
    match verdict {
        None => '.',
        Some(Verdict::Successful) => 'S',
        Some(Verdict::Failed) => 'F',
        Some(Verdict::Inconclusive) => 'I',
        Some(Verdict::Error) => 'E',
    }
}

fn every() -> MetricRule {
    MetricRule::every(Seconds(60))
}

fn times(count: u32) -> MetricRule {
    MetricRule {
        count: Count::Times(NonZeroU32::new(count).unwrap()),
        ..every()
    }
}

/// The verdict after each measurement, and, after a bar, once it is ended from outside.
fn told(rule: &MetricRule, sequence: &str) -> String {
    let mut run = MetricRun::begin(rule.clone(), start());
    let mut told = String::new();
    for (at, came_to) in (0..).zip(sequence.chars().map(measured)) {
        run.measured(measurement(came_to, at));
        told.push(letter(run.verdict()));
    }
    told.push('|');
    told.push(letter(Some(run.end())));
    told
}

/// What Argo Rollouts' controller says after these measurements (`assessMetricStatus` at its version 1.8): limits, then a row of
/// successes, then the count, then an end from outside.
fn argo(rule: &MetricRule, sequence: &[char], ended: bool) -> Option<Verdict> {
    let few = |count: usize| u32::try_from(count).unwrap();
    let counted = |wanted: char| few(sequence.iter().filter(|got| **got == wanted).count());
    let in_a_row = |wanted: char| {
        let row = sequence.iter().rev().take_while(|got| **got == wanted);
        few(row.count())
    };
    let taken = counted('S') + counted('F') + counted('I');
    let errors = in_a_row('E');
    if sequence.is_empty() {
        return ended.then_some(Verdict::Successful);
    }
    let mut verdict = None;
    if rule.failure_limit.is_some_and(|limit| counted('F') > limit) {
        verdict = Some(Verdict::Failed);
    }
    if counted('I') > rule.inconclusive_limit {
        verdict = Some(Verdict::Inconclusive);
    }
    if errors > rule.consecutive_error_limit {
        verdict = Some(Verdict::Error);
    }
    let row = rule.consecutive_success_limit.map(NonZeroU32::get);
    verdict = verdict.or(row
        .filter(|row| in_a_row('S') >= *row)
        .map(|_| Verdict::Successful));
    let reached = matches!(rule.count, Count::Times(times) if taken >= times.get());
    let by_count = if row.is_some() {
        Verdict::Inconclusive
    } else {
        Verdict::Successful
    };
    verdict
        .or(reached.then_some(by_count))
        .or(ended.then_some(Verdict::Successful))
}

/// The same for a whole sequence: the first verdict stays.
fn argo_told(rule: &MetricRule, sequence: &str) -> String {
    let letters: Vec<char> = sequence.chars().collect();
    let mut first = None;
    let mut told = String::new();
    for end in 1..=letters.len() {
        first = first.or(argo(rule, &letters[..end], false));
        told.push(letter(first));
    }
    told.push('|');
    told.push(letter(first.or(argo(rule, &letters, true))));
    told
}

fn rules() -> Vec<MetricRule> {
    let mut rules = vec![];
    let counts = (1..=4).map(times).chain([every(), MetricRule::once()]);
    for rule in counts {
        for failure_limit in [None, Some(0), Some(1), Some(3)] {
            for inconclusive_limit in [0, 2] {
                for consecutive_error_limit in [0, 4] {
                    for row in [None, NonZeroU32::new(1), NonZeroU32::new(2)] {
                        rules.push(MetricRule {
                            failure_limit,
                            inconclusive_limit,
                            consecutive_error_limit,
                            consecutive_success_limit: row,
                            ..rule.clone()
                        });
                    }
                }
            }
        }
    }
    rules.retain(|rule| rule.clone().checked().is_ok());
    rules
}

fn sequences(longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        let longer = |before: &String| ['S', 'F', 'I', 'E'].map(|next| format!("{before}{next}"));
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn every_sequence_comes_to_what_argo_rollouts_says() {
    let (mut cases, mut differences) = (0, 0);
    for rule in rules() {
        for sequence in sequences(5) {
            cases += 1;
            let (ours, argos) = (told(&rule, &sequence), argo_told(&rule, &sequence));
            if ours == argos {
                continue;
            }
            // The one difference: what would be a success is inconclusive where nothing has ever succeeded.
            let first = ours
                .chars()
                .zip(argos.chars())
                .position(|(one, other)| one != other)
                .unwrap();
            let before: String = sequence.chars().take(first + 1).collect();
            assert!(
                !before.contains('S'),
                "{rule:?} {sequence}: {ours}, Argo Rollouts {argos}"
            );
            let (one, other) = (ours.chars().nth(first), argos.chars().nth(first));
            assert_eq!((one, other), (Some('I'), Some('S')), "{rule:?} {sequence}");
            differences += 1;
        }
    }
    println!(
        "analysis: {cases} cases beside Argo Rollouts' rules, {differences} differ on purpose: no success without a success"
    );
    assert_eq!(cases, rules().len() * 1365);
    assert!(differences > 0);
}

/// To be read: what each limit does.
#[test]
fn a_table_to_read() {
    let borne = |failures| MetricRule {
        failure_limit: failures,
        ..times(5)
    };
    let row = |length| MetricRule {
        consecutive_success_limit: NonZeroU32::new(length),
        ..times(5)
    };
    let rows = [
        ("once", MetricRule::once(), "S"),
        ("once", MetricRule::once(), "F"),
        ("once", MetricRule::once(), "I"),
        ("once, errors", MetricRule::once(), "EEEES"),
        ("once, one error more", MetricRule::once(), "EEEEE"),
        ("five times", times(5), "SSSSS"),
        ("five times", times(5), "SSFSS"),
        ("three failures borne", borne(Some(3)), "FFFSS"),
        ("three failures borne", borne(Some(3)), "FFFFS"),
        ("failures borne without end", borne(None), "FFFFS"),
        ("nothing but borne failures", borne(None), "FFFFF"),
        ("two in a row", row(2), "SFS"),
        (
            "two in a row",
            MetricRule {
                failure_limit: Some(9),
                ..row(2)
            },
            "SFSS",
        ),
        (
            "two in a row, never",
            MetricRule {
                failure_limit: Some(9),
                ..row(2)
            },
            "SFSFS",
        ),
        ("until the end", every(), "SSSSSSS"),
        ("until the end, errors between", every(), "EEEESEEEES"),
        ("until the end, not measured", every(), ""),
    ];
    let table = rows.map(|(name, rule, sequence)| {
        format!(
            "{name:<30} {sequence:<10} {:<12} Argo {}",
            told(&rule, sequence),
            argo_told(&rule, sequence)
        )
    });
    insta::assert_snapshot!(table.join("\n"), @"
    once                           S          S|S          Argo S|S
    once                           F          F|F          Argo F|F
    once                           I          I|I          Argo I|I
    once, errors                   EEEES      ....S|S      Argo ....S|S
    once, one error more           EEEEE      ....E|E      Argo ....E|E
    five times                     SSSSS      ....S|S      Argo ....S|S
    five times                     SSFSS      ..FFF|F      Argo ..FFF|F
    three failures borne           FFFSS      ....S|S      Argo ....S|S
    three failures borne           FFFFS      ...FF|F      Argo ...FF|F
    failures borne without end     FFFFS      ....S|S      Argo ....S|S
    nothing but borne failures     FFFFF      ....I|I      Argo ....S|S
    two in a row                   SFS        .FF|F        Argo .FF|F
    two in a row                   SFSS       ...S|S       Argo ...S|S
    two in a row, never            SFSFS      ....I|I      Argo ....I|I
    until the end                  SSSSSSS    .......|S    Argo .......|S
    until the end, errors between  EEEESEEEES ..........|S Argo ..........|S
    until the end, not measured               |I           Argo |S
    ");
}

#[test]
fn what_conditions_come_to() {
    let cases = [None, Some(true), Some(false)].map(|success| {
        [None, Some(true), Some(false)]
            .map(|failure| (success, failure, Measured::judge(success, failure)))
    });
    let table: Vec<String> = cases
        .as_flattened()
        .iter()
        .map(|(success, failure, came_to)| format!("{success:?} {failure:?}: {came_to:?}"))
        .collect();
    insta::assert_snapshot!(table.join("\n"), @"
    None None: Successful
    None Some(true): Failed
    None Some(false): Successful
    Some(true) None: Successful
    Some(true) Some(true): Failed
    Some(true) Some(false): Successful
    Some(false) None: Failed
    Some(false) Some(true): Failed
    Some(false) Some(false): Inconclusive
    ");
}

#[test]
fn when_it_is_measured_next() {
    let rule = MetricRule {
        initial_delay: Seconds(30),
        ..every()
    };
    let mut run = MetricRun::begin(rule, start());
    let due = |run: &MetricRun| run.next_due().map(|due| (due - start()).get_seconds());
    assert_eq!(due(&run), Some(30));
    run.measured(measurement(Measured::Successful, 31));
    assert_eq!(due(&run), Some(91));
    run.measured(measurement(Measured::Error, 92));
    assert_eq!(
        due(&run),
        Some(102),
        "an error is looked at again in ten seconds"
    );
    run.measured(measurement(Measured::Failed, 103));
    assert_eq!(run.verdict(), Some(Verdict::Failed));
    assert_eq!(due(&run), None);
}

#[test]
fn ten_measurements_are_kept_and_all_are_counted() {
    let mut run = MetricRun::begin(every(), start());
    for at in 0..25 {
        run.measured(measurement(Measured::Successful, at));
    }
    assert_eq!(run.measurements().len(), 10);
    assert_eq!(run.tally().successful, 25);
    let first = &run.measurements()[0];
    assert_eq!((first.at - start()).get_seconds(), 15);
}

fn side_by_side(rules: &[(&str, MetricRule)]) -> AnalysisRun {
    AnalysisRun::begin(
        rules
            .iter()
            .map(|(name, rule)| ((*name).to_owned(), rule.clone())),
        start(),
    )
}

#[test]
fn the_first_metric_that_is_worse_ends_the_analysis() {
    let mut run = side_by_side(&[("errors", every()), ("latency", times(2))]);
    run.measured("latency", measurement(Measured::Successful, 0));
    assert_eq!(run.verdict(), None);
    run.measured("errors", measurement(Measured::Failed, 1));
    assert_eq!(run.verdict(), Some(Verdict::Failed));
    assert_eq!(run.next_due(), None);
    run.measured("latency", measurement(Measured::Successful, 2));
    assert_eq!(
        run.verdict(),
        Some(Verdict::Failed),
        "what was reached stays"
    );
}

#[test]
fn all_metrics_have_to_succeed() {
    let mut run = side_by_side(&[("errors", times(1)), ("latency", times(2))]);
    run.measured("errors", measurement(Measured::Successful, 0));
    assert_eq!(run.verdict(), None);
    for at in [60, 120] {
        run.measured("latency", measurement(Measured::Successful, at));
    }
    assert_eq!(run.verdict(), Some(Verdict::Successful));
}

#[test]
fn a_dry_run_decides_nothing() {
    let dry = MetricRule {
        dry_run: true,
        ..times(1)
    };
    let mut run = side_by_side(&[("shape", dry.clone()), ("errors", times(1))]);
    run.measured("shape", measurement(Measured::Failed, 0));
    assert_eq!(run.verdict(), None);
    run.measured("errors", measurement(Measured::Successful, 1));
    assert_eq!(run.verdict(), Some(Verdict::Successful));
    let mut alone = side_by_side(&[("shape", dry)]);
    alone.measured("shape", measurement(Measured::Failed, 0));
    assert_eq!(alone.verdict(), Some(Verdict::Successful));
}

#[test]
fn an_end_from_outside_is_as_good_as_what_was_measured() {
    let mut measured = side_by_side(&[("errors", every())]);
    measured.measured("errors", measurement(Measured::Successful, 0));
    assert_eq!(measured.end(), Verdict::Successful);
    assert_eq!(
        side_by_side(&[("errors", every())]).end(),
        Verdict::Inconclusive
    );
    assert_eq!(side_by_side(&[]).verdict(), Some(Verdict::Successful));
}

#[test]
fn what_makes_no_rule() {
    let endless = MetricRule {
        interval: None,
        ..every()
    };
    assert_eq!(endless.checked(), Err(NotARule::EndlessWithoutInterval));
    let often = MetricRule {
        interval: None,
        ..times(2)
    };
    assert_eq!(often.checked(), Err(NotARule::CountWithoutInterval));
    let row = MetricRule {
        consecutive_success_limit: NonZeroU32::new(3),
        ..times(2)
    };
    assert_eq!(row.checked(), Err(NotARule::RowLongerThanCount));
    assert!(MetricRule::once().checked().is_ok());
}
