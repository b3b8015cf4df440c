//! A promotion for an auditor: everything that people decided and on what grounds, in words, top to bottom.
//!
//! The invariant: it is made from the journal's records alone, without a clock, so that whoever has the records can make it
//! again and compare. What rests on a record that is shown without its secrets says so: it proves its place only. Start at
//! [`Dossier::of`].

mod attempt;
mod grounds;
mod people;

use promotion::{Fact, Line, Promotion};
use serde::Serialize;

use super::figures::counted;
use super::messages::{candidate, cause, stage_with_workspace, told};
use super::moment::utc;
use super::text::{clean, name};
use attempt::{AttemptPart, attempts};
use grounds::Grounds;
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
    /// Of everything above.
    #[serde(skip_serializing_if = "Option::is_none")]
    above_rests_on: Option<String>,
    state: String,
    people: Vec<PersonPart>,
    attempts: Vec<AttemptPart>,
    records: Vec<RecordPart>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordPart {
    record: u64,
    at: String,
    says: String,
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rests_on: Option<String>,
}

impl Dossier {
    /// Raised with every change of what a dossier of the same records says, be it a name, an order or a word of a sentence:
    /// a file that carries another one is not compared with what this release would say.
    pub const LAYOUT: u32 = 2;

    /// Of these records, which are all of this promotion's; `hidden` are those that are shown without their secrets.
    pub fn of(promotion: &Promotion, lines: &[Line<Fact>], hidden: &[u64]) -> Self {
        let grounds = Grounds::of(hidden);
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
            above_rests_on: grounds.of_routes(lines),
            state: format!(
                "{} at {}, after {} and {}",
                promotion.stage().name(),
                utc(promotion.last_at()),
                counted(u64::from(promotion.attempt().number()), "attempt"),
                counted(lines.len() as u64, "record")
            ),
            people: people(promotion, lines, grounds),
            attempts: attempts(promotion, lines, grounds),
            records: (0..lines.len())
                .map(|index| record(lines, index, grounds))
                .collect(),
        }
    }
}

fn record(lines: &[Line<Fact>], index: usize, grounds: Grounds<'_>) -> RecordPart {
    let line = &lines[index];
    RecordPart {
        record: line.seq,
        at: line.at.to_string(),
        says: told(lines, index),
        hash: line.hash.to_string(),
        rests_on: grounds.of_line(line),
    }
}
