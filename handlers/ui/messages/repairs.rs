//! What `liftlock repair` says: one line for each thing that is not as it should be.

use jiff::Timestamp;

use crate::ui::figures::counted;
use crate::ui::moment::utc;
use crate::ui::text::{clause, name};

/// Something that journals and events do not bear out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It has no marker there.
    Missing {
        /// `open`, or `closed/2026-11`.
        place: String,
    },
    /// It has a marker where it does not belong.
    WrongPlace {
        /// Where that is.
        place: String,
    },
    /// There is no journal behind a marker, and maybe never was.
    Orphaned {
        /// Where it is.
        place: String,
    },
    /// It had a journal, and has none any more.
    JournalGone {
        /// What tells of it.
        trace: Trace,
    },
    /// Its marker says a later look than its journal needs.
    DueTooLate {
        /// What it says.
        due: Timestamp,
        /// What it should say at the latest.
        implied: Timestamp,
    },
    /// Its marker shows something else than its journal.
    ShowsAnother {
        /// What it shows; empty where nothing can be read in it.
        shown: String,
        /// What the journal says.
        is: String,
    },
    /// The journal cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// The storage service did not give it to us.
    Unseen {
        /// Why.
        why: String,
    },
    /// Somebody has its turn or its lease, or it is held, and it has no blob.
    TargetLost {
        /// Whose turn it is, by a journal.
        turn: Option<String>,
        /// Who may change it, by a journal.
        lease: Option<String>,
        /// How many wait for its turn.
        waiting: u64,
        /// How many rollbacks hold it.
        holds: u64,
    },
    /// A target's blob cannot be read.
    TargetGarbled {
        /// Why.
        why: String,
    },
    /// A target's blob names nobody who may change it, and a journal does.
    LeaseLost {
        /// Who may, by that journal.
        holder: String,
    },
    /// A target's blob names nobody whose turn it is, and a journal does.
    TurnLost {
        /// Whose it is, by that journal.
        holder: String,
    },
    /// The watermarks cannot be read.
    WatermarksGarbled {
        /// Why.
        why: String,
    },
    /// The freezes cannot be read.
    FreezesGarbled {
        /// Why.
        why: String,
    },
    /// It lies among blobs of ours and is none.
    Stranger,
    /// What was kept of an event is not what its key was made for.
    EventGarbled,
    /// An event was to open it, and nothing did.
    NeverOpened {
        /// The event's key.
        event: String,
    },
}

/// What is left of something whose journal is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// A marker of what has ended.
    Closed {
        /// `closed/2026-11`.
        place: String,
    },
    /// An open marker, of what was under way.
    Open {
        /// The stage that it shows.
        stage: String,
    },
    /// A target's blob names it.
    Target {
        /// Which.
        path: String,
    },
}

/// What was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mended {
    /// Nothing: nobody asked for it.
    NotAsked,
    /// Nothing: nobody asked for it, and all that can be done is to say on the board that it cannot be read.
    NotMarked,
    /// It is as it should be.
    Yes,
    /// That it cannot be read stands on the board.
    Marked,
    /// Nothing: the app has written there since.
    Overtaken,
    /// Nothing can be done here.
    LeftAlone,
    /// Nothing: what would be written is not sure as long as a journal cannot be read.
    Withheld,
    /// It was tried in vain.
    No {
        /// What was said.
        why: String,
    },
}

/// How a repair went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepairTally {
    /// Journals that were read.
    pub journals: u64,
    /// Markers that were looked at.
    pub markers: u64,
    /// Events that were looked at.
    pub events: u64,
    /// Of these, those that would open something by today's routes and did not when they came.
    pub more_today: u64,
    /// Things that were not as they should be.
    pub flaws: u64,
    /// Of these, mended.
    pub mended: u64,
    /// Of these, left as they are.
    pub left: u64,
    /// Of those that are left, what would be mended if that were asked for.
    pub would: u64,
}

