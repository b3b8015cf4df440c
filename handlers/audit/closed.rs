//! Which journals are known to have ended: a listing of the container's `closed/` markers.
//!
//! The invariant: a journal that is listed must be there and end with its closing record; of one that is not listed nothing
//! is known.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::ui;

/// The journals that a listing names.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// Without their folders, as files are called that hold them.
    names: BTreeSet<String>,
}

impl Closed {
    /// Reads a listing, or takes the names of all files in a folder; otherwise says why it cannot. Without one, nothing is listed.
    pub(super) fn read(list: Option<&Path>) -> Result<Self, String> {
        let Some(list) = list else {
            return Ok(Self::default());
        };
        let read = if list.is_dir() {
            files(list)
        } else {
            std::fs::read_to_string(list).map(|text| text.lines().filter_map(last_part).collect())
        };
        let names: BTreeSet<String> = read.map_err(|error| ui::unreadable(list, &error))?;
        if names.is_empty() {
            return Err(ui::nothing_listed(list));
        }
        Ok(Self { names })
    }

    /// Whether the journal in a file of this name, without its ending, is listed.
    pub(super) fn lists(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The journals that are listed and not among these files.
    pub(super) fn without<'c>(&'c self, seen: &BTreeSet<String>) -> Vec<&'c str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| !seen.contains(*name)).collect()
    }
}

/// Every journal's name ends in its hash, so notes that lie beside markers are none.
fn is_journals(name: &str) -> bool {
    let hash = name.rsplit_once('-').map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn last_part(line: &str) -> Option<String> {
    let name = line.trim().rsplit('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// The names of the files in a folder that can be markers, however deep; links are not followed.
fn files(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.file_name().to_string_lossy().into_owned();
                names.extend(is_journals(&name).then_some(name));
            }
        }
    }
    Ok(names)
}
