//! What is started: executable, arguments, environment, folder, all as the real host derives them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::app::{CustomHandler, Unset, expand};
use crate::ids;

/// How the handler is started, the same way each time.
#[derive(Debug)]
pub(crate) struct WorkerCommand {
    executable: PathBuf,
    arguments: Vec<String>,
    working_directory: PathBuf,
    environment: Vec<(String, String)>,
}

impl WorkerCommand {
    /// The port is chosen once: a restarted handler gets the same.
    pub(crate) fn new(
        handler: &CustomHandler,
        app_root: &Path,
        settings: &BTreeMap<String, String>,
        port: u16,
    ) -> Self {
        let description = &handler.description;
        let under_root = |folder: &Option<String>| {
            folder
                .as_ref()
                .map_or_else(|| app_root.to_owned(), |folder| app_root.join(folder))
        };
        let expanded = |text: &str| expand(text, settings, Unset::Removed).unwrap_or_default();
        let path = expanded(&description.default_executable_path);
        let in_folder = under_root(&description.worker_directory).join(&path);
        let mut arguments: Vec<String> = description
            .arguments
            .iter()
            .flat_map(|one| split(&expanded(one)))
            .collect();
        arguments.extend(
            description
                .default_worker_path
                .iter()
                .map(|one| expanded(one)),
        );
        arguments.extend(
            description
                .worker_arguments
                .iter()
                .flat_map(|one| split(&expanded(one))),
        );
        Self {
            // What is not in the folder is looked up on PATH.
            executable: if in_folder.is_file() {
                in_folder
            } else {
                PathBuf::from(path)
            },
            arguments,
            working_directory: under_root(&description.working_directory),
            environment: environment(app_root, settings, port),
        }
    }

    pub(crate) fn executable(&self) -> &Path {
        &self.executable
    }

    /// A process of its own worker id, killed when its handle is dropped.
    pub(super) fn build(&self) -> Command {
        let mut command = Command::new(&self.executable);
        let worker_id = ids::guid();
        command
            .args(&self.arguments)
            .current_dir(&self.working_directory)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &worker_id)
            .env("FUNCTIONS_HTTPWORKER_ID", &worker_id)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

fn environment(
    app_root: &Path,
    settings: &BTreeMap<String, String>,
    port: u16,
) -> Vec<(String, String)> {
    let port = port.to_string();
    let own = [
        ("FUNCTIONS_CUSTOMHANDLER_PORT", port.clone()),
        ("FUNCTIONS_HTTPWORKER_PORT", port),
        ("FUNCTIONS_APP_ROOT_PATH", app_root.display().to_string()),
    ];
    let settings = settings
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    settings
        .chain(own.map(|(name, value)| (name.to_owned(), value)))
        .collect()
}

/// The real host joins arguments unquoted and .NET splits them again: spaces separate, double quotes hold together.
fn split(text: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => arguments.push(String::new()),
            other => arguments
                .last_mut()
                .expect("there is always one")
                .push(other),
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_at_spaces_outside_quotes() {
        assert_eq!(split("a \"b c\"  d"), ["a", "b c", "d"]);
    }
}
