//! Any delivery order: whatever is delivered when, how often, late or lost and delivered again, a story comes to the same
//! end with the same side effects.
//!
//! A case is a list of moves, drawn from a seed: at each step one of the things that could happen now is picked: an event,
//! a message (taken, answered late, or its process killed in the middle, so that it comes again), a second copy, a loss, a
//! timer's tick, a click, or the passing of time. After the moves the platform is fair again, and the end must be that of
//! the undisturbed story. A case that fails is shrunk to the fewest moves that still fail.

use std::cell::RefCell;

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::carrier::Fate;
use crate::play::Play;
use crate::pool::{Verdict, in_paused_time, play_all};
use crate::reference::Reference;
use crate::report::{Part, Tally};
use crate::story::Story;
use crate::world::World;

/// How many moves a case has at most.
const MOST_MOVES: usize = 60;
/// Tries at a smaller case that fails as well.
const SHRINKS: u32 = 400;

/// How many cases, and which.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Orders {
    /// How many cases in all, shared out among the stories.
    #[arg(long, default_value_t = 10_000)]
    cases: u64,
    /// The seed of the first case.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// One thing that happens out of turn.
#[derive(Debug, Clone)]
pub(crate) enum Move {
    /// A pending event is delivered, whichever; with a copy left behind or not.
    Event { pick: usize, again: bool },
    /// A message that is due is delivered, whichever.
    Message { pick: usize },
    /// The same, and the process dies at its call of this number: the message comes again.
    CutOff { pick: usize, after: usize },
    /// The same, and it is delivered a second time at once, as when its completion was lost.
    Twice { pick: usize },
    /// A message is lost, whichever, due or not.
    Lose { pick: usize },
    /// A message comes although nobody is due: one that was sent long ago.
    Stray { pick: usize },
    /// The timer fires.
    Tick,
    /// Somebody clicks, if somebody wants to.
    Act,
    /// Somebody clicks a second time on what was done already.
    ActAgain,
    /// Time passes: so many seconds.
    Wait { seconds: u32 },
    /// Time passes until something is due.
    UntilDue,
    /// A process that runs is replaced.
    Restart,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let pick = 0..8usize;
    let one = prop_oneof![
        3 => (pick.clone(), any::<bool>()).prop_map(|(pick, again)| Move::Event { pick, again }),
        8 => pick.clone().prop_map(|pick| Move::Message { pick }),
        4 => (pick.clone(), 0..40usize).prop_map(|(pick, after)| Move::CutOff { pick, after }),
        2 => pick.clone().prop_map(|pick| Move::Twice { pick }),
        3 => pick.clone().prop_map(|pick| Move::Lose { pick }),
        2 => pick.prop_map(|pick| Move::Stray { pick }),
        2 => Just(Move::Tick),
        4 => Just(Move::Act),
        1 => Just(Move::ActAgain),
        3 => (0..4000u32).prop_map(|seconds| Move::Wait { seconds }),
        5 => Just(Move::UntilDue),
        1 => Just(Move::Restart),
    ];
    vec(one, 0..MOST_MOVES)
}

struct Case<'r> {
    reference: &'r Reference,
    seed: u64,
}

/// Plays these stories in every order.
pub(crate) fn prove(stories: &[&'static Story], orders: &Orders) -> Part {
    let mut part = Part::begin("order", "cases");
    let references: Vec<Reference> = stories
        .iter()
        .filter_map(|story| {
            Reference::of(story)
                .inspect_err(|what| part.broken(what))
                .ok()
        })
        .collect();
    let share = orders.cases.div_ceil(references.len().max(1) as u64);
    for reference in &references {
        let case = |number| Case {
            reference,
            seed: orders.seed + number,
        };
        let cases: Vec<Case<'_>> = (0..share).map(case).collect();
        let wrong = play_all(&cases, holds);
        let name = reference.story.name;
        let mut tally = Tally::of(name, cases.len());
        for (case, what) in wrong {
            let command = format!("order --story {name} --cases 1 --seed {}", case.seed);
            tally.failed(&command, &what);
        }
        part.add(&tally);
    }
    part
}

/// Draws the case of this seed, and shrinks it where it fails.
fn holds(case: &Case<'_>) -> Verdict {
    let config = Config {
        cases: 1,
        max_shrink_iters: SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&case.seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let last = RefCell::new(String::new());
    let tried = TestRunner::new_with_rng(config, rng).run(&moves(), |moves| {
        let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            play(case.reference, &moves)
        }));
        let verdict = verdict.unwrap_or_else(|_| Err("it panicked".to_owned()));
        verdict.map_err(|what| {
            last.replace(what.clone());
            TestCaseError::fail(what)
        })
    });
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(_, fewest)) => Err(format!(
            "seed {}: {}\n    after {fewest:?}",
            case.seed,
            last.into_inner()
        )),
        Err(TestError::Abort(why)) => Err(format!("seed {}: {why}", case.seed)),
    }
}

