//! The zip that is deployed: every path at the root, the handler executable on Linux wherever it was packed.

use anyhow::Context as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Component, Path};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::Staged;

const EXECUTABLE: u32 = 0o755;
const PLAIN: u32 = 0o644;

/// Writes the app folder as a zip.
pub fn archive(staged: &Staged, to: &Path) -> anyhow::Result<()> {
    let file = File::create(to).with_context(|| format!("{} cannot be written", to.display()))?;
    let mut zip = ZipWriter::new(file);
    for path in &staged.files {
        let from = staged.folder.join(path);
        let bytes =
            std::fs::read(&from).with_context(|| format!("{} cannot be read", from.display()))?;
        let mode = if path == Path::new("liftlock") {
            EXECUTABLE
        } else {
            PLAIN
        };
        zip.start_file(
            entry_name(path),
            SimpleFileOptions::default().unix_permissions(mode),
        )?;
        zip.write_all(&bytes)?;
    }
    zip.finish()
        .with_context(|| format!("{} cannot be finished", to.display()))?;
    Ok(())
}

/// Zip knows one separator.
fn entry_name(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(Component::as_os_str)
        .map(|part| part.to_string_lossy())
        .collect();
    parts.join("/")
}
