//! Chores of this repository: `package`.

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Chores of this repository.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds the handler and puts the deployable folder and its zip together.
    Package(Package),
}

#[derive(clap::Args)]
struct Package {
    /// The profile to build the handler with.
    #[arg(long, default_value = "release")]
    profile: String,
    /// The platform to build it for, such as x86_64-unknown-linux-musl, which needs nothing of the machine that it runs
    /// on; this machine's when absent.
    #[arg(long)]
    target: Option<String>,
    /// The app folder; the zip lies beside it.
    #[arg(long, default_value = "target/app")]
    out: PathBuf,
    /// The folder with the liftlock.yaml to deploy.
    #[arg(long, default_value = "examples/diabetes")]
    config: PathBuf,
}

fn main() -> ExitCode {
    let Chore::Package(package) = Cli::parse().chore;
    match package.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("package: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Package {
    fn run(&self) -> anyhow::Result<()> {
        let repository = xtask::repository()?;
        println!("package: building the handler ({})", self.profile);
        self.build(&repository)?;
        let handler = xtask::handler(&self.built(&repository))?;
        let project = repository.join(&self.config);
        let folder = repository.join(&self.out);
        let staged = xtask::stage(&repository, &handler, &project, &folder)?;
        let zip = folder.with_file_name("liftlock.zip");
        xtask::archive(&staged, &zip)?;
        println!(
            "package: {} ({} files)",
            folder.display(),
            staged.files.len()
        );
        println!("package: {}", zip.display());
        Ok(())
    }

    fn build(&self, repository: &Path) -> anyhow::Result<()> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(repository)
            .args(["build", "--locked", "--package", "liftlock"])
            .args(["--profile", &self.profile]);
        if let Some(target) = &self.target {
            cargo.args(["--target", target]);
        }
        let status = cargo.status().context("cargo cannot be started")?;
        ensure!(status.success(), "the handler was not built");
        Ok(())
    }

    fn built(&self, repository: &Path) -> PathBuf {
        let folder = match self.profile.as_str() {
            "dev" | "test" => "debug",
            other => other,
        };
        let mut built = repository.join("target");
        built.extend(&self.target);
        built.join(folder)
    }
}
