//! Files that `liftlock.yaml` names: beside it, so that they travel with it into the package.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::context::{Source, Variables};
use super::diagnostics::{Complaint, Read};
use super::field::Field;

/// How much is read of a file, and what to do about more.
pub(super) struct Most {
    pub(super) bytes: usize,
    pub(super) what: &'static str,
    pub(super) help: &'static str,
}

/// A smoke test's request is kept in each promotion's journal.
const REQUEST: Most = Most {
    bytes: 256 * 1024,
    what: "is larger than 256 KiB",
    help: "send a smaller request",
};

/// A file that was read.
pub(super) struct Opened<'c> {
    pub(super) source: Source<'c>,
    pub(super) text: String,
    /// The folder that it lies in, from that of `liftlock.yaml`.
    pub(super) folder: PathBuf,
}

/// Reads the file that `field` names.
pub(super) fn open<'c>(field: &Field<'c>) -> Read<Opened<'c>> {
    let name = field.parse(beside)?;
    open_named(field, name, Path::new(""), &REQUEST)
}

/// Reads the file of this name, which `field` gave from the folder `beside`.
pub(super) fn open_named<'c>(
    field: &Field<'c>,
    name: PathBuf,
    beside: &Path,
    most: &Most,
) -> Read<Opened<'c>> {
    let context = field.source.context;
    let path = context.folder.join(&name);
    let found = std::fs::metadata(&path);
    // What is no file may have no end.
    if found.as_ref().is_ok_and(|found| !found.is_file()) {
        let complaint = Complaint::new("is no file", "name a file with the text in it");
        return Err(field.complain(complaint));
    }
    if found.is_ok_and(|found| found.len() > most.bytes as u64) {
        return Err(field.complain(Complaint::new(most.what, most.help)));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let what = format!("cannot be read: {error}");
        let help = format!(
            "files are named from {}",
            shown_folder(&context.folder, beside)
        );
        field.complain(Complaint::new(what, help))
    })?;
    if text.len() > most.bytes {
        return Err(field.complain(Complaint::new(most.what, most.help)));
    }
    let folder = name.parent().map(Path::to_owned).unwrap_or_default();
    context.needs(name);
    let file = Arc::from(path.display().to_string());
    Ok(Opened {
        source: Source {
            context,
            file,
            variables: Variables::Literal,
        },
        text,
        folder,
    })
}

/// A relative path that stays inside of the folder, without `.` in it.
fn beside(text: &str) -> Result<PathBuf, Complaint> {
    let mut name = PathBuf::new();
    for component in Path::new(text).components() {
        match component {
            Component::Normal(part) => name.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(outside());
            }
        }
    }
    Ok(name)
}

/// The same from `folder`, as another tool reads a file that lies there: `..` may lead up to that of `liftlock.yaml`.
pub(super) fn within(text: &str, folder: &Path) -> Result<PathBuf, Complaint> {
    let mut name = folder.to_owned();
    for component in Path::new(text).components() {
        match component {
            Component::Normal(part) => name.push(part),
            Component::CurDir => {}
            Component::ParentDir if name.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(outside());
            }
        }
    }
    Ok(name)
}

fn outside() -> Complaint {
    let help = "only what lies in the folder of liftlock.yaml is packaged with it";
    Complaint::new("leads outside of its folder", help)
}

fn shown_folder(folder: &Path, beside: &Path) -> String {
    let folder: PathBuf = folder.components().chain(beside.components()).collect();
    if folder.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        folder.display().to_string()
    }
}
