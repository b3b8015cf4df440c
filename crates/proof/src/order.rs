//! Any delivery order: whatever is delivered when, how often, late or lost and delivered again, a story comes to the same
//! end with the same side effects.
//!
//! A case is a list of moves, drawn from a seed: at each step one of the things that could happen now is picked: an event,
//! a message, a second copy, a loss, a timer's tick, a click, or the passing of time; of whatever is delivered the process
//! may die before, within or after one of its calls, so that it comes again. After the moves the platform is fair again, and
//! the end must be that of the undisturbed story. A case that fails is shrunk to the fewest moves that still fail.

use std::cell::RefCell;

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::carrier::{once, pass};
use crate::mishap::Mishap;
use crate::moment::Moment;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::{Verdict, caught};
use crate::reference::Reference;
use crate::world::{Delivered, World};

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

impl Orders {
    /// So many of each of these stories.
    pub(crate) fn shared_among(self, stories: usize) -> Self {
        let cases = self.cases.div_ceil(stories.max(1) as u64);
        Self { cases, ..self }
    }
}

/// One thing that happens out of turn.
#[derive(Debug, Clone)]
pub(crate) enum Move {
    /// Something is delivered.
    Deliver(Delivery),
    /// The same, and the process dies at its call of this number.
    CutOff {
        what: Delivery,
        call: usize,
        moment: Moment,
    },
    /// An event is delivered, whichever, and a copy of it is left behind.
    EventAgain { pick: usize },
    /// A message is delivered, whichever, and a second time at once, as when its completion was lost.
    Twice { pick: usize },
    /// A message is lost, whichever, due or not.
    Lose { pick: usize },
    /// A message comes although nobody is due: one that was sent long ago. Before it was sent there was a marker.
    Stray { pick: usize },
    /// Time passes: so many seconds.
    Wait { seconds: u32 },
    /// Time passes until something is due.
    UntilDue,
    /// A process that runs is replaced.
    Restart,
}

/// What a process is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delivery {
    /// A pending event, whichever.
    Event { pick: usize },
    /// A message that is due, whichever.
    Message { pick: usize },
    /// The timer fires.
    Tick,
    /// Somebody clicks, if somebody wants to.
    Click,
    /// Somebody clicks a second time on what was done already.
    ClickAgain,
}

impl Delivery {
    /// About how many calls it makes at most: beyond them nothing is cut off.
    fn most_calls(self) -> usize {
        match self {
            Self::Message { .. } => 40,
            Self::Event { .. } | Self::Tick | Self::Click | Self::ClickAgain => 12,
        }
    }
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let pick = 0..8usize;
    let moment = prop::sample::select(Moment::ALL.to_vec());
    let one = prop_oneof![
        16 => delivery().prop_map(Move::Deliver),
        5 => (delivery(), 0..40usize, moment).prop_map(|(what, call, moment)| Move::CutOff {
            what,
            call: call % what.most_calls(),
            moment,
        }),
        1 => pick.clone().prop_map(|pick| Move::EventAgain { pick }),
        2 => pick.clone().prop_map(|pick| Move::Twice { pick }),
        3 => pick.clone().prop_map(|pick| Move::Lose { pick }),
        2 => pick.prop_map(|pick| Move::Stray { pick }),
        3 => (0..4000u32).prop_map(|seconds| Move::Wait { seconds }),
        5 => Just(Move::UntilDue),
        1 => Just(Move::Restart),
    ];
    vec(one, 0..MOST_MOVES)
}

fn delivery() -> impl Strategy<Value = Delivery> {
    let pick = 0..8usize;
    prop_oneof![
        2 => pick.clone().prop_map(|pick| Delivery::Event { pick }),
        8 => pick.prop_map(|pick| Delivery::Message { pick }),
        2 => Just(Delivery::Tick),
        4 => Just(Delivery::Click),
        1 => Just(Delivery::ClickAgain),
    ]
}

/// Moves, and the seed that they were drawn from.
pub(crate) struct Drawn {
    seed: u64,
    moves: Vec<Move>,
}

impl Part for Orders {
    type Case = Drawn;

    const NAME: &'static str = "order";

    fn needs(&self) -> Vec<Mishap> {
        vec![
            Mishap::Death,
            Mishap::LostMessage,
            Mishap::DoubledMessage,
            Mishap::DoubledEvent,
            Mishap::DoubledClick,
        ]
    }

    fn cases(&self, _: &Reference) -> Result<Vec<Drawn>, String> {
        let seeds = (0..self.cases).map(|number| self.seed + number);
        let drawn = |seed| {
            let moves = draw(&mut runner(seed))?.current();
            Ok(Drawn { seed, moves })
        };
        seeds.map(drawn).collect()
    }

