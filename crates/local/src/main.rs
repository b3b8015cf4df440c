//! `liftlock-local`: the demo, and the scenarios that click by themselves.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use local::demo::Cards;
use local::scenario::{self, Choice};
use local::{App, bench, demo, inherited};
use std::path::PathBuf;
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
    /// Measures the handler under load, beside a simulated Azure in this process (`BENCH_QUICK=1`: on little).
    Bench(Bench),
}

#[derive(clap::Args)]
struct Bench {
    /// The handler.
    #[arg(long, default_value = "target/app/liftlock")]
    handler: PathBuf,
}

#[derive(clap::Args)]
struct Demo {
    /// Does the clicks itself, prints each step with its time, and exits by what came of it.
    #[arg(long)]
    auto: bool,
    /// What to do with --auto: promote, canary, regression, slow, shifted, quiet, bake, resume, drift, kubernetes, batch, custom-code,
    /// overloaded, freeze, job, worse, duplicate, kill, kill-at-random, tamper, broken, reject, abort, rollback, reopen, all.
    #[arg(long, default_value = "promote", requires = "auto")]
    scenario: Choice,
    /// The first of the two ports of the demo: of the board; the next one is the cloud's.
    #[arg(long, default_value_t = demo::PORT)]
    port: u16,
    /// Lets cards go by a bot: to the simulated channel, or through the connector at this address.
    #[arg(long, value_name = "CONNECTOR", num_args = 0..=1, default_missing_value = "", conflicts_with = "auto")]
    bot: Option<String>,
    /// How many people have to approve.
    #[arg(long, value_name = "PEOPLE", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=10), conflicts_with = "auto")]
    approvals: u8,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let name = match &command {
        Command::Demo(_) => "demo",
        Command::Bench(_) => "bench",
    };
    if let Command::Demo(_) = &command
        && let Err(error) = inherited::leave_behind()
    {
        eprintln!("{name}: {error:#}");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{name}: the program cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(until_interrupted(&command, name)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whatever runs is dropped on Ctrl-C, and ends with that.
async fn until_interrupted(wish: &Command, name: &str) -> anyhow::Result<ExitCode> {
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    tokio::select! {
        ended = run(wish) => return ended,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    println!("{name}: ended");
    Ok(match wish {
        Command::Demo(Demo { auto: false, .. }) => ExitCode::SUCCESS,
        Command::Demo(_) | Command::Bench(_) => ExitCode::FAILURE,
    })
}

async fn run(wish: &Command) -> anyhow::Result<ExitCode> {
    match wish {
        Command::Demo(wish) => demonstrate(wish).await,
        Command::Bench(wish) => {
            bench::run(&wish.handler, &bench::Sizes::asked_for()).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn demonstrate(wish: &Demo) -> anyhow::Result<ExitCode> {
    println!("demo: putting the app together, as it would be deployed");
    let app = App::stage()?;
    if wish.auto {
        return Ok(scenario::run(&app, wish.scenario).await);
    }
    let app = match &wish.bot {
        None => app,
        // Without an address it is the simulated channel.
        Some(connector) => {
            let elsewhere = Some(connector.as_str()).filter(|at| !at.is_empty());
            app.with_bot(elsewhere, wish.port)?
        }
    };
    let app = app.with_approvals(wish.approvals)?;
    let cards = match wish.bot {
        None => Cards::Links,
        Some(_) => Cards::Buttons,
    };
    demo::run(&app, wish.port, cards)
        .await
        .map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_help_names_every_scenario() {
        let mut command = Cli::command();
        let demo = command.find_subcommand_mut("demo").unwrap();
        let help = demo.render_long_help().to_string();
        let help: Vec<&str> = help
            .split(|c: char| c.is_whitespace() || ",.".contains(c))
            .collect();
        for name in scenario::names() {
            assert!(help.contains(&name), "{name}");
        }
    }
}
