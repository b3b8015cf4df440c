//! What is printed: a line for each story, what failed with the command that repeats it, and the counts at the end.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use crate::mishap::{Mishap, Mishaps};

/// Failures of one story that are shown whole.
const SHOWN: usize = 5;

/// What came of one part of the proof.
pub(crate) struct Report {
    name: &'static str,
    cases_are: &'static str,
    began: Instant,
    cases: usize,
    failed: usize,
    mishaps: Mishaps,
}

/// What came of the cases of one story.
pub(crate) struct Tally {
    name: &'static str,
    cases: usize,
    mishaps: Mishaps,
    failures: Vec<String>,
}

impl Tally {
    /// Of cases that have been played, so far without a failure.
    pub(crate) fn of(name: &'static str, cases: usize, mishaps: Mishaps) -> Self {
        Self {
            name,
            cases,
            mishaps,
            failures: Vec::new(),
        }
    }

    /// A case that failed, and the arguments that repeat it.
    pub(crate) fn failed(&mut self, command: &str, what: &str) {
        self.failures
            .push(format!("{what}\n    again: liftlock-proof {command}"));
    }
}

impl Report {
    pub(crate) fn begin(name: &'static str, cases_are: &'static str) -> Self {
        Self {
            name,
            cases_are,
            began: Instant::now(),
            cases: 0,
            failed: 0,
            mishaps: Mishaps::default(),
        }
    }

    /// How many cases there were so far.
    pub(crate) fn cases(&self) -> usize {
        self.cases
    }

    pub(crate) fn add(&mut self, tally: &Tally) {
        self.cases += tally.cases;
        self.failed += tally.failures.len();
        self.mishaps.add(&tally.mishaps);
        let passed = tally.cases - tally.failures.len();
        let mut text = format!(
            "{}: {}: {} {}, {passed} passed",
            self.name, tally.name, tally.cases, self.cases_are
        );
        let happened = tally.mishaps.to_string();
        match happened.strip_suffix(", ") {
            Some(happened) => writeln!(text, " ({happened})"),
            None => writeln!(text),
        }
        .expect("a String takes everything");
        for failure in tally.failures.iter().take(SHOWN) {
            writeln!(text, "  failed: {failure}").expect("a String takes everything");
        }
        if tally.failures.len() > SHOWN {
            writeln!(text, "  and {} more", tally.failures.len() - SHOWN)
                .expect("a String takes everything");
        }
        say(&text);
    }

    /// Something without which its cases could not even be tried.
    pub(crate) fn broken(&mut self, what: &str) {
        self.cases += 1;
        self.failed += 1;
        say(&format!("{}: cannot be tried: {what}\n", self.name));
    }

    /// What must have happened in some case; what never did counts as one that failed.
    pub(crate) fn demand(&mut self, needed: &[Mishap]) {
        let missing = self.mishaps.missing(needed).join(", ");
        if !missing.is_empty() {
            self.broken(&format!("in no case were there {missing}"));
        }
    }

    /// The closing line; whether all is well.
    pub(crate) fn end(&self) -> bool {
        say(&format!(
            "proof {}: {} {}, {} passed, {} failed ({}{:.1} s)\n",
            self.name,
            self.cases,
            self.cases_are,
            self.cases - self.failed,
            self.failed,
            self.mishaps,
            self.began.elapsed().as_secs_f64()
        ));
        self.failed == 0 && self.cases > 0
    }
}

/// A pipe that was closed is not an error.
fn say(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}
