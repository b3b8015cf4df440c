//! House rules. Each says what to do when it fails; none is a matter of taste alone.

mod files;
mod host;
mod imports;
mod triggers;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What git keeps, and what it would take in with the next `git add`.
fn kept() -> Vec<String> {
    git(&["ls-files", "--cached", "--others", "--exclude-standard"])
}

fn git(arguments: &[&str]) -> Vec<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("git is there, for this is a checkout");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A file's text; none if it is no text, or was deleted and not yet committed.
fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

/// Every Rust file and its text.
fn rust() -> Vec<(String, String)> {
    let files = kept().into_iter().filter(|path| is(path, "rs"));
    files
        .filter_map(|path| read(&path).map(|text| (path, text)))
        .collect()
}

fn is(path: &str, extension: &str) -> bool {
    PathBuf::from(path)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Fails with all of them, for one at a time is slow.
#[track_caller]
fn none(problems: &[String], remedy: &str) {
    assert!(
        problems.is_empty(),
        "{remedy}:\n  {}",
        problems.join("\n  ")
    );
}
