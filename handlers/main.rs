//! The program: without arguments the Functions handler, with arguments the command line.

use anyhow::Context as _;
use clap::{ArgGroup, Parser, Subcommand};
use liftlock::app::App;
use liftlock::audit::{self, Said};
use liftlock::config::{self, CheckOutcome};
use liftlock::repair::{Mode, repair};
use liftlock::router::router;
use liftlock::settings::Settings;
use liftlock::telemetry;
use liftlock::ui::{RepairTally, repair_tally};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Promotes machine-learning models to production.
///
/// Without a command this is the Azure Functions custom handler, started by the Functions host.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Check a configuration: every problem at once, with its line and a remedy. Exits with 1 if there are any.
    Check {
        /// The file.
        #[arg(default_value = "liftlock.yaml")]
        file: PathBuf,
    },
    /// Print the JSON Schema of liftlock.yaml, for editors.
    Schema,
    /// Prove what journals say, or hand one to an auditor.
    Audit {
        #[command(subcommand)]
        command: audit::Command,
    },
    /// Rebuild markers from journals and events, beside a running app, with the app's settings. Exits with 0 if nothing
    /// is to be mended or all was, with 1 if not.
    #[command(group(ArgGroup::new("mode").required(true).args(["dry_run", "apply"])))]
    Repair {
        /// Say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Do it.
        #[arg(long)]
        apply: bool,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command {
        None => handler(),
        Some(Command::Check { file }) => check(&file),
        Some(Command::Schema) => {
            say(&config::schema());
            ExitCode::SUCCESS
        }
        Some(Command::Audit { command }) => audited(&command),
        Some(Command::Repair { apply: true, .. }) => mended(Mode::Apply),
        Some(Command::Repair { apply: false, .. }) => mended(Mode::DryRun),
    }
}

fn audited(command: &audit::Command) -> ExitCode {
    let said = match command {
        audit::Command::Verify(asked) => audit::verify(asked),
        audit::Command::Export(asked) => export(asked),
    };
    say(&said.text);
    for problem in &said.problems {
        eprintln!("{problem}");
    }
    ExitCode::from(said.outcome.exit_code())
}

#[tokio::main(flavor = "current_thread")]
async fn export(asked: &audit::Export) -> Said {
    install_tls();
    audit::export(asked, &|name| std::env::var(name).ok()).await
}

fn mended(mode: Mode) -> ExitCode {
    match run_repair(mode) {
        Ok(RepairTally { left: 0, .. }) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("liftlock: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run_repair(mode: Mode) -> anyhow::Result<RepairTally> {
    install_tls();
    let settings = Settings::read_for_commands(&|name| std::env::var(name).ok())?;
    let app = App::start(Arc::new(settings))?;
    let mut line = |text: &str| say(&format!("{text}\n"));
    let tally = repair(&app.engine, mode, &mut line).await?;
    line(&repair_tally(&tally));
    Ok(tally)
}

fn check(file: &std::path::Path) -> ExitCode {
    let checked = config::check_command(file, &|name| std::env::var(name).ok());
    say(&checked.text);
    match checked.outcome {
        CheckOutcome::Clean => ExitCode::SUCCESS,
        CheckOutcome::Refused => ExitCode::FAILURE,
    }
}

/// What a person asked for goes to stdout; a pipe that was closed is not an error.
fn say(text: &str) {
    use std::io::Write as _;
    drop(std::io::stdout().write_all(text.as_bytes()));
}

/// The host restarts a handler that ends with an error, and takes one that ends well for alive: never exit with 0.
fn handler() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::from(3),
        Err(error) => {
            eprintln!("liftlock: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> anyhow::Result<()> {
    install_tls();
    let settings = Settings::read(&|name| std::env::var(name).ok())?;
    let port = settings.port.context("a handler has a port")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} on 127.0.0.1 cannot be listened on"))?;
    let _telemetry = telemetry::start();
    let app = App::start(Arc::new(settings))?;
    tracing::info!(routes = app.engine.config.routes.len(), "listening");
    axum::serve(listener, router(Arc::new(app)))
        .await
        .context("the listener failed")
}

/// Every TLS client of the process uses ring; a second installation would only say that it is there.
fn install_tls() {
    drop(rustls::crypto::ring::default_provider().install_default());
}
