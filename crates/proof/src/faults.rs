//! The faulty cloud: each call in turn fails in every way that calls fail, then calls fail at random, then one operation
//! fails for hours. What fails once costs time and nothing else; what fails for long ends in a rollback, or in a failure or
//! a wait that says what is where; and once the cloud behaves again, everything comes to an end.

use jiff::SignedDuration;

use crate::carrier::{Call, Fate, Script};
use crate::chance::Chance;
use crate::pool::{Verdict, in_paused_time, play_all};
use crate::reference::Reference;
use crate::report::{Part, Tally};
use crate::story::Story;
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
struct Kind {
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

enum Case {
    /// This call fails once.
    Once(Call, Kind),
    /// Calls fail at random.
    AtRandom(u64),
    /// All calls of an operation fail for hours, from the first on.
    ForHours(String, Kind),
}

/// Lets calls of these stories fail.
pub(crate) fn prove(stories: &[&'static Story], faults: &Faults) -> Part {
    let mut part = Part::begin("faults", "cases");
    for story in stories {
        let reference = match Reference::of(story) {
            Ok(reference) => reference,
            Err(what) => {
                part.broken(&what);
                continue;
            }
        };
        let cases = cases(&reference, faults);
        let wrong = play_all(&cases, |case| fails(&reference, case));
        let mut tally = Tally::of(story.name, cases.len());
        for (case, what) in wrong {
            let (command, words) = case.words(story.name);
            tally.failed(&command, &format!("{words}: {what}"));
        }
        part.add(&tally);
    }
    part
}

fn cases(reference: &Reference, faults: &Faults) -> Vec<Case> {
    let kinds = || {
        let wanted = |kind: &Kind| faults.kind.as_deref().is_none_or(|name| name == kind.name);
        KINDS.into_iter().filter(wanted)
    };
    if faults.at_random {
        return (0..faults.runs)
            .map(|run| Case::AtRandom(faults.seed + run))
            .collect();
    }
    let one = faults.call.is_some() || faults.operation.is_some();
    let mut cases = Vec::new();
    let mut operations = std::collections::BTreeSet::new();
    for call in &reference.calls {
        operations.insert(call.operation.clone());
        if faults.operation.is_none() && faults.call.is_none_or(|number| number == call.number) {
            cases.extend(kinds().map(|kind| Case::Once(call.clone(), kind)));
        }
    }
    if !one && faults.kind.is_none() {
        cases.extend((0..faults.runs).map(|run| Case::AtRandom(faults.seed + run)));
    }
    if faults.call.is_none() {
        let lasting = |kind: &Kind| ["403", "500", "time-out"].contains(&kind.name);
        for operation in operations {
            if faults
                .operation
                .as_ref()
                .is_none_or(|only| *only == operation)
            {
                let of_it = |kind| Case::ForHours(operation.clone(), kind);
                cases.extend(kinds().filter(lasting).map(of_it));
            }
        }
    }
    cases
}

impl Case {
    fn words(&self, story: &str) -> (String, String) {
        match self {
            Self::Once(call, kind) => (
                format!(
                    "faults --story {story} --call {} --kind {}",
                    call.number, kind.name
                ),
                format!("{} at {} ({})", kind.name, call.operation, call.path),
            ),
            Self::AtRandom(seed) => (
                format!("faults --story {story} --at-random --runs 1 --seed {seed}"),
                format!("at random, seed {seed}"),
            ),
            Self::ForHours(operation, kind) => (
                format!(
                    "faults --story {story} --operation {operation} --kind {}",
                    kind.name
                ),
                format!("{} at every {operation} for hours", kind.name),
            ),
        }
    }

    fn script(&self, until: jiff::Timestamp, clock: cloud_sim::SimClock) -> Script {
        match self {
            Self::Once(call, kind) => {
                let (number, fate) = (call.number, kind.fate.clone());
                Box::new(move |call| {
                    if call.number == number {
                        fate.clone()
                    } else {
                        Fate::Pass
                    }
                })
            }
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

fn fails(reference: &Reference, case: &Case) -> Verdict {
    in_paused_time(async {
        let mut play = reference.begin()?;
        let until = play.world.now() + LONG;
        let script = case.script(until, play.world.cloud.clock().clone());
        play.world.carrier.follow(script);
        play.forgives();
        play.finish().await?;
        let undisturbed = reference.check(&play);
        match (case, undisturbed) {
            (_, Ok(())) => Ok(()),
            // Once is never enough to end otherwise; a lack of rights or a broken answer may be.
            (Case::Once(call, kind), Err(other)) if !is_the_candidates_answer(call, kind) => {
                Err(other)
            }
            (Case::Once(..) | Case::AtRandom(_) | Case::ForHours(..), Err(_)) => {
                ended_visibly(reference, &play.world)
            }
        }
    })
}

/// Whether what fails is the candidate's own answer to the smoke test: then it goes back, and should.
fn is_the_candidates_answer(call: &Call, kind: &Kind) -> bool {
    call.operation.starts_with("scoring.") && ["500", "malformed"].contains(&kind.name)
}
