//! The faulty cloud: each call in turn fails in every way that calls fail, then calls fail at random, then one operation
//! fails for hours. What fails once costs time and nothing else; what fails for long ends in a rollback, or in a failure or
//! a wait that says what is where; and once the cloud behaves again, everything comes to an end.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::carrier::{Call, Fate, Script, once};
use crate::chance::Chance;
use crate::mishap::Mishap;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::Verdict;
use crate::reference::Reference;
use crate::visible::ended_visibly;

/// How long an operation fails in the last part: longer than any deadline of the example.
const LONG: SignedDuration = SignedDuration::from_hours(6);

/// How many calls of a hundred fail at random.
const FAILING: u32 = 12;

/// Which cases to try; absent: all.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Faults {
    /// Only this kind of fault.
    #[arg(long)]
    kind: Option<String>,
    /// Only this call, by its number.
    #[arg(long)]
    call: Option<usize>,
    /// Only this operation, for hours.
    #[arg(long)]
    operation: Option<String>,
    /// How many runs with faults at random, of each story.
    #[arg(long, default_value_t = 100)]
    runs: u64,
    /// Only the runs with faults at random.
    #[arg(long)]
    at_random: bool,
    /// The seed of the first such run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A way in which a call fails once.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    name: &'static str,
    fate: Fate,
}

const fn refuse(status: u16, code: &'static str, retry_after: Option<u32>) -> Fate {
    Fate::Refuse {
        status,
        code,
        retry_after,
    }
}

const KINDS: [Kind; 11] = [
    Kind {
        name: "429",
        fate: refuse(429, "TooManyRequests", Some(2)),
    },
    Kind {
        name: "429-for-a-minute",
        fate: refuse(429, "TooManyRequests", Some(60)),
    },
    Kind {
        name: "500",
        fate: refuse(500, "InternalServerError", None),
    },
    Kind {
        name: "503",
        fate: refuse(503, "ServerBusy", None),
    },
    Kind {
        name: "401",
        fate: refuse(401, "ExpiredAuthenticationToken", None),
    },
    Kind {
        name: "403",
        fate: refuse(403, "AuthorizationFailed", None),
    },
    Kind {
        name: "time-out",
        fate: Fate::Hang,
    },
    Kind {
        name: "reset",
        fate: Fate::Reset,
    },
    Kind {
        name: "lost-answer",
        fate: Fate::LostAnswer,
    },
    Kind {
        name: "malformed",
        fate: Fate::Malformed,
    },
    Kind {
        name: "retried-on-the-way",
        fate: Fate::Twice,
    },
];

pub(crate) enum Case {
    /// This call fails once.
    Once(Call, Kind),
    /// Calls fail at random.
    AtRandom(u64),
    /// All calls of an operation fail for hours, from the first on.
    ForHours(String, Kind),
}

impl Part for Faults {
    type Case = Case;

    const NAME: &'static str = "faults";

    fn needs(&self) -> Vec<Mishap> {
        vec![Mishap::Disturbed]
    }

    fn cases(&self, reference: &Reference) -> Result<Vec<Case>, String> {
        let mut cases = Vec::new();
        if !self.at_random {
            cases.extend(self.once(reference));
        }
        let one = self.call.is_some() || self.operation.is_some() || self.kind.is_some();
        if self.at_random || !one {
            cases.extend((0..self.runs).map(|run| Case::AtRandom(self.seed + run)));
        }
        if !self.at_random && self.call.is_none() {
            cases.extend(self.for_hours(reference));
        }
        Ok(cases)
    }

    fn told(case: &Case) -> Told {
        let (words, options) = match case {
            Case::Once(call, Kind { name, .. }) => (
                format!("{name} at {} ({})", call.operation, call.path),
                format!("--call {} --kind {name}", call.number),
            ),
            Case::AtRandom(seed) => (
                format!("at random, seed {seed}"),
                format!("--at-random --runs 1 --seed {seed}"),
            ),
            Case::ForHours(operation, Kind { name, .. }) => (
                format!("{name} at every {operation} for hours"),
                format!("--operation {operation} --kind {name}"),
            ),
        };
        Told { words, options }
    }

    async fn play(reference: &Reference, case: &Case, play: &mut Play<'_>) -> Verdict {
        let until = play.world.now() + LONG;
        let script = case.script(until, play.world.cloud.clock().clone());
        play.world.carrier.follow(script);
        play.forgives();
        play.finish().await?;
        let Err(other) = reference.check(play) else {
            return Ok(());
        };
        match case {
            // Once is never enough to end otherwise; a lack of rights or a broken answer may be.
            Case::Once(call, kind) if !is_the_candidates_answer(call, kind) => Err(other),
            Case::Once(..) | Case::AtRandom(_) | Case::ForHours(..) => {
                play.world.carrier.happened(Mishap::OtherEnd);
                ended_visibly(reference, &play.world)
            }
        }
    }
}

impl Faults {
    fn kinds(&self) -> impl Iterator<Item = Kind> {
        let wanted = |kind: &Kind| self.kind.as_deref().is_none_or(|name| name == kind.name);
        KINDS.into_iter().filter(wanted)
    }

    fn once(&self, reference: &Reference) -> Vec<Case> {
        let wanted = |call: &&Call| {
            self.operation.is_none() && self.call.is_none_or(|number| number == call.number)
        };
        let calls = reference.calls.iter().filter(wanted);
        calls
            .flat_map(|call| self.kinds().map(|kind| Case::Once(call.clone(), kind)))
            .collect()
    }

    fn for_hours(&self, reference: &Reference) -> Vec<Case> {
        let operations = reference.calls.iter().map(|call| call.operation.as_str());
        let wanted = |name: &&str| self.operation.as_deref().is_none_or(|only| only == *name);
        let operations: BTreeSet<&str> = operations.filter(wanted).collect();
        let lasting = |kind: &Kind| ["403", "500", "time-out"].contains(&kind.name);
        let kinds = || self.kinds().filter(lasting);
        operations
            .into_iter()
            .flat_map(|name| kinds().map(|kind| Case::ForHours(name.to_owned(), kind)))
            .collect()
    }
}

impl Case {
    fn script(&self, until: jiff::Timestamp, clock: cloud_sim::SimClock) -> Script {
        match self {
            Self::Once(call, kind) => once(call.number, kind.fate.clone()),
            Self::AtRandom(seed) => {
                let mut chance = Chance::of(*seed);
                Box::new(move |_| {
                    if chance.below(100) < FAILING {
                        chance.pick(&KINDS).fate.clone()
                    } else {
                        Fate::Pass
                    }
                })
            }
            Self::ForHours(operation, kind) => {
                let (operation, fate) = (operation.clone(), kind.fate.clone());
                Box::new(move |call| {
                    if call.operation == operation && clock.now() < until {
                        fate.clone()
                    } else {
                        Fate::Pass
                    }
                })
            }
        }
    }
}

/// Whether what fails is the candidate's own answer to the smoke test: then it goes back, and should.
fn is_the_candidates_answer(call: &Call, kind: &Kind) -> bool {
    call.operation.starts_with("scoring.") && ["500", "malformed"].contains(&kind.name)
}
