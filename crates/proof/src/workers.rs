//! Many workers at once: without sessions, several instances advance the same promotions while people click, in every
//! interleaving of their calls, and some of them die. Appends decide; the journal shows one history.
//!
//! Each call lets others go first for as long as chance says, so two runs of one seed interleave alike.

use cloud_sim::Peeked;
use futures::future::{join, join_all};

use crate::carrier::{once, pass};
use crate::chance::Chance;
use crate::mishap::Mishap;
use crate::moment::Moment;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::Verdict;
use crate::process::Process;
use crate::reference::Reference;
use crate::world::{ADVANCE, Delivered, envelope, invocation, named_in};

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

impl Part for Workers {
    /// A seed.
    type Case = u64;

    const NAME: &'static str = "workers";

    fn needs(&self) -> Vec<Mishap> {
        vec![Mishap::Death, Mishap::Overlap, Mishap::StaleAppend]
    }

    fn cases(&self, _: &Reference) -> Result<Vec<u64>, String> {
        Ok((0..self.cases).map(|n| self.seed + n).collect())
    }

    fn told(seed: &u64) -> Told {
        Told {
            words: format!("seed {seed}"),
            options: format!("--cases 1 --seed {seed}"),
        }
    }

    async fn play(reference: &Reference, seed: &u64, play: &mut Play<'_>) -> Verdict {
        let mut chance = Chance::of(*seed);
        play.act_at_once().await?;
        play.world.carrier.dawdle(Chance::of(chance.next()));
        for _ in 0..ROUNDS {
            round(play, &mut chance).await?;
        }
        play.finish().await?;
        reference.check_after_workers(play)
    }
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
    count_overlaps(play, &given);
    if chance.below(DEATHS) == 0 {
        let at = play.world.carrier.count() + chance.below(60) as usize;
        let moment = *chance.pick(&Moment::ALL);
        play.world.carrier.follow(once(at, moment.fate()));
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
    play.world.carrier.follow(pass());
    for ((_, message), delivered) in given.iter().zip(delivered) {
        if delivered == Delivered::Taken {
            play.world.remove_message(message);
        }
    }
    Ok(())
}

/// Whoever is given the turn of a journal that is open, when somebody has it already.
fn count_overlaps(play: &Play<'_>, given: &[(Process, Peeked)]) {
    let mut names: Vec<String> = given.iter().map(|(_, message)| named_in(message)).collect();
    names.sort();
    for pair in names.windows(2) {
        if pair[0] == pair[1] && !play.world.state(&format!("open/{}", pair[0])).is_empty() {
            play.world.carrier.happened(Mishap::Overlap);
        }
    }
}

async fn work(process: &Process, message: &Peeked) -> Delivered {
    let request = invocation(ADVANCE, &envelope(&message.body));
    Delivered::by(&process.ask(request).await)
}
