//! A record in the words that the ones before it give it: alone it does not tell what was taken back, nor what copying rests on.

use promotion::{Fact, Line, Person, Phase, TakenBack};

use super::facts::{fact, taken_back_by};

/// The record at `index` of all of a promotion's, as one line of its history.
pub(crate) fn told(lines: &[Line<Fact>], index: usize) -> String {
    let (before, line) = (&lines[..index], &lines[index]);
    match &line.fact {
        Fact::Revoked { by, reason } => taken_back_by(took_back(before, by), by, reason),
        Fact::Entered {
            phase: Phase::Copying,
        } => match rests_on(before) {
            RestsOn::Votes => fact(line),
            RestsOn::Override => {
                "OVERRIDDEN, not waiting for approvals; copying the files".to_owned()
            }
            RestsOn::Route => "Approved by the route itself; copying the files".to_owned(),
        },
        _ => fact(line),
    }
}

/// What of this person's the records before it show to be taken back.
pub(crate) fn took_back(before: &[Line<Fact>], by: &Person) -> TakenBack {
    let theirs = since_asked(before).take_while(|fact| match fact {
        Fact::Revoked { by: other, .. } => other != by,
        _ => true,
    });
    let (mut voted, mut overrode) = (false, false);
    for fact in theirs {
        match fact {
            Fact::Voted { vote } => voted |= vote.person == *by,
            Fact::Overrode { by: one } => overrode |= one.person == *by,
            _ => {}
        }
    }
    match (voted, overrode) {
        (true, true) => TakenBack::Both,
        (false, true) => TakenBack::Override,
        (_, false) => TakenBack::Approval,
    }
}

/// What a copy rests on.
enum RestsOn {
    Votes,
    Override,
    Route,
}

fn rests_on(before: &[Line<Fact>]) -> RestsOn {
    let (mut overrode, mut took_back): (Vec<&Person>, Vec<&Person>) = (vec![], vec![]);
    for fact in since_asked(before) {
        match fact {
            Fact::ApprovedAutomatically { .. } => return RestsOn::Route,
            Fact::Revoked { by, .. } => took_back.push(by),
            // Newest first: what was taken back later counts no more.
            Fact::Overrode { by } if !took_back.contains(&&by.person) => overrode.push(&by.person),
            _ => {}
        }
    }
    if overrode.len() > 1 {
        RestsOn::Override
    } else {
        RestsOn::Votes
    }
}

/// The records since people were asked last, the newest first.
fn since_asked(before: &[Line<Fact>]) -> impl Iterator<Item = &Fact> {
    let facts = before.iter().rev().map(|line| &line.fact);
    facts.take_while(|fact| !matches!(fact, Fact::Pinned { .. }))
}
