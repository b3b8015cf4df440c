//! `liftlock-local`: the demo, and the scenarios that click by themselves.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use local::scenario::{self, Choice};
use local::{App, demo};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Liftlock on one machine.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts a simulated Azure, the Functions host and Liftlock, says where to look, and waits for you.
    Demo(Demo),
}

#[derive(clap::Args)]
struct Demo {
    /// Does the clicks itself, prints each step with its time, and exits by what came of it.
    #[arg(long)]
    auto: bool,
    /// What to do with --auto: promote, job, worse, duplicate, kill, kill-at-random, tamper, broken, reject, abort, rollback, reopen, all.
    #[arg(long, default_value = "promote", requires = "auto")]
    scenario: Choice,
    /// The first of the two ports of the demo: of the board; the next one is the cloud's.
    #[arg(long, default_value_t = demo::PORT)]
    port: u16,
}

fn main() -> ExitCode {
    let Command::Demo(demo) = Cli::parse().command;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("demo: the program cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(until_interrupted(&demo)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whatever runs is dropped on Ctrl-C, and ends with that.
async fn until_interrupted(wish: &Demo) -> anyhow::Result<ExitCode> {
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    tokio::select! {
        ended = run(wish) => return ended,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    println!("demo: ended");
    Ok(if wish.auto {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn run(wish: &Demo) -> anyhow::Result<ExitCode> {
    println!("demo: putting the app together, as it would be deployed");
    let app = App::stage()?;
    if wish.auto {
        return Ok(scenario::run(&app, wish.scenario).await);
    }
    demo::run(&app, wish.port).await.map(|()| ExitCode::SUCCESS)
}
