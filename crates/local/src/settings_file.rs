//! The settings of a running demo as a file for a shell: with them the command line works on what the demo does.

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where the settings lie, from the repository's root.
const FILE: &str = "target/demo/demo.env";

/// Writes them, and says where: as seen from where the demo was started, if that is above it.
pub(crate) fn write(
    repository: &Path,
    settings: &BTreeMap<String, String>,
    app: &Path,
) -> anyhow::Result<PathBuf> {
    let file = repository.join(FILE);
    let folder = file.parent().expect("the file lies in a folder");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, text(settings, app)))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let here = std::env::current_dir().unwrap_or_default();
    Ok(file.strip_prefix(here).map(Path::to_owned).unwrap_or(file))
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
        let file = write(folder.path(), &settings, &app).unwrap();
        let script = format!(
            ". '{}' && liftlock && echo \"$LIFTLOCK_QUEUE|$LIFTLOCK_CONFIG\"",
            file.display()
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let config = app.join("liftlock.yaml");
        assert_eq!(said, format!("{odd}|{}\n", config.display()));
    }
}
