//! What came of tests, as text and as JSON.

use serde_json::{Value, json};
use std::fmt::Write as _;

use super::timeline::Moment;
use super::verdict::Otherwise;
use crate::ui;

/// What came of all tests.
pub(super) struct Report {
    pub(super) tested: Vec<Tested>,
    /// How many could not be read.
    pub(super) unread: usize,
}

/// What came of one test.
pub(super) struct Tested {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) otherwise: Vec<Otherwise>,
    /// What keeps it from being a test, in sentences.
    pub(super) troubles: Vec<String>,
    /// Why it ended so.
    pub(super) because: Option<String>,
    pub(super) timeline: Vec<Moment>,
}

impl Report {
    /// How many are not as expected.
    pub(super) fn failed(&self) -> usize {
        self.tested.iter().filter(|tested| !tested.is_ok()).count()
    }

    /// For people: one line for each, with what is not as expected below it, and how many there are.
    pub(super) fn text(&self, verbose: bool) -> String {
        let mut text: String = self.tested.iter().map(|one| one.text(verbose)).collect();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.summary());
        text.push('\n');
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "tests": self.tested.iter().map(Tested::json).collect::<Vec<_>>(),
            "ok": self.tested.len() - self.failed(),
            "failed": self.failed(),
            "unread": self.unread,
            "says": self.summary(),
        })
    }

    fn summary(&self) -> String {
        ui::tests_tally(self.tested.len(), self.failed(), self.unread)
    }
}

impl Tested {
    fn is_ok(&self) -> bool {
        self.otherwise.is_empty() && self.troubles.is_empty()
    }

    fn text(&self, verbose: bool) -> String {
        if self.is_ok() && !verbose {
            return format!("ok      {}\n", self.name);
        }
        let word = if self.is_ok() { "ok    " } else { "FAILED" };
        let mut text = format!("{word}  {} ({})\n", self.name, self.file);
        for other in &self.otherwise {
            let Otherwise {
                what,
                expected,
                actual,
            } = other;
            writeln!(text, "  {what}: expected {expected}").expect("a string takes everything");
            writeln!(text, "  {:1$}  was      {actual}", "", what.len())
                .expect("a string takes everything");
        }
        for said in self.troubles.iter().chain(&self.because) {
            writeln!(text, "  {said}").expect("a string takes everything");
        }
        for moment in &self.timeline {
            let after = ui::after(moment.after);
            writeln!(text, "    {after:>12}  {}", moment.text())
                .expect("a string takes everything");
        }
        text
    }

    fn json(&self) -> Value {
        let otherwise = self.otherwise.iter().map(|other| {
            json!({ "what": other.what, "expected": other.expected, "actual": other.actual })
        });
        let timeline = self
            .timeline
            .iter()
            .map(|moment| json!({ "afterSeconds": moment.after, "says": moment.text() }));
        json!({
            "name": self.name,
            "file": self.file,
            "ok": self.is_ok(),
            "otherwise": otherwise.collect::<Vec<_>>(),
            "troubles": self.troubles,
            "because": self.because,
            "timeline": timeline.collect::<Vec<_>>(),
        })
    }
}
