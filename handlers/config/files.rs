//! Files that `liftlock.yaml` names: beside it, so that they travel with it into the package.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::context::{Source, Variables};
use super::diagnostics::{Complaint, Read};
use super::field::Field;

/// The most that is read: a smoke test's request is kept in each promotion's journal.
const MOST_BYTES: usize = 256 * 1024;

/// A file that was read.
pub(super) struct Opened<'c> {
    pub(super) source: Source<'c>,
    pub(super) text: String,
}

/// Reads the file that `field` names.
pub(super) fn open<'c>(field: &Field<'c>) -> Read<Opened<'c>> {
    let name = field.parse(beside)?;
    let context = field.source.context;
    let path = context.folder.join(&name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let what = format!("cannot be read: {error}");
        let help = format!("files are named from {}", shown_folder(&context.folder));
        field.complain(Complaint::new(what, help))
    })?;
    if text.len() > MOST_BYTES {
        let complaint = Complaint::new("is larger than 256 KiB", "send a smaller request");
        return Err(field.complain(complaint));
    }
    context.needs(name);
    let file = Arc::from(path.display().to_string());
    Ok(Opened {
        source: Source {
            context,
            file,
            variables: Variables::Literal,
        },
        text,
    })
}

/// A relative path that stays inside of the folder, without `.` in it.
fn beside(text: &str) -> Result<PathBuf, Complaint> {
    let outside = || {
        let help = "only what lies in the folder of liftlock.yaml is packaged with it";
        Complaint::new("leads outside of its folder", help)
    };
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

fn shown_folder(folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        folder.display().to_string()
    }
}
