//! The app folder that the hosts run, staged once, by the code that packages it for Azure.

use anyhow::Context as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The example as it would be deployed; its folder is removed with it.
#[derive(Debug)]
pub struct App {
    folder: TempDir,
    example: PathBuf,
    npm: PathBuf,
}

impl App {
    /// Stages the example with the handler that was built beside this program.
    pub fn stage() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's path cannot be read")?;
        let built = program.parent().context("this program lies in no folder")?;
        // A test lies one folder deeper than the programs.
        let built = if built.ends_with("deps") {
            built.parent().unwrap_or(built)
        } else {
            built
        };
        let example = xtask::repository()?.join("examples/diabetes");
        Self::stage_project(&xtask::handler(built)?, &example)
    }

    /// Stages the example with another of its configurations.
    pub(crate) fn configured(&self, configuration: &str) -> anyhow::Result<Self> {
        let project = tempfile::tempdir().context("no temporary folder can be made")?;
        for part in ["endpoints", "requests", "code", "environment"] {
            let (from, to) = (self.example.join(part), project.path().join(part));
            std::os::unix::fs::symlink(&from, &to)
                .with_context(|| format!("{} cannot be linked", from.display()))?;
        }
        let file = self.example.join(configuration);
        std::fs::copy(&file, project.path().join("liftlock.yaml"))
            .with_context(|| format!("{} cannot be copied", file.display()))?;
        Self::stage_project(&self.folder.path().join("liftlock"), project.path())
    }

    /// Stages a project with this handler.
    pub(crate) fn stage_project(handler: &Path, project: &Path) -> anyhow::Result<Self> {
        let repository = xtask::repository()?;
        let folder = tempfile::Builder::new()
            .prefix("liftlock-app-")
            .tempdir()
            .context("no temporary folder can be made for the app")?;
        xtask::stage(&repository, handler, project, folder.path())?;
        Ok(Self {
            folder,
            npm: repository.join("tests/browser/node_modules"),
            example: repository.join("examples/diabetes"),
        })
    }

    /// What the host runs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The project whose models the cloud is seeded with.
    pub(crate) fn example(&self) -> &Path {
        &self.example
    }

    /// npm's packages for the channel page; may be absent.
    pub(crate) fn npm(&self) -> &Path {
        &self.npm
    }
}
