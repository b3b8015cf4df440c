//! The scenarios, and how one or all of them are played.

use cloud_sim::Timings;
use futures::StreamExt as _;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use super::run::Run;
use super::{
    abort, bake, batch, broken, canary, custom_code, drift, duplicate, freeze, job, kill,
    kill_at_random, kubernetes, overloaded, promote, quiet, regression, reject, reopen, resume,
    rollback, shifted, slow, tamper, worse,
};
use crate::print::Printer;
use crate::{App, Ports, World, WorldOptions};

/// How many are played at the same time.
const AT_ONCE: usize = 2;

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    One(Scenario),
    /// Every one of them.
    All,
}

/// One way that things may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// A better model goes live.
    Promote,
    /// A completed job's output is registered and goes live.
    Job,
    /// A worse model is blocked.
    Worse,
    /// Events come five times and in the wrong order.
    Duplicate,
    /// The handler is killed after each append to a journal.
    Kill,
    /// The handler is killed at random moments of several promotions.
    KillAtRandom,
    /// The candidate is changed after its approval.
    Tamper,
    /// The smoke test fails.
    Broken,
    /// Somebody rejects.
    Reject,
    /// Somebody aborts while traffic moves.
    Abort,
    /// Somebody rolls back from live, and lifts the hold before it is asked for again.
    Rollback,
    /// A rejected promotion is asked for again, and goes live.
    Reopen,
    /// A better model is measured at each step, and goes live.
    Canary,
    /// Five in a hundred answers are errors from the first traffic on.
    Regression,
    /// Answers take twice as long.
    Slow,
    /// It predicts something else.
    Shifted,
    /// There are too few callers to tell.
    Quiet,
    /// It fails after it has all the traffic.
    Bake,
    /// A person lets the rollout go on.
    Resume,
    /// A better model goes live at an endpoint of a Kubernetes cluster.
    Kubernetes,
    /// Somebody else changes the traffic meanwhile.
    Drift,
    /// A candidate is tested by a job at a batch endpoint, and its default switches.
    Batch,
    /// Two custom models go live, the second with the code and the environment of the first.
    CustomCode,
    /// It fails some of many requests.
    Overloaded,
    /// Somebody stops the line, twice, and lifts that.
    Freeze,
}

/// The longest first, so that all of them end soon.
const EVERY: [Scenario; 25] = [
    Scenario::Kill,
    Scenario::KillAtRandom,
    Scenario::Canary,
    Scenario::Kubernetes,
    Scenario::Batch,
    Scenario::Bake,
    Scenario::Regression,
    Scenario::Slow,
    Scenario::Shifted,
    Scenario::Quiet,
    Scenario::Resume,
    Scenario::Drift,
    Scenario::Overloaded,
    Scenario::Promote,
    Scenario::Job,
    Scenario::Worse,
    Scenario::Duplicate,
    Scenario::Tamper,
    Scenario::Broken,
    Scenario::Reject,
    Scenario::Abort,
    Scenario::Rollback,
    Scenario::Reopen,
    Scenario::CustomCode,
    Scenario::Freeze,
];

/// What each is called.
pub fn names() -> impl Iterator<Item = &'static str> {
    EVERY.iter().map(|scenario| scenario.name())
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = EVERY.iter().find(|scenario| scenario.name() == text);
        match (text, found) {
            ("all", _) => Ok(Self::All),
            (_, Some(scenario)) => Ok(Self::One(*scenario)),
            (_, None) => {
                let names: Vec<_> = EVERY.iter().map(|scenario| scenario.name()).collect();
                Err(format!("there are {} and all", names.join(", ")))
            }
        }
    }
}

