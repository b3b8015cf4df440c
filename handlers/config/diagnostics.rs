//! What is wrong with a file: where, what, and what to do about it.

use std::fmt;
use std::sync::Arc;

/// One thing that is wrong, or that nobody can tell yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was named.
    pub file: Arc<str>,
    /// Its line, from 1.
    pub line: u32,
    /// The key and what is wrong there.
    pub what: String,
    /// What to do.
    pub help: String,
    /// Whether it can be lived with.
    pub severity: Severity,
}

/// Whether a problem can be lived with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can where only the file is checked: an environment value that is not set here.
    Warning,
}

/// Everything that is wrong, in the order of files and lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(Vec<Problem>);

/// A problem without its place: what a parser of one value answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// What is wrong with the value, as the rest of a sentence: "is no duration".
    pub(super) what: String,
    /// What to do.
    pub(super) help: String,
}

/// Proof that a problem has been reported, made by nobody but `Context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported(());

/// A value, or the proof that its absence has been reported.
pub(super) type Read<T> = Result<T, Reported>;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The file as it is shown.
    pub(super) file: Arc<str>,
    /// Its line, from 1.
    pub(super) line: u32,
}

impl Problems {
    /// Takes problems as they were found; those of one file come together, by line.
    pub(super) fn new(mut found: Vec<Problem>) -> Self {
        let mut files: Vec<Arc<str>> = Vec::new();
        for problem in &found {
            if !files.contains(&problem.file) {
                files.push(Arc::clone(&problem.file));
            }
        }
        found.sort_by_key(|problem| {
            (
                files.iter().position(|file| *file == problem.file),
                problem.line,
            )
        });
        Self(found)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many there are of one severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.0
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    }
}

impl Complaint {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            help: help.into(),
        }
    }
}

impl Reported {
    /// Only for `Context`, which has just written the problem down.
    pub(super) fn after_writing_it_down() -> Self {
        Self(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warning = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        writeln!(f, "{}:{}: {warning}{}", self.file, self.line, self.what)?;
        write!(f, "    help: {}", self.help)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
        match (errors, warnings) {
            (errors, 0) => f.write_str(&counted(errors, "problem")),
            (0, warnings) => f.write_str(&counted(warnings, "warning")),
            (errors, warnings) => {
                write!(
                    f,
                    "{}, {}",
                    counted(errors, "problem"),
                    counted(warnings, "warning")
                )
            }
        }
    }
}

/// `1 route`, `2 routes`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
