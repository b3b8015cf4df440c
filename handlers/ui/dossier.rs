//! A promotion for an auditor: everything that people decided and on what grounds, in words, top to bottom.
//!
//! The invariant: it is made from the journal's records alone, without a clock, so that whoever has the records can make it
//! again and compare. Start at [`Dossier::of`].

mod attempt;
mod people;

use promotion::{Fact, Line, Promotion};
use serde::Serialize;

use super::figures::counted;
use super::messages::{candidate, cause, fact, stage_with_workspace};
use super::moment::utc;
use super::text::{clean, name};
use attempt::{AttemptPart, attempts};
use people::{PersonPart, people};

/// What a promotion's journal says, for people.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dossier {
    id: String,
    model: String,
    version: String,
    route: String,
    from: String,
    to: String,
    source_workspace: String,
    target_workspace: String,
    opened: String,
    state: String,
    people: Vec<PersonPart>,
    attempts: Vec<AttemptPart>,
    records: Vec<RecordPart>,
}

#[derive(Debug, Serialize)]
struct RecordPart {
    record: u64,
    at: String,
    says: String,
    hash: String,
}

impl Dossier {
    /// Of these records, which are all of this promotion's.
    pub fn of(promotion: &Promotion, lines: &[Line<Fact>]) -> Self {
        let (what, route) = (promotion.candidate(), promotion.route());
        let (from, to) = (&route.source, &route.target);
        Self {
            id: clean(promotion.id().as_str()),
            model: name(what.model.as_str()),
            version: name(what.version.as_str()),
            route: name(route.name.as_str()),
            from: stage_with_workspace(from.stage.as_str(), &from.workspace),
            to: stage_with_workspace(to.stage.as_str(), &to.workspace),
            source_workspace: clean(from.workspace.as_str()),
            target_workspace: clean(to.workspace.as_str()),
            opened: format!(
                "{}, {}, for {}",
                utc(promotion.opened_at()),
                cause(promotion.cause()),
                candidate(what)
            ),
            state: format!(
                "{} at {}, after {} and {}",
                promotion.stage().name(),
                utc(promotion.last_at()),
                counted(u64::from(promotion.attempt().number()), "attempt"),
                counted(lines.len() as u64, "record")
            ),
            people: people(promotion, lines),
            attempts: attempts(promotion, lines),
            records: lines.iter().map(record).collect(),
        }
    }
}

fn record(line: &Line<Fact>) -> RecordPart {
    RecordPart {
        record: line.seq,
        at: line.at.to_string(),
        says: fact(line),
        hash: line.hash.to_string(),
    }
}