/// One line.
pub fn repair_line(what: &str, flaw: &Flaw, mended: &Mended) -> String {
    let outcome = match mended {
        Mended::NotMarked => format!("would be {}, and {}", remedy(flaw), left_alone(flaw)),
        Mended::Marked => format!("{}, and {}", remedy(flaw), left_alone(flaw)),
        Mended::NotAsked => format!("would be {}", remedy(flaw)),
        Mended::Yes => remedy(flaw).to_owned(),
        Mended::Overtaken => {
            "overtaken: the app has written there since, so it is left; run the repair again"
                .to_owned()
        }
        Mended::LeftAlone => left_alone(flaw).to_owned(),
        Mended::Withheld => {
            "left as it is, for a journal that cannot be read may have its lease; run the repair again once every journal can be \
             read"
                .to_owned()
        }
        Mended::No { why } => format!("could not be {}: {}", remedy(flaw), clause(why)),
    };
    format!("{}: {}; {outcome}", name(what), told(flaw))
}

fn told(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Missing { place } => format!("its marker is missing from {}", name(place)),
        Flaw::WrongPlace { place } => {
            format!("has a marker in {}, where it does not belong", name(place))
        }
        Flaw::Orphaned { place } => format!("has a marker in {} and no journal", name(place)),
        Flaw::JournalGone { trace } => gone(trace),
        Flaw::DueTooLate { due, implied } => format!(
            "its marker is due at {}, and its journal at {}",
            utc(*due),
            utc(*implied)
        ),
        Flaw::ShowsAnother { shown, is } if shown.is_empty() => format!(
            "nothing in its marker can be read, and its journal says “{}”",
            clause(is)
        ),
        Flaw::ShowsAnother { shown, is } => format!(
            "its marker shows “{}”, and its journal says “{}”",
            clause(shown),
            clause(is)
        ),
        Flaw::Unreadable { why } => format!("its journal cannot be read: {}", clause(why)),
        Flaw::Unseen { why } => format!("could not be looked at: {}", clause(why)),
        Flaw::TargetLost {
            turn,
            lease,
            waiting,
            holds,
        } => lost(turn.as_deref(), lease.as_deref(), *waiting, *holds),
        Flaw::TargetGarbled { why } => {
            format!("cannot be read, and nobody gets its turn: {}", clause(why))
        }
        Flaw::LeaseLost { holder } => format!(
            "names nobody who may change it, though by its journal {} may",
            name(holder)
        ),
        Flaw::TurnLost { holder } => format!(
            "names nobody whose turn it is, though by its journal it is that of {}",
            name(holder)
        ),
        Flaw::WatermarksGarbled { why } | Flaw::FreezesGarbled { why } => {
            format!("cannot be read: {}", clause(why))
        }
        Flaw::Stranger => "is nothing of Liftlock's".to_owned(),
        Flaw::EventGarbled => "does not hold the event that its name was made for".to_owned(),
        Flaw::NeverOpened { event } => format!(
            "was to follow from event {}, and was never opened",
            name(event)
        ),
    }
}

fn gone(trace: &Trace) -> String {
    match trace {
        Trace::Closed { place } => format!("has a marker in {} and no journal", name(place)),
        Trace::Open { stage } => format!(
            "has a marker in open that shows “{}”, and no journal",
            clause(stage)
        ),
        Trace::Target { path } => format!("is named in {}, and has no journal", name(path)),
    }
}

fn lost(turn: Option<&str>, lease: Option<&str>, waiting: u64, holds: u64) -> String {
    let turn = turn.map(|who| format!("{} has its turn", name(who)));
    let lease = lease.map(|who| format!("{} may change it", name(who)));
    let held = (holds > 0).then(|| "it is held since a rollback".to_owned());
    let holders: Vec<String> = turn.into_iter().chain(lease).chain(held).collect();
    let line = match waiting {
        0 => String::new(),
        1 => ", and 1 waits for its turn".to_owned(),
        more => format!(", and {more} wait for its turn"),
    };
    format!(
        "is missing, though by their journals {}{line}",
        holders.join(" and ")
    )
}

