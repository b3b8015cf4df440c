//! Crash anywhere: for each call of each story the process dies before it, after it, and between the service having done it
//! and the process having heard of it. A new process on the same state must come to the same end.

use crate::carrier::{Call, once};
use crate::mishap::Mishap;
use crate::moment::Moment;
use crate::part::{Part, Told};
use crate::play::Play;
use crate::pool::Verdict;
use crate::reference::Reference;

/// Which points to try; absent: all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Points {
    /// Only this call, by its number.
    #[arg(long)]
    call: Option<usize>,
    /// Only this moment.
    #[arg(long)]
    moment: Option<Moment>,
}

pub(crate) struct Point {
    call: Call,
    moment: Moment,
}

impl Part for Points {
    type Case = Point;

    const NAME: &'static str = "crash";
    const CASES_ARE: &'static str = "points";

    fn needs(&self) -> Vec<Mishap> {
        vec![Mishap::Death]
    }

    fn cases(&self, reference: &Reference) -> Result<Vec<Point>, String> {
        let calls = reference.calls.iter();
        let chosen = calls.filter(|call| self.call.is_none_or(|number| number == call.number));
        let moments = || {
            let all = Moment::ALL.into_iter();
            all.filter(|moment| self.moment.is_none_or(|only| only == *moment))
        };
        let at = |call: &Call, moment| Point {
            call: call.clone(),
            moment,
        };
        Ok(chosen
            .flat_map(|call| moments().map(move |moment| at(call, moment)))
            .collect())
    }

    fn told(Point { call, moment }: &Point) -> Told {
        let moment = moment.word();
        Told {
            words: format!(
                "{moment} {} {} ({})",
                call.method, call.operation, call.path
            ),
            options: format!("--call {} --moment {moment}", call.number),
        }
    }

    async fn play(reference: &Reference, point: &Point, play: &mut Play<'_>) -> Verdict {
        let dies = once(point.call.number, point.moment.fate());
        play.world.carrier.follow(dies);
        play.finish().await?;
        let deaths = play.world.carrier.mishaps().of(Mishap::Death);
        if deaths != 1 {
            return Err(format!("the process died {deaths} times"));
        }
        reference.check(play)
    }
}
