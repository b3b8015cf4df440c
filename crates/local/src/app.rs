//! The app folder that the hosts run, staged once, by the code that packages it for Azure.

use anyhow::{Context as _, ensure};
use cloud_sim::{Cloud, Identity};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How the example's cards go to their channel.
const WORKFLOW: &str = "workflow: ${TEAMS_WORKFLOW_URL}";
/// How many people its route asks for.
const ONE_APPROVAL: &str = "minApprovals: 1";

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

    /// The same app, whose cards go by a bot: through the cloud's own connector, or through another one of this machine.
    pub fn with_bot(self, connector: Option<&str>, port: u16) -> anyhow::Result<Self> {
        let own = format!(
            "http://127.0.0.1:{}/teams/connector/",
            port.saturating_add(1)
        );
        let bot = format!(
            "bot:\n    channel: {}\n    appId: {}\n    tenant: {}\n    serviceUrl: {}",
            Cloud::TEAMS_CHANNEL,
            Identity::BOT_APP_ID,
            Identity::TENANT_ID,
            connector.unwrap_or(&own),
        );
        self.saying(WORKFLOW, &bot)
    }

    /// The same app, whose question so many people have to agree to: as the example says, where that is one.
    pub fn with_approvals(self, number: u8) -> anyhow::Result<Self> {
        if number == 1 {
            return Ok(self);
        }
        self.saying(ONE_APPROVAL, &format!("minApprovals: {number}"))
    }

    /// With this text of the configuration replaced.
    fn saying(self, old: &str, new: &str) -> anyhow::Result<Self> {
        let file = self.folder.path().join("liftlock.yaml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        ensure!(text.contains(old), "{} says no {old}", file.display());
        std::fs::write(&file, text.replace(old, new))
            .with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(self)
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
