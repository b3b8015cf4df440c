//! Crash anywhere: for each call of each story the process dies before it, after it, and between the service having done it
//! and the process having heard of it. A new process on the same state must come to the same end.

use crate::carrier::{Call, Fate};
use crate::pool::{Verdict, in_paused_time, play_all};
use crate::reference::Reference;
use crate::report::{Part, Tally};
use crate::story::Story;

/// When the process dies, as seen from one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Moment {
    /// Before it is sent.
    Before,
    /// Once it is done, before anything is heard of it.
    Between,
    /// Once it is heard of, before anything else is done.
    After,
}

impl Moment {
    const ALL: [Self; 3] = [Self::Before, Self::Between, Self::After];

    fn fate(self) -> Fate {
        match self {
            Self::Before => Fate::DieBefore,
            Self::Between => Fate::DieBetween,
            Self::After => Fate::DieAfter,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Between => "between",
            Self::After => "after",
        }
    }
}

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

struct Point {
    call: Call,
    moment: Moment,
}

/// Dies at every point of these stories.
pub(crate) fn prove(stories: &[&'static Story], points: &Points) -> Part {
    let mut part = Part::begin("crash", "points");
    for story in stories {
        let reference = match Reference::of(story) {
            Ok(reference) => reference,
            Err(what) => {
                part.broken(&what);
                continue;
            }
        };
        let cases = cases(&reference, points);
        let wrong = play_all(&cases, |point| die_at(&reference, point));
        let mut tally = Tally::of(story.name, cases.len());
        for (point, what) in wrong {
            let command = format!(
                "crash --story {} --call {} --moment {}",
                story.name,
                point.call.number,
                point.moment.word()
            );
            let where_ = format!(
                "{} {} ({})",
                point.call.method, point.call.operation, point.call.path
            );
            tally.failed(
                &command,
                &format!("{} {where_}: {what}", point.moment.word()),
            );
        }
        part.add(&tally);
    }
    part
}

fn cases(reference: &Reference, points: &Points) -> Vec<Point> {
    let calls = reference.calls.iter();
    let chosen = calls.filter(|call| points.call.is_none_or(|number| number == call.number));
    let moments = || {
        Moment::ALL
            .into_iter()
            .filter(|moment| points.moment.is_none_or(|only| only == *moment))
    };
    chosen
        .flat_map(|call| {
            moments().map(|moment| Point {
                call: call.clone(),
                moment,
            })
        })
        .collect()
}

fn die_at(reference: &Reference, point: &Point) -> Verdict {
    in_paused_time(async {
        let mut play = reference.begin()?;
        let (number, moment) = (point.call.number, point.moment);
        play.world.carrier.follow(Box::new(move |call| {
            if call.number == number {
                moment.fate()
            } else {
                Fate::Pass
            }
        }));
        play.finish().await?;
        if play.world.deaths != 1 {
            return Err(format!("the process died {} times", play.world.deaths));
        }
        reference.check(&play)
    })
}
