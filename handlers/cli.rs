//! The command line: what can be asked, and how the answer leaves the program.
//!
//! The invariant: an answer that could not be written is never a success. Start at [`run`].

use clap::error::{ContextKind, ContextValue};
use clap::{ArgGroup, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use liftlock::app::App;
use liftlock::audit::{self, Said};
use liftlock::config::{self, CheckOutcome};
use liftlock::plan::{self, NotShown};
use liftlock::remote::{self, Reply};
use liftlock::repair::{Mode, repair};
use liftlock::settings::Settings;
use liftlock::ui::{RepairTally, repair_forecast, repair_tally, unwritten};
use liftlock::usertest;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use crate::install_tls;

/// How much of a value stands in an error about it: told in full, one that is too long would hide what is wrong with it.
const SHOWN: usize = 60;

/// Promotes machine-learning models to production.
///
/// Without a command this is the Azure Functions custom handler, started by the Functions host.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Remote(remote::Command),
    /// Check a configuration: every problem at once, with its line and a remedy. Exits with 1 if there are any.
    Check {
        /// The file.
        #[arg(default_value = "liftlock.yaml")]
        file: PathBuf,
    },
    /// Print the JSON Schema of liftlock.yaml, for editors.
    Schema {
        /// That of `*.test.yaml` instead.
        #[arg(long)]
        tests: bool,
    },
    /// Run tests of a configuration: what happens in them is made up, what is decided is not. Needs no Azure and no time.
    ///
    /// Each `*.test.yaml` names an event, the candidate, who votes, what is measured, and the decisions that are expected
    /// (docs/user-tests.md). Exits with 0 if every decision is the expected one, with 1 if one is not, with 2 if something
    /// cannot be read.
    Test(usertest::Test),
    /// Prove what journals say, or hand one to an auditor.
    Audit {
        #[command(subcommand)]
        command: audit::Command,
    },
    /// Show what a promotion will do, call by call, before anyone approves, and how far it is afterwards.
    ///
    /// Reads the storage account as the app does: `LIFTLOCK_STORAGE_URL`, and the identity of where it runs (on a laptop, who
    /// is signed in with `az`). Exits with 0 if there is a plan, with 1 if there is none, with 2 if it cannot be read, with 3 if
    /// there is no such promotion.
    Plan(plan::Plan),
    /// Rebuild markers and targets from journals and events, beside a running app, with the app's settings.
    ///
    /// Exits with 0 if nothing is to be mended or all was, with 1 if something is left, with 2 if it could not run.
    #[command(group(ArgGroup::new("mode").required(true).args(["dry_run", "apply"])))]
    Repair {
        /// Say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Do it.
        #[arg(long)]
        apply: bool,
    },
    /// Print a completion script for a shell, to be read at its start.
    Completion {
        /// Which shell.
        shell: Shell,
    },
}

/// An error about what was typed, with a long value cut.
pub(crate) fn cut(mut why: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(value)) = why.get(ContextKind::InvalidValue)
        && value.chars().count() > SHOWN
    {
        let begins: String = value.chars().take(SHOWN).collect();
        let begins = ContextValue::String(format!("{begins}…"));
        why.insert(ContextKind::InvalidValue, begins);
    }
    why
}

/// Does what was asked for; an answer that cannot be written ends with 2.
pub(crate) fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::Remote(asked) => asked_of_the_app(&asked),
        Command::Check { file } => check(&file),
        Command::Schema { tests: false } => say(&config::schema()).map(|()| ExitCode::SUCCESS),
        Command::Schema { tests: true } => say(&config::test_schema()).map(|()| ExitCode::SUCCESS),
        Command::Test(asked) => tested(&asked),
        Command::Audit { command } => audited(&command),
        Command::Plan(asked) => planned(&asked),
        Command::Repair { apply: true, .. } => mended(Mode::Apply),
        Command::Repair { apply: false, .. } => mended(Mode::DryRun),
        Command::Completion { shell } => completion(shell),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{}", unwritten(&error));
        ExitCode::from(2)
    })
}

fn asked_of_the_app(command: &remote::Command) -> io::Result<ExitCode> {
    let said = ask_the_app(command);
    let told = say(&said.text);
    if let Some(problem) = &said.problem {
        eprintln!("{problem}");
    }
    told.map(|()| ExitCode::from(said.outcome.exit_code()))
}

