//! What reading one configuration shares: the environment, the folder, and the list of problems.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::code_configuration::CodeFolder;
use super::diagnostics::{Problem, Problems, Reported, Severity, Spot};

/// A variable's value in the environment.
pub(super) type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// What an environment value that is not set means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unset {
    /// A problem: the handler cannot start without it.
    Refused,
    /// A warning: continuous integration checks files and has no secrets.
    Tolerated,
}

/// What reading one configuration shares.
pub(super) struct Context<'e> {
    pub(super) environment: Environment<'e>,
    pub(super) unset: Unset,
    /// The folder of `liftlock.yaml`, from which other files are named.
    pub(super) folder: PathBuf,
    problems: RefCell<Vec<Problem>>,
    files: RefCell<Vec<PathBuf>>,
    code: RefCell<Vec<CodeFolder>>,
}

/// Whether `${NAME}` means the environment in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    /// It does: `liftlock.yaml`.
    Replaced,
    /// It is text like any other: a file that `az ml` reads too.
    Literal,
}

/// One file that is being read.
#[derive(Clone)]
pub(super) struct Source<'c> {
    pub(super) context: &'c Context<'c>,
    pub(super) file: Arc<str>,
    pub(super) variables: Variables,
}

impl<'e> Context<'e> {
    pub(super) fn new(folder: &Path, environment: Environment<'e>, unset: Unset) -> Self {
        Self {
            environment,
            unset,
            folder: folder.to_owned(),
            problems: RefCell::default(),
            files: RefCell::default(),
            code: RefCell::default(),
        }
    }

    /// Writes an error down.
    pub(super) fn report(
        &self,
        spot: &Spot,
        what: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
        self.write_down(spot, Severity::Error, what.into(), help.into())
    }

    /// Writes down that an environment value is not set.
    pub(super) fn report_unset(&self, spot: &Spot, what: String, help: String) -> Reported {
        let severity = match self.unset {
            Unset::Refused => Severity::Error,
            Unset::Tolerated => Severity::Warning,
        };
        self.write_down(spot, severity, what, help)
    }

    fn write_down(&self, spot: &Spot, severity: Severity, what: String, help: String) -> Reported {
        let problem = Problem {
            file: Arc::clone(&spot.file),
            line: spot.line,
            what,
            help,
            severity,
        };
        let mut problems = self.problems.borrow_mut();
        // A file that two routes name is read twice; its problems are told once.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
        Reported::after_writing_it_down()
    }

    /// Remembers a file that the configuration needs, as named from its folder.
    pub(super) fn needs(&self, file: PathBuf) {
        let mut files = self.files.borrow_mut();
        if !files.contains(&file) {
            files.push(file);
        }
    }

    /// Keeps a folder of code for whoever registers it.
    pub(super) fn keep_code(&self, folder: CodeFolder) {
        let mut code = self.code.borrow_mut();
        // Two deployments may have the same one.
        if code.iter().all(|known| known.digest != folder.digest) {
            code.push(folder);
        }
    }

    /// The folders of code that were kept.
    pub(super) fn take_code(&self) -> Vec<CodeFolder> {
        self.code.take()
    }

    pub(super) fn into_findings(self) -> (Problems, Vec<PathBuf>) {
        (
            Problems::new(self.problems.into_inner()),
            self.files.into_inner(),
        )
    }
}

impl Source<'_> {
    pub(super) fn spot(&self, line: u32) -> Spot {
        Spot {
            file: Arc::clone(&self.file),
            line,
        }
    }

    /// Writes an error of this file down.
    pub(super) fn report(
        &self,
        line: u32,
        what: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
        self.context.report(&self.spot(line), what, help)
    }
}