    fn told(Drawn { seed, .. }: &Drawn) -> Told {
        Told {
            words: format!("seed {seed}"),
            options: format!("--cases 1 --seed {seed}"),
        }
    }

    async fn play(reference: &Reference, drawn: &Drawn, play: &mut Play<'_>) -> Verdict {
        // What an event makes happen is there to be delivered from the start.
        play.act_at_once().await?;
        for one in &drawn.moves {
            make(play, one).await?;
        }
        play.finish().await?;
        reference.check(play)
    }

    /// The fewest moves that still fail.
    fn shrunk(reference: &Reference, drawn: &Drawn, what: String) -> String {
        let mut runner = runner(drawn.seed);
        let Ok(tree) = draw(&mut runner) else {
            return what;
        };
        let last = RefCell::new(what);
        let tried = runner.run_one(tree, |moves| {
            let fewer = Drawn {
                seed: drawn.seed,
                moves,
            };
            caught(|| Self::tried(reference, &fewer))
                .map(drop)
                .map_err(|what| {
                    last.replace(what.clone());
                    TestCaseError::fail(what)
                })
        });
        let last = last.into_inner();
        match tried {
            Err(TestError::Fail(_, fewest)) => format!("{last}\n    after {fewest:?}"),
            Err(TestError::Abort(_)) | Ok(_) => last,
        }
    }
}

fn runner(seed: u64) -> TestRunner {
    let config = Config {
        max_shrink_iters: SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(config, rng)
}

fn draw(runner: &mut TestRunner) -> Result<impl ValueTree<Value = Vec<Move>> + use<>, String> {
    let drawn = moves().new_tree(runner);
    drawn.map_err(|why| why.to_string())
}

async fn make(play: &mut Play<'_>, one: &Move) -> Verdict {
    play.world.gather_events();
    // People act in time: before it passes, whatever else has happened.
    if matches!(one, Move::Wait { .. } | Move::UntilDue) && play.wants_to_act() {
        return play.act_if_due().await.map(drop);
    }
    match one {
        Move::Deliver(what) => deliver(play, *what).await?,
        Move::CutOff { what, call, moment } => {
            let at = play.world.carrier.count() + call;
            play.world.carrier.follow(once(at, moment.fate()));
            deliver(play, *what).await?;
            play.world.carrier.follow(pass());
        }
        Move::EventAgain { pick } => event_again(&mut play.world, *pick).await,
        Move::Twice { pick } => twice(&mut play.world, *pick).await,
        Move::Lose { pick } => {
            if let Some(message) = one_of(&play.world.messages(), *pick) {
                play.world.lose_message(message);
            }
        }
        Move::Stray { pick } => stray(&mut play.world, *pick).await,
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

async fn deliver(play: &mut Play<'_>, what: Delivery) -> Verdict {
    let world = &mut play.world;
    match what {
        Delivery::Event { pick } => {
            if !world.events.is_empty() {
                let index = pick % world.events.len();
                world.deliver_pending_event(index).await;
            }
        }
        Delivery::Message { pick } => {
            if let Some(message) = one_of(&world.messages_due(), pick) {
                world.deliver_message(message).await;
            }
        }
        Delivery::Tick => drop(world.tick().await),
        Delivery::Click => drop(play.act_if_due().await?),
        Delivery::ClickAgain => play.act_again().await,
    }
    Ok(())
}

async fn event_again(world: &mut World, pick: usize) {
    let bodies: Vec<_> = world.events.iter().map(|event| &event.body).collect();
    let Some(body) = one_of(&bodies, pick).map(|body| (*body).clone()) else {
        return;
    };
    if world.deliver_event(&body).await == Delivered::Taken {
        world.carrier.happened(Mishap::DoubledEvent);
    }
}

async fn twice(world: &mut World, pick: usize) {
    let due = world.messages_due();
    let Some(message) = one_of(&due, pick) else {
        return;
    };
    if world.deliver_message(message).await == Delivered::Taken {
        world.deliver_message(message).await;
        world.carrier.happened(Mishap::DoubledMessage);
    }
}

/// Some journal's turn, though no message says so.
async fn stray(world: &mut World, pick: usize) {
    let places = [world.state("open/"), world.state("closed/")].concat();
    let marked = |name: &String| {
        places
            .iter()
            .any(|marker| marker.name.ends_with(name.as_str()))
    };
    let names: Vec<String> = world.journal_names().into_iter().filter(marked).collect();
    if let Some(name) = one_of(&names, pick) {
        world.deliver_stray(name).await;
    }
}

fn one_of<T>(things: &[T], pick: usize) -> Option<&T> {
    things.get(pick % things.len().max(1))
}
