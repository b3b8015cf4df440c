//! `liftlock-proof`: nothing lost, nothing twice, tried in process against the simulated cloud.
//!
//! Each part plays stories in worlds of their own and compares their ends with that of the undisturbed story. Start at
//! `part.rs` for how every part goes, `play.rs` for how a story is played, `carrier.rs` for what may happen to a call, and
//! at the part's own file.

mod acting;
mod batch;
mod books;
mod carrier;
mod chance;
mod crash;
mod custom_code;
mod faults;
mod finding;
mod life;
mod loaded;
mod lost;
mod measured;
mod mishap;
mod moment;
mod order;
mod others;
mod part;
mod people;
mod play;
mod pool;
mod process;
mod reference;
mod report;
mod setting;
mod stories;
mod story;
mod twin;
mod visible;
mod watched;
mod workers;
mod world;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::part::prove;
use crate::stories::STORIES;
use crate::story::Story;

/// Proves that nothing is lost and nothing happens twice. Exits with 1 if something does.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    part: Command,
    /// Only this story; may be given several times.
    #[arg(long, global = true, value_parser = known)]
    story: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// The process dies at every call of every story.
    Crash(crash::Points),
    /// Every write of every story hangs, is given up, and lands late.
    Twin(twin::Twins),
    /// Every call of every story fails once in every way, then calls fail at random, then operations fail for hours.
    Faults(faults::Faults),
    /// Events, messages, ticks, clicks and deaths in any order, doubled, delayed, lost and delivered again.
    Order(order::Orders),
    /// Several instances advance the same promotions at once, in every interleaving of their calls.
    Workers(workers::Workers),
    /// Somebody else moves traffic or deletes the endpoint, and operations are slow, fail or never end.
    Others(others::Others),
    /// The candidate becomes worse at random moments, and its champion has the traffic back within one interval.
    Watched(watched::Watched),
    /// Messages and ticks are lost, and services are away for ten minutes.
    Lost(lost::Lost),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let named = |story: &&Story| cli.story.iter().any(|name| name == story.name);
    let chosen = |story: &&Story| cli.story.is_empty() || named(story);
    let stories: Vec<&'static Story> = STORIES.iter().filter(chosen).collect();
    let well = match cli.part {
        Command::Crash(points) => prove(&points, &stories),
        Command::Twin(twins) => prove(&twins, &stories),
        Command::Faults(faults) => prove(&faults, &stories),
        Command::Order(orders) => prove(&orders.shared_among(stories.len()), &stories),
        Command::Workers(workers) => prove(&workers, &stories),
        Command::Others(others) => prove(&others, &stories),
        Command::Watched(watched) => prove(&watched, &[&watched::STORY]),
        Command::Lost(lost) => prove(&lost, &stories),
    };
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn known(name: &str) -> Result<String, String> {
    if STORIES.iter().any(|story| story.name == name) {
        return Ok(name.to_owned());
    }
    let names: Vec<_> = STORIES.iter().map(|story| story.name).collect();
    Err(format!(
        "there is no such story; there are {}",
        names.join(", ")
    ))
}