fn left_alone(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::Unseen { .. } => "left as it is; run the repair again",
        Flaw::Unreadable { .. } => {
            "left alone; a newer release may have written it, else see docs/operations.md"
        }
        Flaw::JournalGone { .. } => {
            "left as it is: it had one, and no repair begins it anew; restore it from the storage account's history"
        }
        Flaw::LeaseLost { .. } => {
            "left as it is, and another one may take the target beside it; stop the app, delete this blob and run the repair again, \
             which makes it anew from journals"
        }
        Flaw::TurnLost { .. } => {
            "left as it is, and people may be asked about another one beside it; stop the app, delete this blob and run the repair \
             again, which makes it anew from journals"
        }
        Flaw::WatermarksGarbled { .. } => {
            "left as it is, and no lost event is looked for; delete it, and the search begins anew"
        }
        Flaw::FreezesGarbled { .. } => {
            "left as it is, and nothing is copied or gets more traffic; restore it from the storage account's history, or delete it \
             and freeze again what is to be frozen"
        }
        Flaw::Stranger => "look at it and delete it",
        Flaw::EventGarbled => {
            "left as it is, and nothing follows from it; restore it from the storage account's history"
        }
        Flaw::Missing { .. }
        | Flaw::WrongPlace { .. }
        | Flaw::Orphaned { .. }
        | Flaw::DueTooLate { .. }
        | Flaw::ShowsAnother { .. }
        | Flaw::TargetLost { .. }
        | Flaw::TargetGarbled { .. }
        | Flaw::NeverOpened { .. } => "left as it is",
    }
}

fn remedy(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::Missing { .. } | Flaw::ShowsAnother { .. } | Flaw::DueTooLate { .. } => {
            "written anew"
        }
        Flaw::WrongPlace { .. } | Flaw::Orphaned { .. } => "removed",
        Flaw::Unreadable { .. } => "marked as unreadable",
        Flaw::TargetLost { .. } | Flaw::TargetGarbled { .. } => "made anew from journals",
        Flaw::JournalGone { .. }
        | Flaw::LeaseLost { .. }
        | Flaw::TurnLost { .. }
        | Flaw::WatermarksGarbled { .. }
        | Flaw::FreezesGarbled { .. }
        | Flaw::EventGarbled => "restored",
        Flaw::Unseen { .. } | Flaw::Stranger => "looked at",
        Flaw::NeverOpened { .. } => "opened",
    }
}

/// The last line, after mending.
pub fn repair_tally(tally: &RepairTally) -> String {
    let RepairTally { mended, left, .. } = tally;
    last_line(tally, &format!("{mended} mended, {left} left"))
}

/// The last line, where it was only asked what would be mended.
pub fn repair_forecast(tally: &RepairTally) -> String {
    let (would, left) = (tally.would, tally.left - tally.would);
    last_line(
        tally,
        &format!("{would} would be mended, {left} would be left"),
    )
}

fn last_line(tally: &RepairTally, came_of_it: &str) -> String {
    let looked = format!(
        "{}, {} and {} looked at",
        counted(tally.journals, "journal"),
        counted(tally.markers, "marker"),
        counted(tally.events, "event")
    );
    let mended = match tally.flaws {
        0 => format!("{looked}: nothing to mend"),
        flaws => format!("{looked}: {}, {came_of_it}", counted(flaws, "flaw")),
    };
    match tally.more_today {
        0 => mended,
        more => format!("{mended}\n{}", to_run_again(more)),
    }
}

