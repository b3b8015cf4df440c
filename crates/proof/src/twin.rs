//! The delayed twin: a write that hangs, is given up, repeated, and lands later than everything that followed from it.
//!
//! A service may hold a call back for as long as the caller's bound and once more: 120 s after it was sent it can land no
//! more, and until then the promotion does not close. What overwrites is noticed and corrected, what creates makes no second
//! one: the end is that of the undisturbed story.

use jiff::SignedDuration;

use crate::carrier::{Call, Fate, once};
use crate::mishap::Mishap;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::Verdict;
use crate::reference::Reference;

/// How long after they were sent calls land, in seconds: while it is still waited for, once it was given up, while it is
/// repeated, as late as can be.
const DELAYS: [i64; 5] = [20, 32, 45, 75, 119];

/// Which twins to try; absent: all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Twins {
    /// Only this call, by its number.
    #[arg(long)]
    call: Option<usize>,
    /// Only this delay, in seconds; may be given several times.
    #[arg(long)]
    delay: Vec<i64>,
}

pub(crate) struct Twin {
    call: Call,
    delay: i64,
}

impl Part for Twins {
    type Case = Twin;

    const NAME: &'static str = "twin";
    const CASES_ARE: &'static str = "delayed writes";

    fn needs(&self) -> Vec<Mishap> {
        vec![Mishap::Landed]
    }

    fn cases(&self, reference: &Reference) -> Result<Vec<Twin>, String> {
        let writes = reference.calls.iter().filter(|call| call.is_write());
        let chosen = writes.filter(|call| self.call.is_none_or(|number| number == call.number));
        let delays = || {
            let all = DELAYS.into_iter();
            all.filter(|delay| self.delay.is_empty() || self.delay.contains(delay))
        };
        let of = |call: &Call, delay| Twin {
            call: call.clone(),
            delay,
        };
        Ok(chosen
            .flat_map(|call| delays().map(move |delay| of(call, delay)))
            .collect())
    }

    fn told(Twin { call, delay }: &Twin) -> Told {
        Told {
            words: format!("{} ({}) {delay} s late", call.operation, call.path),
            options: format!("--call {} --delay {delay}", call.number),
        }
    }

    async fn play(reference: &Reference, twin: &Twin, play: &mut Play<'_>) -> Verdict {
        let late = Fate::Late(SignedDuration::from_secs(twin.delay));
        play.world.carrier.follow(once(twin.call.number, late));
        play.finish().await?;
        // Whatever is still under way lands, and a sweep looks at what that has done.
        while let Some(landing) = play.world.carrier.next_landing() {
            play.world.advance_to(landing).await;
        }
        play.settle().await?;
        reference.check(play)
    }
}
