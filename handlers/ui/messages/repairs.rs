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
    /// There is no journal behind a marker.
    Orphaned {
        /// Where it is.
        place: String,
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
        /// What it shows.
        shown: String,
        /// What the journal says.
        is: String,
    },
    /// The journal cannot be read, and its marker does not say so.
    Unmarked {
        /// Why it cannot be read.
        why: String,
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
    /// An event was to open it, and nothing did.
    NeverOpened {
        /// The event's key.
        event: String,
    },
}

/// What was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mended {
    /// Nothing: nobody asked for it.
    NotAsked,
    /// It is as it should be.
    Yes,
    /// Nothing: the app has written there since.
    Overtaken,
    /// Nothing can be done here.
    LeftAlone,
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
}

/// One line.
pub fn repair_line(journal: &str, flaw: &Flaw, mended: &Mended) -> String {
    let outcome = match mended {
        Mended::NotAsked => format!("would be {}", remedy(flaw)),
        Mended::Yes => remedy(flaw).to_owned(),
        Mended::Overtaken => {
            "overtaken: the app has written there since, so it is left; run the repair again"
                .to_owned()
        }
        Mended::LeftAlone => left_alone(flaw).to_owned(),
        Mended::No { why } => format!("could not be {}: {}", remedy(flaw), clause(why)),
    };
    format!("{}: {}; {outcome}", name(journal), told(flaw))
}

fn told(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Missing { place } => format!("its marker is missing from {}", name(place)),
        Flaw::WrongPlace { place } => {
            format!("has a marker in {}, where it does not belong", name(place))
        }
        Flaw::Orphaned { place } => format!("has a marker in {} and no journal", name(place)),
        Flaw::DueTooLate { due, implied } => format!(
            "its marker is due at {}, and its journal at {}",
            utc(*due),
            utc(*implied)
        ),
        Flaw::ShowsAnother { shown, is } => format!(
            "its marker shows “{}”, and its journal says “{}”",
            clause(shown),
            clause(is)
        ),
        Flaw::Unmarked { why } => format!(
            "its journal cannot be read, and no marker says so: {}",
            clause(why)
        ),
        Flaw::Unreadable { why } => format!("its journal cannot be read: {}", clause(why)),
        Flaw::Unseen { why } => format!("could not be looked at: {}", clause(why)),
        Flaw::NeverOpened { event } => format!(
            "was to follow from event {}, and was never opened",
            name(event)
        ),
    }
}

fn left_alone(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::Unseen { .. } => "left as it is; run the repair again",
        Flaw::Unreadable { .. } => {
            "left alone; a newer release may have written it, else see docs/operations.md"
        }
        Flaw::Orphaned { .. } => {
            "left as it is: it has ended, so it had one; restore it from the storage account's history"
        }
        Flaw::Missing { .. }
        | Flaw::WrongPlace { .. }
        | Flaw::DueTooLate { .. }
        | Flaw::ShowsAnother { .. }
        | Flaw::Unmarked { .. }
        | Flaw::NeverOpened { .. } => "left as it is",
    }
}

fn remedy(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::Missing { .. } | Flaw::ShowsAnother { .. } | Flaw::DueTooLate { .. } => {
            "written anew"
        }
        Flaw::WrongPlace { .. } | Flaw::Orphaned { .. } => "removed",
        Flaw::Unmarked { .. } | Flaw::Unreadable { .. } => "marked as unreadable",
        Flaw::Unseen { .. } => "looked at",
        Flaw::NeverOpened { .. } => "opened",
    }
}

/// The last line.
pub fn repair_tally(tally: &RepairTally) -> String {
    let looked = format!(
        "{}, {} and {} looked at",
        counted(tally.journals, "journal"),
        counted(tally.markers, "marker"),
        counted(tally.events, "event")
    );
    let mended = match tally.flaws {
        0 => format!("{looked}: nothing to mend"),
        flaws => format!(
            "{looked}: {}, {} mended, {} left",
            counted(flaws, "flaw"),
            tally.mended,
            tally.left
        ),
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
