//! The settings of a running demo as a file for a shell: with them the command line works on what the demo does.

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::demo;

/// Where such files lie, from the repository's root.
const FOLDER: &str = "target/demo";

/// What a shell has of the demo beside its settings.
const SHELL: &str = r#"liftlock_as() (
  LIFTLOCK_TOKEN=$(curl -s --fail-with-body --get --data-urlencode "as=$1" 'CLOUD/control/token') || {
    echo "liftlock_as: ${LIFTLOCK_TOKEN:-the demo does not answer}" >&2
    exit 2
  }
  export LIFTLOCK_TOKEN
  shift
  command liftlock "$@"
)
liftlock() (
  for word in "$@"; do
    case "$word" in -h | --help) command liftlock "$@"; exit ;; esac
  done
  case "${1:--}" in
    -* | help | audit | check | completion | plan | repair | schema | test) ;;
    *)
      if [ -z "${LIFTLOCK_TOKEN:-}" ]; then
        echo "liftlock: nobody is signed in here; say who asks the app: liftlock_as ada $*" >&2
        exit 2
      fi
      ;;
  esac
  command liftlock "$@"
)
"#;

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
        cloud: &str,
    ) -> anyhow::Result<Self> {
        let name = match port {
            demo::PORT => "demo.env".to_owned(),
            port => format!("demo-{port}.env"),
        };
        let folder = repository.join(FOLDER);
        let file = folder.join(name);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, text(settings, app, port, cloud)))
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

fn text(settings: &BTreeMap<String, String>, app: &Path, port: u16, cloud: &str) -> String {
    let mut text = String::from(
        "# The running demo's settings: source this file, then `liftlock_as ada status` or `liftlock repair --dry-run`.\n",
    );
    writeln!(text, "export LIFTLOCK_APP_URL=http://127.0.0.1:{port}")
        .expect("a string takes everything");
    for (name, value) in settings {
        writeln!(text, "export {name}={}", quoted(value)).expect("a string takes everything");
    }
    let config = app.join("liftlock.yaml").display().to_string();
    writeln!(text, "export LIFTLOCK_CONFIG={}", quoted(&config))
        .expect("a string takes everything");
    let path = quoted(&app.display().to_string());
    writeln!(text, "export PATH={path}:\"$PATH\"").expect("a string takes everything");
    // The simulated Entra hands a token to whoever asks on this machine; the program itself knows no such thing. It would ask
    // as the app, which nobody's tools are: what asks the app says as whom.
    text.push_str(&SHELL.replace("CLOUD", cloud));
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

    const CLOUD: &str = "http://127.0.0.1:7072";

    #[test]
    fn a_shell_that_reads_it_has_the_settings_and_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("an app's");
        std::fs::create_dir(&app).unwrap();
        std::os::unix::fs::symlink("/bin/true", app.join("liftlock")).unwrap();
        let odd = "a 'b' $HOME {account}";
        let settings = BTreeMap::from([("LIFTLOCK_QUEUE".to_owned(), odd.to_owned())]);
        let file = SettingsFile::write(folder.path(), demo::PORT, &settings, &app, CLOUD).unwrap();
        let script = format!(
            ". '{}' && liftlock && echo \"$LIFTLOCK_QUEUE|$LIFTLOCK_CONFIG|$LIFTLOCK_APP_URL\"",
            file.shown().display()
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let config = app.join("liftlock.yaml");
        let app = format!("http://127.0.0.1:{}", demo::PORT);
        assert_eq!(said, format!("{odd}|{}|{app}\n", config.display()));
    }

    #[test]
    fn what_asks_the_app_says_as_whom() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("app");
        std::fs::create_dir(&app).unwrap();
        std::os::unix::fs::symlink("/bin/echo", app.join("liftlock")).unwrap();
        let settings = BTreeMap::new();
        // Nothing listens there.
        let nowhere = "http://127.0.0.1:9";
        let file =
            SettingsFile::write(folder.path(), demo::PORT, &settings, &app, nowhere).unwrap();
        let run = |command: &str| {
            let script = format!(". '{}' && {command}", file.shown().display());
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(said).unwrap())
        };
        let hint = "liftlock: nobody is signed in here; say who asks the app: liftlock_as ada status --json\n";
        assert_eq!(run("liftlock status --json"), (Some(2), hint.to_owned()));
        let help = (Some(0), "approve --help\n".to_owned());
        assert_eq!(run("liftlock approve --help"), help);
        let alone = (Some(0), "repair --dry-run\n".to_owned());
        assert_eq!(run("liftlock repair --dry-run"), alone);
        let asked = (Some(0), "status\n".to_owned());
        assert_eq!(run("LIFTLOCK_TOKEN=x; liftlock status"), asked);
        let away = "liftlock_as: the demo does not answer\n".to_owned();
        assert_eq!(run("liftlock_as ada status"), (Some(2), away));
    }

    #[test]
    fn two_demos_have_two_files_and_each_ends_with_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let write = |port| {
            let settings = BTreeMap::new();
            SettingsFile::write(folder.path(), port, &settings, Path::new("/app"), CLOUD).unwrap()
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