#[tokio::main(flavor = "current_thread")]
async fn ask_the_app(command: &remote::Command) -> remote::Said {
    install_tls();
    remote::run(
        command,
        &|name| std::env::var(name).ok(),
        &mut on_the_terminal,
    )
    .await
}

/// Asks whoever sits there; a pipe is nobody. What is asked goes to the standard error: the answer alone is to be kept.
fn on_the_terminal(question: &str) -> Reply {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Reply::Nobody;
    }
    eprint!("{question}");
    let mut line = String::new();
    match io::stdin().read_line(&mut line) {
        Ok(_) if matches!(line.trim(), "y" | "Y" | "yes") => Reply::Yes,
        Ok(_) | Err(_) => Reply::No,
    }
}

fn completion(shell: Shell) -> io::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "liftlock", &mut script);
    say(&String::from_utf8_lossy(&script)).map(|()| ExitCode::SUCCESS)
}

fn audited(command: &audit::Command) -> io::Result<ExitCode> {
    let said = match command {
        audit::Command::Verify(asked) => audit::verify(asked),
        audit::Command::Export(asked) => export(asked),
    };
    let told = say(&said.text);
    for problem in &said.problems {
        eprintln!("{problem}");
    }
    told.map(|()| ExitCode::from(said.outcome.exit_code()))
}

#[tokio::main(flavor = "current_thread")]
async fn export(asked: &audit::Export) -> Said {
    install_tls();
    audit::export(asked, &|name| std::env::var(name).ok()).await
}

fn tested(asked: &usertest::Test) -> io::Result<ExitCode> {
    let answer = usertest::test(asked, &|name| std::env::var(name).ok());
    let told = say(&answer.text);
    for problem in &answer.problems {
        eprintln!("{problem}");
    }
    told.map(|()| ExitCode::from(answer.outcome.exit_code()))
}

fn planned(asked: &plan::Plan) -> io::Result<ExitCode> {
    match show_plan(asked) {
        Ok(text) => say(&text).map(|()| ExitCode::SUCCESS),
        Err(NotShown::NoPlan(why)) => {
            eprintln!("{why}");
            Ok(ExitCode::FAILURE)
        }
        Err(NotShown::NotFound(why)) => {
            eprintln!("{why}");
            Ok(ExitCode::from(3))
        }
        Err(NotShown::Unread(why)) => {
            eprintln!("{why}");
            Ok(ExitCode::from(2))
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn show_plan(asked: &plan::Plan) -> Result<String, NotShown> {
    install_tls();
    plan::plan(asked, &|name| std::env::var(name).ok()).await
}

fn mended(mode: Mode) -> io::Result<ExitCode> {
    let mut told = Ok(());
    let done = run_repair(mode, &mut told);
    let code = match done {
        Ok(RepairTally { left: 0, .. }) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("liftlock: {error:#}");
            ExitCode::from(2)
        }
    };
    told.map(|()| code)
}

/// A line that cannot be told does not stop it: what is begun is mended to its end.
#[tokio::main]
async fn run_repair(mode: Mode, told: &mut io::Result<()>) -> anyhow::Result<RepairTally> {
    install_tls();
    let settings = Settings::read_for_commands(&|name| std::env::var(name).ok())?;
    let app = App::start(Arc::new(settings))?;
    let mut line = |text: &str| {
        if told.is_ok() {
            *told = say(&format!("{text}\n"));
        }
    };
    let tally = repair(&app.engine, mode, &mut line).await?;
    line(&match mode {
        Mode::DryRun => repair_forecast(&tally),
        Mode::Apply => repair_tally(&tally),
    });
    Ok(tally)
}

fn check(file: &Path) -> io::Result<ExitCode> {
    let checked = config::check_command(file, &|name| std::env::var(name).ok());
    say(&checked.text)?;
    Ok(match checked.outcome {
        CheckOutcome::Clean => ExitCode::SUCCESS,
        CheckOutcome::Refused => ExitCode::FAILURE,
    })
}

/// What a person asked for goes to stdout, all of it; a pipe that was closed is not an error: its reader has enough.
fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
