//! `liftlock-local`: the demo, and the scenarios that click by themselves.

use clap::{Parser, Subcommand};
use local::scenario::{self, Choice};
use local::{App, demo};
use std::process::ExitCode;

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
    /// What to do with --auto.
    #[arg(long, default_value = "promote")]
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
    match runtime.block_on(run(&demo)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(wish: &Demo) -> anyhow::Result<ExitCode> {
    println!("demo: putting the app together, as it would be deployed");
    let app = App::stage()?;
    if wish.auto {
        return Ok(scenario::run(&app, wish.scenario).await);
    }
    demo::run(&app, wish.port).await.map(|()| ExitCode::SUCCESS)
}
