//! The settings of a running demo as a file for a shell: with them the command line works on what the demo does.

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::demo;

/// Where such files lie, from the repository's root.
const FOLDER: &str = "target/demo";

/// The file of a running demo, which ends with it. Two at the same time have two.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    file: PathBuf,
}

impl SettingsFile {
    /// Writes the settings of the demo on this port.
    pub(crate) fn write(
        repository: &Path,
        port: u16,
        settings: &BTreeMap<String, String>,
        app: &Path,
    ) -> anyhow::Result<Self> {
        let name = match port {
            demo::PORT => "demo.env".to_owned(),
            port => format!("demo-{port}.env"),
        };
        let folder = repository.join(FOLDER);
        let file = folder.join(name);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, text(settings, app)))
            .with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(Self { file })
    }

    /// Where it is, as seen from where the demo was started, if that is above it.
    pub(crate) fn shown(&self) -> &Path {
        let here = std::env::current_dir().unwrap_or_default();
        self.file.strip_prefix(here).unwrap_or(&self.file)
    }
}

impl Drop for SettingsFile {
    fn drop(&mut self) {
        // Somebody may have removed it already.
        let _ = std::fs::remove_file(&self.file);
    }
}

fn text(settings: &BTreeMap<String, String>, app: &Path) -> String {
    let mut text = String::from(
        "# The running demo's settings: source this file, then `liftlock repair --dry-run`.\n",
    );
    for (name, value) in settings {
        writeln!(text, "export {name}={}", quoted(value)).expect("a string takes everything");
    }
    let config = app.join("liftlock.yaml").display().to_string();
    writeln!(text, "export LIFTLOCK_CONFIG={}", quoted(&config))
        .expect("a string takes everything");
    let path = quoted(&app.display().to_string());
    writeln!(text, "export PATH={path}:\"$PATH\"").expect("a string takes everything");
    text
}

/// For a shell: nothing in it means anything.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_that_reads_it_has_the_settings_and_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("an app's");
        std::fs::create_dir(&app).unwrap();
        std::os::unix::fs::symlink("/bin/true", app.join("liftlock")).unwrap();
        let odd = "a 'b' $HOME {account}";
        let settings = BTreeMap::from([("LIFTLOCK_QUEUE".to_owned(), odd.to_owned())]);
        let file = SettingsFile::write(folder.path(), demo::PORT, &settings, &app).unwrap();
        let script = format!(
            ". '{}' && liftlock && echo \"$LIFTLOCK_QUEUE|$LIFTLOCK_CONFIG\"",
            file.shown().display()
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let config = app.join("liftlock.yaml");
        assert_eq!(said, format!("{odd}|{}\n", config.display()));
    }

    #[test]
    fn two_demos_have_two_files_and_each_ends_with_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let write = |port| {
            let settings = BTreeMap::new();
            SettingsFile::write(folder.path(), port, &settings, Path::new("/app")).unwrap()
        };
        let (first, second) = (write(demo::PORT), write(7171));
        let (one, other) = (first.shown().to_owned(), second.shown().to_owned());
        assert!(one.ends_with("target/demo/demo.env"), "{}", one.display());
        assert!(
            other.ends_with("target/demo/demo-7171.env"),
            "{}",
            other.display()
        );
        drop(second);
        assert_eq!((one.exists(), other.exists()), (true, false));
        drop(first);
        assert!(!one.exists());
    }
}
