//! Kept journals, a folder for each format: they must be read for ever. A story writes one of today's that is missing
//! (`Story::keep`), to be looked at; nothing ever rewrites one.

use std::path::PathBuf;

use promotion::*;

/// What this release writes.
pub(crate) const TODAY: &str = "format-4";
/// What releases have written, the oldest first.
pub(crate) const FORMATS: [&str; 4] = ["format-1", "format-2", "format-3", TODAY];

/// A kept journal. Its name begins with what it comes to: `finished-after-replay`, `intake-opened`.
pub(crate) struct Sample {
    pub(crate) format: &'static str,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Sample {
    pub(crate) fn is_intake(&self) -> bool {
        self.name.starts_with("intake-")
    }
}

/// All that are kept of this format.
pub(crate) fn of(format: &'static str) -> Vec<Sample> {
    let folder = folder(format);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let sample = |entry: std::fs::DirEntry| {
        let file = entry.file_name().into_string().unwrap();
        let name = file
            .strip_suffix(".jsonl")
            .expect("only journals lie there");
        Sample {
            format,
            name: name.to_owned(),
            bytes: std::fs::read(entry.path()).unwrap(),
        }
    };
    let mut all: Vec<Sample> = entries.map(|entry| sample(entry.unwrap())).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// One of today's format.
pub(crate) fn todays(name: &str) -> Vec<u8> {
    let path = path(TODAY, name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A sample that is missing is written and has to be looked at; one that is there is never touched again.
pub(crate) fn keep(name: &str, bytes: &[u8]) {
    let path = path(TODAY, name);
    if !path.exists() {
        std::fs::write(&path, bytes).unwrap();
        panic!("{} was missing; it is written now", path.display());
    }
}

/// The name that a journal's chain begins with, as its first record says it.
pub(crate) fn chain_name(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap();
    let wire: serde_json::Value = serde_json::from_slice(line).unwrap();
    let fact = wire["fact"].clone();
    if fact["job"].is_object() {
        let IntakeFact::Opened { job, .. } = serde_json::from_value(fact).unwrap() else {
            panic!("it does not open");
        };
        // The first samples were written under the id alone, which no release ever did.
        return match wire["format"].as_u64() {
            Some(1) => job.id().to_string(),
            _ => job.id().journal(),
        };
    }
    let Fact::Opened {
        candidate,
        route,
        cause,
    } = serde_json::from_value(fact).unwrap()
    else {
        panic!("it does not open");
    };
    let opening = Opening {
        candidate,
        route: *route,
        cause,
    };
    opening.id().to_string()
}

fn folder(format: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/journals")
        .join(format)
}

fn path(format: &str, name: &str) -> PathBuf {
    folder(format).join(format!("{name}.jsonl"))
}
