//! How every part of the proof goes: each story once undisturbed, then every case of it, then what came of them.

use crate::mishap::{Mishap, Mishaps};
use crate::play::Play;
use crate::pool::{Verdict, in_paused_time, play_all};
use crate::reference::Reference;
use crate::report::{Report, Tally};
use crate::story::Story;

/// Fewer cases are some case repeated, in which nothing can be missing.
const A_RUN: usize = 100;

/// One part: which cases a story has, and how each is played.
pub(crate) trait Part {
    /// What makes one play of a story different from the undisturbed one.
    type Case: Sync;

    /// Its name on the command line.
    const NAME: &'static str;

    /// What its cases are called.
    const CASES_ARE: &'static str = "cases";

    /// What must have happened somewhere, or the run has proved nothing.
    fn needs(&self) -> Vec<Mishap>;

    /// The cases of a story, as they were asked for.
    fn cases(&self, reference: &Reference) -> Result<Vec<Self::Case>, String>;

    /// What a case is, and the options that repeat it.
    fn told(case: &Self::Case) -> Told;

    /// Plays a case in a fresh world, to its end.
    async fn play(reference: &Reference, case: &Self::Case, play: &mut Play<'_>) -> Verdict;

    /// What is wrong with a case that failed, made smaller where that can be done.
    fn shrunk(_: &Reference, _: &Self::Case, what: String) -> String {
        what
    }

    /// Plays it in a time of its own; what really happened.
    fn tried(reference: &Reference, case: &Self::Case) -> Result<Mishaps, String> {
        in_paused_time(async {
            let mut play = reference.begin()?;
            Self::play(reference, case, &mut play).await?;
            Ok(play.world.carrier.mishaps())
        })
    }
}

/// A case, for whoever reads that it failed.
pub(crate) struct Told {
    pub(crate) words: String,
    pub(crate) options: String,
}

/// Plays every case of these stories; whether all is well.
pub(crate) fn prove<P: Part>(part: &P, stories: &[&'static Story]) -> bool {
    let mut report = Report::begin(P::NAME, P::CASES_ARE);
    for story in stories {
        match cases(part, story) {
            Ok((reference, cases)) => report.add(&try_all::<P>(&reference, &cases)),
            Err(what) => report.broken(&what),
        }
    }
    if report.cases() >= A_RUN {
        report.demand(&part.needs());
    }
    report.end()
}

fn cases<P: Part>(part: &P, story: &'static Story) -> Result<(Reference, Vec<P::Case>), String> {
    let reference = Reference::of(story)?;
    let cases = part.cases(&reference)?;
    Ok((reference, cases))
}

fn try_all<P: Part>(reference: &Reference, cases: &[P::Case]) -> Tally {
    let name = reference.story.name;
    let (mishaps, wrong) = play_all(cases, |case| P::tried(reference, case));
    let mut tally = Tally::of(name, cases.len(), mishaps);
    for (case, what) in wrong {
        let what = P::shrunk(reference, case, what);
        let Told { words, options } = P::told(case);
        let again = format!("{} --story {name} {options}", P::NAME);
        tally.failed(&again, &format!("{words}: {what}"));
    }
    tally
}
