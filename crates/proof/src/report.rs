//! What is printed: a line for each story, what failed with the command that repeats it, and the counts at the end.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

/// Failures of one story that are shown whole.
const SHOWN: usize = 5;

/// One part of the proof.
pub(crate) struct Part {
    name: &'static str,
    cases_are: &'static str,
    began: Instant,
    cases: usize,
    failed: usize,
}

/// What came of the cases of one story.
pub(crate) struct Tally {
    name: String,
    cases: usize,
    failures: Vec<String>,
}

impl Tally {
    pub(crate) fn of(name: &str, cases: usize) -> Self {
        Self {
            name: name.to_owned(),
            cases,
            failures: Vec::new(),
        }
    }

    /// A case that failed, and the arguments that repeat it.
    pub(crate) fn failed(&mut self, command: &str, what: &str) {
        self.failures
            .push(format!("{what}\n    again: liftlock-proof {command}"));
    }
}

impl Part {
    pub(crate) fn begin(name: &'static str, cases_are: &'static str) -> Self {
        Self {
            name,
            cases_are,
            began: Instant::now(),
            cases: 0,
            failed: 0,
        }
    }

    pub(crate) fn add(&mut self, tally: &Tally) {
        self.cases += tally.cases;
        self.failed += tally.failures.len();
        let passed = tally.cases - tally.failures.len();
        let mut text = format!(
            "{}: {}: {} {}, {passed} passed\n",
            self.name, tally.name, tally.cases, self.cases_are
        );
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

    /// The closing line; whether all is well.
    pub(crate) fn end(&self) -> bool {
        say(&format!(
            "proof {}: {} {}, {} passed, {} failed ({:.1} s)\n",
            self.name,
            self.cases,
            self.cases_are,
            self.cases - self.failed,
            self.failed,
            self.began.elapsed().as_secs_f64()
        ));
        self.failed == 0 && self.cases > 0
    }
}

/// A pipe that was closed is not an error.
fn say(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}
