//! The delayed twin: a write that hangs, is given up, repeated, and lands later than everything that followed from it.
//!
//! A service may hold a call back for as long as the caller's bound and once more: 120 s after it was sent it can land no
//! more, and until then the promotion does not close. What overwrites is noticed and corrected, what creates makes no second
//! one: the end is that of the undisturbed story.

use jiff::SignedDuration;

use crate::carrier::{Call, Fate};
use crate::pool::{Verdict, in_paused_time, play_all};
use crate::reference::Reference;
use crate::report::{Part, Tally};
use crate::story::Story;

/// How long after they were sent calls land, in seconds: while it is still waited for, once it was given up, while it is
/// repeated, as late as can be.
const DELAYS: [i64; 5] = [20, 32, 45, 75, 119];

/// Which twins to try; absent: all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Twins {
    /// Only this call, by its number.
    #[arg(long)]
    call: Option<usize>,
    /// Only this delay, in seconds.
    #[arg(long)]
    delay: Option<i64>,
}

struct Twin {
    call: Call,
    delay: i64,
}

/// Lets every write of these stories land late.
pub(crate) fn prove(stories: &[&'static Story], twins: &Twins) -> Part {
    let mut part = Part::begin("twin", "delayed writes");
    for story in stories {
        let reference = match Reference::of(story) {
            Ok(reference) => reference,
            Err(what) => {
                part.broken(&what);
                continue;
            }
        };
        let cases = cases(&reference, twins);
        let wrong = play_all(&cases, |twin| lands_late(&reference, twin));
        let mut tally = Tally::of(story.name, cases.len());
        for (twin, what) in wrong {
            let command = format!(
                "twin --story {} --call {} --delay {}",
                story.name, twin.call.number, twin.delay
            );
            let call = &twin.call;
            tally.failed(
                &command,
                &format!(
                    "{} ({}) {} s late: {what}",
                    call.operation, call.path, twin.delay
                ),
            );
        }
        part.add(&tally);
    }
    part
}

fn cases(reference: &Reference, twins: &Twins) -> Vec<Twin> {
    let writes = reference.calls.iter().filter(|call| call.is_write());
    let chosen = writes.filter(|call| twins.call.is_none_or(|number| number == call.number));
    let delays = || {
        DELAYS
            .into_iter()
            .filter(|delay| twins.delay.is_none_or(|only| only == *delay))
    };
    chosen
        .flat_map(|call| {
            delays().map(|delay| Twin {
                call: call.clone(),
                delay,
            })
        })
        .collect()
}

fn lands_late(reference: &Reference, twin: &Twin) -> Verdict {
    in_paused_time(async {
        let mut play = reference.begin()?;
        let (number, delay) = (twin.call.number, SignedDuration::from_secs(twin.delay));
        play.world.carrier.follow(Box::new(move |call| {
            if call.number == number {
                Fate::Late(delay)
            } else {
                Fate::Pass
            }
        }));
        play.finish().await?;
        // Whatever is still under way lands, and a sweep looks at what that has done.
        while let Some(landing) = play.world.carrier.next_landing() {
            play.world.advance_to(landing).await;
        }
        play.settle().await?;
        reference.check(&play)
    })
}
