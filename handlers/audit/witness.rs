//! The journal that proves an exported file's records, those too that are shown without their secrets.

use std::path::{Path, PathBuf};

use super::exported::{Checked, Untrue};
use crate::ui;

/// The journal that was named for it, if one was.
pub(super) struct Witness<'a> {
    named: Option<(&'a Path, Vec<u8>)>,
}

impl<'a> Witness<'a> {
    /// Reads what was named; otherwise says why it cannot.
    pub(super) fn named(path: Option<&'a Path>) -> Result<Self, String> {
        let read = |path: &'a Path| match std::fs::read(path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) => Err(ui::unreadable(path, &error)),
        };
        let named = path.map(read).transpose()?;
        Ok(Self { named })
    }

    /// The journal that the file's records were found in: the one that was named, or the one that lies beside the file
    /// where that is needed. `None`: there is none, or it is not needed.
    pub(super) fn proves(&self, file: &Path, checked: &Checked) -> Result<Option<PathBuf>, Untrue> {
        if let Some((path, bytes)) = &self.named {
            checked.against(bytes)?;
            return Ok(Some(path.to_path_buf()));
        }
        if checked.hidden.is_empty() {
            return Ok(None);
        }
        let beside = file.with_file_name(format!("{}.jsonl", checked.proof.journal));
        let Ok(bytes) = std::fs::read(&beside) else {
            return Ok(None);
        };
        checked.against(&bytes)?;
        Ok(Some(beside))
    }
}