/// It is no flaw, and opening it is for a person to decide.
fn to_run_again(events: u64) -> String {
    format!(
        "{} would open something under today's routes and did not then: where that is wanted, run them again with POST \
         /api/v1/events/{{date}}/{{hash}}/replay (first with ?dryRun=true)",
        counted(events, "event")
    )
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_line_says_what_is_wrong_and_what_was_done() {
        let place = "closed/2026-11".to_owned();
        let flaw = Flaw::Missing { place };
        insta::assert_snapshot!(repair_line("m-1.r-0", &flaw, &Mended::NotAsked), @"m-1.r-0: its marker is missing from closed/2026-11; would be written anew");
        let why = "`x` could not be read or written.".to_owned();
        insta::assert_snapshot!(repair_line("m-1.r-0", &flaw, &Mended::No { why }), @"m-1.r-0: its marker is missing from closed/2026-11; could not be written anew: “x” could not be read or written");
        let bad = Flaw::Unreadable {
            why: "line 1 is no record".to_owned(),
        };
        insta::assert_snapshot!(repair_line("m-1.r-0", &bad, &Mended::NotMarked), @"m-1.r-0: its journal cannot be read: line 1 is no record; would be marked as unreadable, and left alone; a newer release may have written it, else see docs/operations.md");
        let lost = Flaw::TargetLost {
            turn: Some("m-1.r-0".to_owned()),
            lease: None,
            waiting: 2,
            holds: 0,
        };
        insta::assert_snapshot!(repair_line("targets/4f1d.json", &lost, &Mended::Yes), @"targets/4f1d.json: is missing, though by their journals m-1.r-0 has its turn, and 2 wait for its turn; made anew from journals");
        insta::assert_snapshot!(repair_line("targets/4f1d.json", &lost, &Mended::Withheld), @"targets/4f1d.json: is missing, though by their journals m-1.r-0 has its turn, and 2 wait for its turn; left as it is, for a journal that cannot be read may have its lease; run the repair again once every journal can be read");
        let why = "expected value at line 1 column 1".to_owned();
        let garbled = Flaw::TargetGarbled { why };
        insta::assert_snapshot!(repair_line("targets/4f1d.json", &garbled, &Mended::Yes), @"targets/4f1d.json: cannot be read, and nobody gets its turn: expected value at line 1 column 1; made anew from journals");
        let holder = "m-1.r-0".to_owned();
        insta::assert_snapshot!(repair_line("targets/4f1d.json", &Flaw::LeaseLost { holder }, &Mended::LeftAlone), @"targets/4f1d.json: names nobody who may change it, though by its journal m-1.r-0 may; left as it is, and another one may take the target beside it; stop the app, delete this blob and run the repair again, which makes it anew from journals");
        let holder = "m-1.r-0".to_owned();
        insta::assert_snapshot!(repair_line("targets/4f1d.json", &Flaw::TurnLost { holder }, &Mended::LeftAlone), @"targets/4f1d.json: names nobody whose turn it is, though by its journal it is that of m-1.r-0; left as it is, and people may be asked about another one beside it; stop the app, delete this blob and run the repair again, which makes it anew from journals");
        insta::assert_snapshot!(repair_line("closed/foo", &Flaw::Stranger, &Mended::LeftAlone), @"closed/foo: is nothing of Liftlock's; look at it and delete it");
        let shown = String::new();
        let is = "m 1 on r, live".to_owned();
        let garbled = Flaw::ShowsAnother { shown, is };
        insta::assert_snapshot!(repair_line("m-1.r-0", &garbled, &Mended::NotAsked), @"m-1.r-0: nothing in its marker can be read, and its journal says “m 1 on r, live”; would be written anew");
        let trace = Trace::Open {
            stage: "live".to_owned(),
        };
        insta::assert_snapshot!(repair_line("m-1.r-0", &Flaw::JournalGone { trace }, &Mended::LeftAlone), @"m-1.r-0: has a marker in open that shows “live”, and no journal; left as it is: it had one, and no repair begins it anew; restore it from the storage account's history");
        let path = "targets/4f1d.json".to_owned();
        let trace = Trace::Target { path };
        insta::assert_snapshot!(repair_line("m-1.r-0", &Flaw::JournalGone { trace }, &Mended::LeftAlone), @"m-1.r-0: is named in targets/4f1d.json, and has no journal; left as it is: it had one, and no repair begins it anew; restore it from the storage account's history");
        let event = "2026-11-23/4f1d".to_owned();
        insta::assert_snapshot!(repair_line("m-1.r-0", &Flaw::NeverOpened { event }, &Mended::Yes), @"m-1.r-0: was to follow from event 2026-11-23/4f1d, and was never opened; opened");
    }

    #[test]
    fn the_last_line_counts() {
        let clean = RepairTally {
            journals: 1,
            markers: 2,
            ..RepairTally::default()
        };
        insta::assert_snapshot!(repair_tally(&clean), @"1 journal, 2 markers and 0 events looked at: nothing to mend");
        let tally = RepairTally {
            flaws: 3,
            mended: 2,
            left: 1,
            ..clean
        };
        insta::assert_snapshot!(repair_tally(&tally), @"1 journal, 2 markers and 0 events looked at: 3 flaws, 2 mended, 1 left");
        let dry = RepairTally {
            flaws: 3,
            left: 3,
            would: 2,
            ..clean
        };
        insta::assert_snapshot!(repair_forecast(&dry), @"1 journal, 2 markers and 0 events looked at: 3 flaws, 2 would be mended, 1 would be left");
        let more = RepairTally {
            events: 2,
            more_today: 1,
            ..clean
        };
        insta::assert_snapshot!(repair_tally(&more), @r"
        1 journal, 2 markers and 2 events looked at: nothing to mend
        1 event would open something under today's routes and did not then: where that is wanted, run them again with POST /api/v1/events/{date}/{hash}/replay (first with ?dryRun=true)
        ");
    }
}