fn play(reference: &Reference, moves: &[Move]) -> Verdict {
    in_paused_time(async {
        let mut play = reference.begin()?;
        // What an event makes happen is there to be delivered from the start.
        play.act_at_once().await?;
        for one in moves {
            make(&mut play, one).await?;
        }
        play.world.carrier.follow(Box::new(|_| Fate::Pass));
        play.finish().await?;
        reference.check(&play)
    })
}

async fn make(play: &mut Play<'_>, one: &Move) -> Verdict {
    play.world.gather_events();
    // People act in time: before it passes, whatever else has happened.
    if matches!(one, Move::Wait { .. } | Move::UntilDue) && play.wants_to_act() {
        return play.act_if_due().await.map(drop);
    }
    match one {
        Move::Event { pick, again } => event(&mut play.world, *pick, *again).await,
        Move::Message { pick } => message(&mut play.world, *pick, 1).await,
        Move::Twice { pick } => message(&mut play.world, *pick, 2).await,
        Move::CutOff { pick, after } => cut_off(&mut play.world, *pick, *after).await,
        Move::Lose { pick } => lose(&play.world, *pick),
        Move::Stray { pick } => stray(&mut play.world, *pick).await,
        Move::Tick => drop(play.world.tick().await),
        Move::Act => drop(play.act_if_due().await?),
        Move::ActAgain => play.act_again().await,
        Move::Wait { seconds } => {
            let later = play.world.now() + SignedDuration::from_secs((*seconds).into());
            // A question that nobody answers in time has another end.
            let latest = play.patience_ends();
            play.world.advance_to(later.min(latest)).await;
        }
        Move::UntilDue => {
            let latest = play.patience_ends();
            if let Some(due) = play.next_moment().filter(|due| *due <= latest) {
                play.world.advance_to(due).await;
            }
        }
        Move::Restart => play.world.restart(),
    }
    Ok(())
}

async fn event(world: &mut World, pick: usize, again: bool) {
    if world.events.is_empty() {
        return;
    }
    let index = pick % world.events.len();
    if again {
        let body = world.events[index].body.clone();
        world.deliver_event(&body).await;
    } else {
        world.deliver_pending_event(index).await;
    }
}

async fn message(world: &mut World, pick: usize, times: usize) {
    let due = world.messages_due();
    let Some(message) = due.get(pick % due.len().max(1)) else {
        return;
    };
    for _ in 0..times {
        world.deliver_message(message).await;
    }
}

/// The process dies at one of the calls of this delivery.
async fn cut_off(world: &mut World, pick: usize, after: usize) {
    let at = world.carrier.count() + after;
    world.carrier.follow(Box::new(move |call| {
        if call.number == at {
            Fate::DieBetween
        } else {
            Fate::Pass
        }
    }));
    message(world, pick, 1).await;
    world.carrier.follow(Box::new(|_| Fate::Pass));
}

fn lose(world: &World, pick: usize) {
    let messages = world.cloud.queues().peek(crate::world::QUEUE);
    if let Some(message) = messages.get(pick % messages.len().max(1)) {
        let queues = world.cloud.queues();
        queues.remove(crate::world::QUEUE, message.sequence_number);
    }
}

/// Some journal's turn, though no message says so.
async fn stray(world: &mut World, pick: usize) {
    let names = world.journal_names();
    if let Some(name) = names.get(pick % names.len().max(1)) {
        world.deliver_stray(name).await;
    }
}
