//! Checking a configuration: for the handler, which needs all of it, and for people, who want to know.

use std::fmt::Write as _;
use std::path::Path;

use super::context::Unset;
use super::diagnostics::{Problems, Severity, counted};
use super::resolved::Config;
use super::{document, summary, windows};

/// What `liftlock check` has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The problems, or what the configuration will do.
    pub text: String,
    /// How the command ends.
    pub outcome: CheckOutcome,
}

/// How `liftlock check` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Nothing is wrong, as far as can be told without the environment's values.
    Clean,
    /// Something is.
    Refused,
}

/// Reads and resolves a configuration, or tells everything that is wrong with it. An environment value that is not set
/// is a problem like any other.
pub fn check(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Problems> {
    let found = document::read(path, env, Unset::Refused);
    found.config.ok_or(found.problems)
}

/// `liftlock check`: environment values that are not set are warnings only, for continuous integration has no secrets.
pub fn check_command(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Checked {
    let found = document::read(path, env, Unset::Tolerated);
    if found.problems.count(Severity::Error) > 0 {
        return Checked {
            text: format!("{}\n", found.problems),
            outcome: CheckOutcome::Refused,
        };
    }
    let mut text = String::new();
    if found.problems.count(Severity::Warning) > 0 {
        writeln!(text, "{}", found.problems).expect("a string takes everything");
        text.push_str("what depends on these values was not checked\n\n");
    }
    let routes = counted(found.routes.len(), "route");
    writeln!(text, "{}: no problems, {routes}", path.display()).expect("a string takes everything");
    for route in &found.routes {
        writeln!(text, "  {}", summary::of(route)).expect("a string takes everything");
        for analysis in summary::of_analyses(route) {
            writeln!(text, "    {analysis}").expect("a string takes everything");
        }
        if let Some(windows) = windows::summary(&route.windows) {
            writeln!(text, "    {windows}").expect("a string takes everything");
        }
    }
    if let Some(every) = found.reconcile_every {
        writeln!(text, "  {}", summary::of_reconciling(every)).expect("a string takes everything");
    }
    Checked {
        text,
        outcome: CheckOutcome::Clean,
    }
}
