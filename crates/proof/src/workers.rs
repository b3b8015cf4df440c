//! Many workers at once: without sessions, several instances advance the same promotions while people click, in every
//! interleaving of their calls, and some of them die. Appends decide; the journal shows one history.
//!
//! Each call lets others go first for as long as chance says, so two runs of one seed interleave alike.

use cloud_sim::Peeked;
use futures::future::{join, join_all};

use crate::carrier::Fate;
use crate::chance::Chance;
use crate::play::Play;
use crate::pool::{Verdict, in_paused_time, play_all};
use crate::process::Process;
use crate::reference::Reference;
use crate::report::{Part, Tally};
use crate::story::Story;
use crate::world::{ADVANCE, Delivered, QUEUE, envelope, invocation};

/// Workers in one round, at most.
const MOST_WORKERS: u32 = 6;
/// Rounds in which everything happens at once, before the platform is fair again.
const ROUNDS: u32 = 40;
/// One round of so many has a death in it.
const DEATHS: u32 = 4;

/// How many cases, and which.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Workers {
    /// How many cases of each story.
    #[arg(long, default_value_t = 100)]
    cases: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Lets many workers play these stories.
pub(crate) fn prove(stories: &[&'static Story], workers: &Workers) -> Part {
    let mut part = Part::begin("workers", "cases");
    for story in stories {
        let reference = match Reference::of(story) {
            Ok(reference) => reference,
            Err(what) => {
                part.broken(&what);
                continue;
            }
        };
        let seeds: Vec<u64> = (0..workers.cases).map(|n| workers.seed + n).collect();
        let wrong = play_all(&seeds, |seed| at_once(&reference, *seed));
        let mut tally = Tally::of(story.name, seeds.len());
        for (seed, what) in wrong {
            let command = format!("workers --story {} --cases 1 --seed {seed}", story.name);
            tally.failed(&command, &format!("seed {seed}: {what}"));
        }
        part.add(&tally);
    }
    part
}

fn at_once(reference: &Reference, seed: u64) -> Verdict {
    in_paused_time(async {
        let mut chance = Chance::of(seed);
        let mut play = reference.begin()?;
        play.act_at_once().await?;
        play.world.carrier.dawdle(Chance::of(chance.next()));
        for _ in 0..ROUNDS {
            round(&mut play, &mut chance).await?;
        }
        play.world.carrier.follow(Box::new(|_| Fate::Pass));
        play.finish().await?;
        reference.check_after_workers(&play)
    })
}

/// Whoever could do something does it now: people, the timer, and workers that were given what is due, some the same.
async fn round(play: &mut Play<'_>, chance: &mut Chance) -> Verdict {
    play.world.gather_events();
    while !play.world.events.is_empty() {
        play.world.deliver_pending_event(0).await;
    }
    let due = play.world.messages_due();
    if due.is_empty() && !play.wants_to_act() && chance.below(2) == 0 {
        let latest = play.patience_ends();
        if let Some(next) = play.next_moment().filter(|next| *next <= latest) {
            play.world.advance_to(next).await;
        }
        play.world.tick().await;
    }
    let due = play.world.messages_due();
    let count = if due.is_empty() {
        0
    } else {
        1 + chance.below(MOST_WORKERS)
    };
    let given: Vec<(Process, Peeked)> = (0..count)
        .map(|_| (play.world.instance(), chance.pick(&due).clone()))
        .collect();
    if chance.below(DEATHS) == 0 {
        let at = play.world.carrier.count() + chance.below(60) as usize;
        play.world.carrier.follow(Box::new(move |call| {
            if call.number == at {
                Fate::DieBetween
            } else {
                Fate::Pass
            }
        }));
    }
    let clicks = chance.below(3) == 0;
    let people = async {
        if clicks {
            play.act_if_due().await.map(drop)
        } else {
            Ok(())
        }
    };
    let work = join_all(
        given
            .iter()
            .map(|(process, message)| work(process, message)),
    );
    let (clicked, delivered) = join(people, work).await;
    clicked?;
    play.world.carrier.follow(Box::new(|_| Fate::Pass));
    for ((_, message), delivered) in given.iter().zip(delivered) {
        if delivered == Delivered::Taken {
            play.world
                .cloud
                .queues()
                .remove(QUEUE, message.sequence_number);
        }
    }
    Ok(())
}

async fn work(process: &Process, message: &Peeked) -> Delivered {
    let request = invocation(ADVANCE, &envelope(&message.body));
    Delivered::by(&process.ask(request).await)
}