impl Scenario {
    fn name(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Job => "job",
            Self::Worse => "worse",
            Self::Duplicate => "duplicate",
            Self::Kill => "kill",
            Self::KillAtRandom => "kill-at-random",
            Self::Tamper => "tamper",
            Self::Broken => "broken",
            Self::Reject => "reject",
            Self::Abort => "abort",
            Self::Rollback => "rollback",
            Self::Reopen => "reopen",
            Self::Canary => "canary",
            Self::Regression => "regression",
            Self::Slow => "slow",
            Self::Shifted => "shifted",
            Self::Quiet => "quiet",
            Self::Bake => "bake",
            Self::Resume => "resume",
            Self::Kubernetes => "kubernetes",
            Self::Drift => "drift",
            Self::Batch => "batch",
            Self::CustomCode => "custom-code",
            Self::Overloaded => "overloaded",
            Self::Freeze => "freeze",
        }
    }

    /// How long it may take.
    fn limit(self) -> Duration {
        match self {
            Self::Kill | Self::KillAtRandom => Duration::from_secs(150),
            _ => Duration::from_mins(1),
        }
    }

    /// Seconds of the cloud's time a second. Where the app is away again and again, its time must not run out.
    fn rate(self) -> f64 {
        match self {
            Self::Kill => 60.0,
            _ => 240.0,
        }
    }

    /// How many promotions it is about.
    fn promotions(self) -> usize {
        match self {
            Self::CustomCode => 2,
            _ => 1,
        }
    }

    /// Which of the example's configurations it is played with.
    fn configuration(self) -> Option<&'static str> {
        match self {
            Self::Canary
            | Self::Regression
            | Self::Slow
            | Self::Shifted
            | Self::Quiet
            | Self::Bake => Some("watched.yaml"),
            Self::Resume | Self::Drift => Some("resumed.yaml"),
            Self::Kubernetes => Some("kubernetes.yaml"),
            Self::Batch => Some("batch.yaml"),
            Self::CustomCode => Some("custom.yaml"),
            Self::Overloaded => Some("load.yaml"),
            Self::Promote
            | Self::Job
            | Self::Worse
            | Self::Duplicate
            | Self::Kill
            | Self::KillAtRandom
            | Self::Tamper
            | Self::Broken
            | Self::Reject
            | Self::Abort
            | Self::Rollback
            | Self::Reopen
            | Self::Freeze => None,
        }
    }

    async fn play(self, run: &Run<'_>, app: &App, options: &WorldOptions) -> anyhow::Result<()> {
        match self {
            Self::Promote => promote::play(run).await,
            Self::Job => job::play(run).await,
            Self::Worse => worse::play(run).await,
            Self::Duplicate => duplicate::play(run).await,
            Self::Kill => kill::play(run).await,
            Self::KillAtRandom => kill_at_random::play(run, app, options).await,
            Self::Tamper => tamper::play(run).await,
            Self::Broken => broken::play(run).await,
            Self::Reject => reject::play(run).await,
            Self::Abort => abort::play(run).await,
            Self::Rollback => rollback::play(run).await,
            Self::Reopen => reopen::play(run).await,
            Self::Canary => canary::play(run).await,
            Self::Regression => regression::play(run).await,
            Self::Slow => slow::play(run).await,
            Self::Shifted => shifted::play(run).await,
            Self::Quiet => quiet::play(run).await,
            Self::Bake => bake::play(run).await,
            Self::Resume => resume::play(run).await,
            Self::Kubernetes => kubernetes::play(run).await,
            Self::Drift => drift::play(run).await,
            Self::Batch => batch::play(run).await,
            Self::CustomCode => custom_code::play(run).await,
            Self::Overloaded => overloaded::play(run).await,
            Self::Freeze => freeze::play(run).await,
        }
    }
}

/// What came of a scenario.
struct Played {
    name: &'static str,
    seconds: f64,
    outcome: anyhow::Result<()>,
}

/// Plays what was chosen; the exit code says whether it went well.
pub async fn run(app: &App, choice: Choice) -> ExitCode {
    let chosen = match choice {
        Choice::One(scenario) => vec![scenario],
        Choice::All => EVERY.to_vec(),
    };
    let alone = chosen.len() == 1;
    let played: Vec<_> = futures::stream::iter(chosen)
        .map(|scenario| play(app, scenario, alone))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    if !alone {
        summarize(&played);
    }
    if played.iter().all(|played| played.outcome.is_ok()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn play(app: &App, scenario: Scenario, alone: bool) -> Played {
    let name = scenario.name();
    let printer = Printer::new((!alone).then_some(name));
    let outcome = in_a_world(app, scenario, &printer).await;
    match &outcome {
        Ok(()) => println!("scenario {name}: ok"),
        Err(error) => println!("scenario {name}: {error:#}"),
    }
    Played {
        name,
        seconds: printer.seconds(),
        outcome,
    }
}

async fn in_a_world(app: &App, scenario: Scenario, printer: &Printer) -> anyhow::Result<()> {
    printer.say("starting the simulated Azure and the Functions host");
    let options = WorldOptions {
        ports: Ports::Free,
        rate: scenario.rate(),
        timings: Timings::default(),
    };
    let configured = scenario
        .configuration()
        .map(|configuration| app.configured(configuration))
        .transpose()?;
    let app = configured.as_ref().unwrap_or(app);
    let world = World::start(app, &options).await?;
    let run = Run::new(&world, printer);
    let limit = scenario.limit();
    let outcome = match tokio::time::timeout(limit, scenario.play(&run, app, &options)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(run.overdue(limit).await),
    };
    let outcome = outcome.and_then(|()| run.audit(scenario.promotions()));
    if outcome.is_err() {
        for line in world.log.complaints(12) {
            printer.say(&format!("the app said: {line}"));
        }
    }
    world.stop().await;
    outcome
}

fn summarize(played: &[Played]) {
    println!();
    for played in played {
        let outcome = match &played.outcome {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        println!("{:<14} {:6.1} s  {outcome}", played.name, played.seconds);
    }
    let good = played
        .iter()
        .filter(|played| played.outcome.is_ok())
        .count();
    println!("{good} of {} scenarios ok", played.len());
}
