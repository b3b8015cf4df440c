//! `code_configuration` of a deployment's file: the folder with the scoring script, read once, as it is packaged.
//!
//! The bytes stay with the configuration: what is registered is what was hashed, whatever becomes of the folder since.

use bytes::Bytes;
use promotion::{CodeFile, CodeSpec, Digest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::files;
use super::reader::Reader;
use super::shape::{Holds, Key, RefusedKey, Shape};

/// Names and hashes of all files are kept in each promotion's journal.
const MOST_FILES: usize = 200;
/// All files together: they are kept in memory and uploaded one by one.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

static REFUSED: [RefusedKey; 1] = [("code_path", "`az ml` calls it `code`")];

pub(super) static CODE: Shape = Shape::new(
    "the code that answers requests",
    &[
        Key::required(
            "code",
            Holds::File,
            "the folder with the code, from this file's folder",
        ),
        Key::required(
            "scoring_script",
            Holds::Text,
            "the file in it that the server loads",
        ),
    ],
)
.refusing(&[&REFUSED]);

/// A folder of code, as the release that is running has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeFolder {
    /// Over all of its files, as [`CodeSpec`] has it.
    pub digest: Digest,
    /// Their bytes, by path.
    pub files: BTreeMap<String, Bytes>,
}

/// `beside` is the folder of the file that this stands in.
pub(super) fn read(reader: &Reader<'_>, beside: &Path) -> Read<CodeSpec> {
    let folder = reader.required("code", |field| folder(field, beside));
    let script = reader.required("scoring_script", Field::text);
    let (folder, script) = (folder?, script?);
    let script = script.trim_start_matches("./").to_owned();
    if !folder.contains_key(&script) {
        let what = format!("`{script}` is not in the folder of `code`");
        let help = "name a file by its path below that folder";
        return Err(reader.complain("scoring_script", Complaint::new(what, help)));
    }
    let file = |(path, bytes): (&String, &Bytes)| CodeFile {
        path: path.clone(),
        size: bytes.len() as u64,
        sha256: Digest::of(bytes),
    };
    let code = CodeSpec::new(script, folder.iter().map(file).collect());
    reader.source.context.keep_code(CodeFolder {
        digest: code.digest.clone(),
        files: folder,
    });
    Ok(code)
}

fn folder(field: &Field<'_>, beside: &Path) -> Read<BTreeMap<String, Bytes>> {
    let context = field.source.context;
    let name = field.parse(|text| files::within(text, beside))?;
    if name.as_os_str().is_empty() {
        let help = "put the code into a folder of its own";
        return Err(field.complain(Complaint::new("is the folder of liftlock.yaml", help)));
    }
    let walked = Walk::through(&context.folder.join(&name));
    let found = walked.map_err(|complaint| field.complain(complaint))?;
    for path in found.keys() {
        context.needs(name.join(path));
    }
    Ok(found)
}

/// A folder and what is in it so far.
struct Walk {
    /// Without links in it.
    root: PathBuf,
    files: BTreeMap<String, Bytes>,
    bytes: u64,
}

impl Walk {
    fn through(folder: &Path) -> Result<BTreeMap<String, Bytes>, Complaint> {
        let root = folder.canonicalize().map_err(|error| unreadable(&error))?;
        let mut walk = Self {
            root: root.clone(),
            files: BTreeMap::new(),
            bytes: 0,
        };
        walk.enter(&root, "")?;
        if walk.files.is_empty() {
            let help = "put the scoring script into it; hidden files do not count";
            return Err(Complaint::new("holds no files", help));
        }
        Ok(walk.files)
    }

    fn enter(&mut self, folder: &Path, prefix: &str) -> Result<(), Complaint> {
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(&error))? {
            let entry = entry.map_err(|error| unreadable(&error))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let what = format!("holds `{}`, which is no plain name", name.display());
                return Err(Complaint::new(what, "rename that file"));
            };
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(|error| unreadable(&error))?;
            if kind.is_dir() {
                self.enter(&entry.path(), &format!("{path}/"))?;
            } else {
                self.take(&entry.path(), path)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, file: &Path, path: String) -> Result<(), Complaint> {
        let real = file.canonicalize().map_err(|error| unreadable(&error))?;
        if !real.starts_with(&self.root) || !real.is_file() {
            let what = format!("holds `{path}`, which is no file of this folder");
            return Err(Complaint::new(what, "put a copy there instead of a link"));
        }
        let size = real.metadata().map_err(|error| unreadable(&error))?.len();
        self.bytes = self.bytes.saturating_add(size);
        if self.files.len() == MOST_FILES || self.bytes > MOST_BYTES {
            let what = format!("holds more than {MOST_FILES} files or 4 MiB");
            let help = "leave only what the scoring script needs in it; data belongs to the model";
            return Err(Complaint::new(what, help));
        }
        let bytes = std::fs::read(&real).map_err(|error| unreadable(&error))?;
        self.files.insert(path, bytes.into());
        Ok(())
    }
}

fn unreadable(error: &std::io::Error) -> Complaint {
    let what = format!("cannot be read: {error}");
    Complaint::new(what, "name a folder, from the folder of this file")
}
