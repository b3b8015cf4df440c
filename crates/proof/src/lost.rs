//! The lost message: messages and ticks are dropped at random, and every promotion that should have moved is found by the
//! first sweep after its due time that is not dropped. An outage of storage or queue of ten minutes loses nothing and puts
//! nothing aside. A sweep lists what is open, once, however much was ever closed.

use jiff::SignedDuration;

use crate::carrier::{Call, Fate, pass};
use crate::chance::Chance;
use crate::mishap::Mishap;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::Verdict;
use crate::reference::Reference;
use crate::world::{Delivered, named_in};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const OUTAGE: SignedDuration = SignedDuration::from_mins(10);

/// Of a hundred messages, and of a hundred ticks, so many are lost.
const LOST_MESSAGES: u32 = 60;
const LOST_TICKS: u32 = 30;
/// Minutes after which nothing will come of it any more.
const MOST_MINUTES: u32 = 8000;

/// How many cases, and which.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Lost {
    /// How many cases with lost messages, of each story.
    #[arg(long, default_value_t = 20)]
    cases: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the outage of this service that begins before this step: `storage-4`; or `none`.
    #[arg(long)]
    outage: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Case {
    /// Messages and ticks are lost by chance.
    Messages(u64),
    /// The storage account or the queue is away for ten minutes, from this step on.
    Outage(Service, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Storage,
    Queue,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Queue => "queue",
        }
    }

    fn is_asked_by(self, call: &Call) -> bool {
        match self {
            Self::Storage => call.path.starts_with("/blob/stliftlock"),
            Self::Queue => call.operation.starts_with("servicebus."),
        }
    }
}

impl Part for Lost {
    type Case = Case;

    const NAME: &'static str = "lost";

    fn needs(&self) -> Vec<Mishap> {
        let lost = [Mishap::LostMessage, Mishap::LostTick];
        match self.outage.as_deref() {
            None => [&lost[..], &[Mishap::Disturbed]].concat(),
            Some("none") => lost.to_vec(),
            Some(_) => vec![Mishap::Disturbed],
        }
    }

    fn cases(&self, reference: &Reference) -> Result<Vec<Case>, String> {
        let steps = reference.steps()?.len();
        let wanted = |name: &str| self.outage.as_deref().is_none_or(|only| only == name);
        let mut cases = Vec::new();
        for service in [Service::Storage, Service::Queue] {
            let outages = (0..steps).filter(|step| wanted(&format!("{}-{step}", service.name())));
            cases.extend(outages.map(|step| Case::Outage(service, step)));
        }
        if wanted("none") {
            cases.extend((0..self.cases).map(|n| Case::Messages(self.seed + n)));
        }
        Ok(cases)
    }

    fn told(case: &Case) -> Told {
        match case {
            Case::Messages(seed) => Told {
                words: format!("seed {seed}"),
                options: format!("--outage none --cases 1 --seed {seed}"),
            },
            Case::Outage(service, step) => Told {
                words: format!("{} away from step {step} on", service.name()),
                options: format!("--outage {}-{step}", service.name()),
            },
        }
    }

    async fn play(reference: &Reference, case: &Case, play: &mut Play<'_>) -> Verdict {
        match case {
            Case::Messages(seed) => lose_messages(play, Chance::of(*seed)).await?,
            Case::Outage(service, step) => lose_service(play, *service, *step).await?,
        }
        play.finish().await?;
        reference.check(play)
    }
}

/// Minute by minute, as on the platform: the timer fires, what is in the queue is delivered, some of either is lost.
async fn lose_messages(play: &mut Play<'_>, mut chance: Chance) -> Verdict {
    for _ in 0..MOST_MINUTES {
        while play.act_if_due().await? {}
        play.world.gather_events();
        while !play.world.events.is_empty() {
            play.world.deliver_pending_event(0).await;
        }
        for message in play.world.messages() {
            if chance.below(100) < LOST_MESSAGES {
                play.world.lose_message(&message);
            }
        }
        deliver_all(play).await;
        if play.is_over() {
            return Ok(());
        }
        if play.wants_to_act() {
            continue;
        }
        play.world.advance_to(play.world.now() + MINUTE).await;
        skip_ahead(play).await;
        if chance.below(100) < LOST_TICKS {
            play.world.carrier.happened(Mishap::LostTick);
        } else {
            sweep(play).await?;
        }
    }
    Err(format!("it comes to no end: {}", play.account()))
}

/// Nothing is due for long: the minutes until then are alike.
async fn skip_ahead(play: &Play<'_>) {
    if let Some(next) = play
        .next_moment()
        .filter(|next| *next > play.world.now() + MINUTE)
    {
        play.world.advance_to(next).await;
    }
}

async fn deliver_all(play: &mut Play<'_>) {
    while let Some(message) = play.world.messages_due().first().cloned() {
        if play.world.deliver_message(&message).await == Delivered::Again {
            return;
        }
    }
}

/// One sweep: whatever was due is in the queue afterwards, and one listing told.
async fn sweep(play: &mut Play<'_>) -> Verdict {
    let now = play.world.now();
    let overdue = play.world.due_by(now);
    let before = play.world.carrier.calls().len();
    play.world.tick().await;
    let calls = play.world.carrier.calls();
    let listings = calls[before..]
        .iter()
        .filter(|call| call.operation == "blob.list");
    let listings = listings.count();
    if listings != 1 {
        return Err(format!("a sweep took {listings} listings"));
    }
    let woken: Vec<String> = play.world.messages_due().iter().map(named_in).collect();
    match overdue.iter().find(|name| !woken.contains(*name)) {
        Some(name) => Err(format!("{name} was due, and the sweep did not wake it")),
        None => Ok(()),
    }
}

/// For ten minutes a service answers nothing but 503.
async fn lose_service(play: &mut Play<'_>, service: Service, step: usize) -> Verdict {
    for _ in 0..step {
        if !play.step().await? {
            return Ok(());
        }
    }
    let (clock, until) = (play.world.cloud.clock().clone(), play.world.now() + OUTAGE);
    play.world.carrier.follow(Box::new(move |call| {
        if service.is_asked_by(call) && clock.now() < until {
            Fate::Refuse {
                status: 503,
                code: "ServerBusy",
                retry_after: None,
            }
        } else {
            Fate::Pass
        }
    }));
    // Meanwhile the platform goes on: what is not taken comes again, a tick every minute.
    while play.world.now() < until {
        play.world.gather_events();
        let now = play.world.now();
        if let Some(index) = play.world.events.iter().position(|event| event.at <= now) {
            play.world.deliver_pending_event(index).await;
        }
        for message in play.world.messages_due() {
            play.world.deliver_message(&message).await;
        }
        play.act_if_due().await?;
        play.world.tick().await;
        play.world.advance_to(play.world.now() + MINUTE).await;
    }
    play.world.carrier.follow(pass());
    Ok(())
}
