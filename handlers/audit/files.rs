//! Which files to check: those that are named, and in folders every journal and every exported file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file to check.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

/// What it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Journal,
    Exported,
}

/// What could not be looked into, and why.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) path: PathBuf,
    pub(super) error: io::Error,
}

/// In the order in which they are named, folders sorted.
pub(super) fn collect(named: &[PathBuf]) -> (Vec<Found>, Vec<Unread>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for path in named {
        if path.is_dir() {
            folder(path, &mut found, &mut unread);
        } else {
            // Named by a person: what is not called a journal is an exported file, whatever its name.
            let kind = kind(path).unwrap_or(Kind::Exported);
            let path = path.clone();
            found.push(Found { path, kind });
        }
    }
    (found, unread)
}

fn folder(path: &Path, found: &mut Vec<Found>, unread: &mut Vec<Unread>) {
    let mut fail = |path: &Path, error| {
        let path = path.to_owned();
        unread.push(Unread { path, error });
    };
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut inside: Vec<PathBuf> = match entries {
        Ok(entries) => entries.iter().map(fs::DirEntry::path).collect(),
        Err(error) => return fail(path, error),
    };
    inside.sort();
    for path in inside {
        match fs::metadata(&path) {
            // A link may lead in a circle; whoever means its folder names it.
            Ok(meta) if meta.is_dir() && path.is_symlink() => {}
            Ok(meta) if meta.is_dir() => folder(&path, found, unread),
            Ok(_) => {
                if let Some(kind) = kind(&path) {
                    found.push(Found { path, kind });
                }
            }
            Err(error) if kind(&path).is_some() => {
                unread.push(Unread { path, error });
            }
            Err(_) => {}
        }
    }
}

fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    if Path::new(name)
        .extension()
        .is_some_and(|end| end == "jsonl")
    {
        Some(Kind::Journal)
    } else {
        name.ends_with(".audit.json").then_some(Kind::Exported)
    }
}
