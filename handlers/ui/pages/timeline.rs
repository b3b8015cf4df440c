//! The history of one promotion: every fact in plain words, with each effect's records folded into one entry, and the same
//! measurements again and again into one as well.

mod measuring;

use std::borrow::Cow;

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{EffectKey, Fact, Line, Outcome, Phase};

use self::measuring::Measuring;
use super::layout::moment;
use crate::ui::figures::counted;
use crate::ui::messages::{drift_note, effect, fact, failure, in_the_way, outcome, told};
use crate::ui::moment::{took, utc};

/// One entry.
struct Entry<'a> {
    /// Of measurements, the newest one's.
    key: Option<&'a EffectKey>,
    /// By which a browser knows its notes again.
    first_key: Option<&'a EffectKey>,
    at: Timestamp,
    text: String,
    mark: Mark,
    ended: Option<Timestamp>,
    /// What came of it.
    found: Option<String>,
    /// What was tried in vain, and what it had to wait for.
    notes: Vec<String>,
    /// Of measurements, what they are of.
    measuring: Option<Measuring<'a>>,
    /// Whether measurements after it are told apart from those before.
    anew: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Said,
    /// How the attempt ended.
    Ending,
    Milestone,
    /// The next attempt begins.
    Attempt,
    /// The same attempt goes on.
    Replay,
    Back,
    Running,
    Done,
    Failed,
    Dropped,
}

impl Mark {
    fn shown(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Said => ("said", "·", ""),
            Self::Milestone | Self::Ending => ("milestone", "◆", ""),
            Self::Attempt | Self::Replay => ("attempt", "↻", ""),
            Self::Back => ("milestone back", "↩", ""),
            Self::Running => ("running", "●", "under way"),
            Self::Done => ("done", "✓", "done"),
            Self::Failed => ("failed", "✗", "failed"),
            Self::Dropped => ("dropped", "–", "not wanted any more"),
        }
    }
}

/// All of it, in the order in which it was decided; of several attempts the last stands open.
pub(super) fn timeline(lines: &[Line<Fact>], now: Timestamp) -> Markup {
    let entries = entries(lines);
    let begins = |at: &usize| *at == 0 || entries[*at].mark == Mark::Attempt;
    let starts: Vec<usize> = (0..entries.len()).filter(begins).collect();
    let ends = starts.iter().skip(1).copied().chain([entries.len()]);
    html! {
        @for (number, (start, end)) in starts.iter().zip(ends).enumerate() {
            @let attempt = &entries[*start..end];
            @if end == entries.len() { (list(attempt, now)) } @else { (earlier(number + 1, attempt, now)) }
        }
    }
}

fn list(entries: &[Entry<'_>], now: Timestamp) -> Markup {
    html! { ol.timeline { @for entry in entries { (item(entry, now)) } } }
}

/// An attempt that is over, with how it ended, folded.
fn earlier(number: usize, entries: &[Entry<'_>], now: Timestamp) -> Markup {
    let ended = entries.iter().rfind(|entry| entry.mark == Mark::Ending);
    html! {
        details.attempts id={ "attempt-" (number) } {
            summary {
                "Attempt " (number) ", " (counted(entries.len() as u64, "line"))
                @if let Some(ended) = ended { ": " (ended.text) }
            }
            (list(entries, now))
        }
    }
}

fn item(entry: &Entry<'_>, now: Timestamp) -> Markup {
    let (class, mark, said) = entry.mark.shown();
    html! {
        li.(class) {
            span.dot aria-hidden="true" { (mark) }
            div {
                p {
                    (entry.text)
                    @if let Some(found) = &entry.found { " " span.found { "→ " (found) } }
                    @if !said.is_empty() { " " span.state { (said) } }
                    @if let Some(ended) = entry.ended.filter(|_| entry.mark != Mark::Running) { " " span.took { (took(entry.at, ended)) } }
                }
                @if !entry.notes.is_empty() { (notes(entry)) }
            }
            p.quiet { (moment(entry.at, now)) }
        }
    }
}

/// Few notes stand open; many are folded.
fn notes(entry: &Entry<'_>) -> Markup {
    const OPEN: usize = 2;
    let list = html! { ul.notes { @for note in noted(entry) { li { (note) } } } };
    let id = entry
        .first_key
        .map(|key| format!("notes-{}", key.as_str().replace('.', "-")));
    html! {
        @if entry.notes.len() <= OPEN { (list) }
        @else {
            details id=[id] { summary { (counted(entry.notes.len() as u64, "note")) } (list) }
        }
    }
}

/// What was measured before is told backwards from what was measured last.
fn noted<'e>(entry: &'e Entry<'_>) -> Vec<Cow<'e, str>> {
    let notes = entry.notes.iter().map(|note| Cow::from(note.as_str()));
    match &entry.measuring {
        None => notes.collect(),
        Some(measuring) => {
            let before = measuring.said_before().map(Cow::from);
            notes.rev().chain(before).collect()
        }
    }
}

fn entries(lines: &[Line<Fact>]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match about(&line.fact) {
            Some(key) => {
                let entry = entries
                    .iter_mut()
                    .rev()
                    .find(|entry| entry.key == Some(key));
                match entry {
                    Some(entry) => fold(entry, line),
                    None => entries.push(said(line)),
                }
            }
            None if measuring::goes_on(&mut entries, line) => {}
            None => {
                let mut entry = said(line);
                if let Fact::Revoked { .. } | Fact::Entered { .. } = &line.fact {
                    entry.text = told(lines, index);
                }
                entries.push(entry);
            }
        }
    }
    entries
}

/// The effect that a record goes on with.
fn about(fact: &Fact) -> Option<&EffectKey> {
    match fact {
        Fact::Submitted { key, .. }
        | Fact::Waiting { key, .. }
        | Fact::Retrying { key, .. }
        | Fact::Done { key, .. }
        | Fact::Failed { key, .. }
        | Fact::Dropped { key } => Some(key),
        Fact::Opened { .. }
        | Fact::Reopened { .. }
        | Fact::Replayed { .. }
        | Fact::Planned { .. }
        | Fact::Pinned { .. }
        | Fact::Voted { .. }
        | Fact::Entered { .. }
        | Fact::StepDone { .. }
        | Fact::Resumed { .. }
        | Fact::WentOnUnsure { .. }
        | Fact::WentOnDrifted { .. }
        | Fact::KeepPreviousEnded { .. }
        | Fact::Revoked { .. }
        | Fact::Overrode { .. }
        | Fact::ApprovedAutomatically { .. }
        | Fact::Denied { .. }
        | Fact::Reviewed { .. }
        | Fact::Closed { .. } => None,
    }
}

fn said(line: &Line<Fact>) -> Entry<'_> {
    let (key, text, mark) = match &line.fact {
        Fact::Planned {
            key,
            effect: wanted,
        } => (Some(key), effect(wanted), Mark::Running),
        Fact::Reopened { .. } => (None, fact(line), Mark::Attempt),
        Fact::Replayed { .. } => (None, fact(line), Mark::Replay),
        Fact::Entered {
            phase: Phase::Finishing { .. },
        } => (None, fact(line), Mark::Ending),
        Fact::Entered {
            phase: Phase::RollingBack { .. },
        } => (None, fact(line), Mark::Back),
        Fact::Opened { .. }
        | Fact::Pinned { .. }
        | Fact::Voted { .. }
        | Fact::Resumed { .. }
        | Fact::WentOnUnsure { .. }
        | Fact::WentOnDrifted { .. }
        | Fact::Entered { .. } => (None, fact(line), Mark::Milestone),
        _ => (None, fact(line), Mark::Said),
    };
    let measuring = if let Fact::Planned { effect, .. } = &line.fact {
        measuring::begin(effect)
    } else {
        None
    };
    Entry {
        key,
        first_key: key,
        at: line.at,
        text,
        mark,
        ended: None,
        found: None,
        notes: vec![],
        measuring,
        anew: measuring::is_anew(&line.fact),
    }
}

fn fold<'a>(entry: &mut Entry<'a>, line: &'a Line<Fact>) {
    match &line.fact {
        Fact::Submitted { .. } => entry
            .notes
            .push(format!("{}: Azure works on it.", utc(line.at))),
        Fact::Waiting { reason, .. } => {
            entry.notes.push(format!(
                "{}: has to wait: {}.",
                utc(line.at),
                in_the_way(reason)
            ));
        }
        Fact::Retrying {
            failure: what, at, ..
        } => entry.notes.push(format!(
            "{}: {}. Tried again at {}.",
            utc(line.at),
            failure(what),
            utc(*at)
        )),
        Fact::Done { outcome: found, .. } => {
            if let Outcome::Measured { taken, target } = found.as_ref() {
                measuring::done(entry, line.at, taken);
                entry.notes.extend(drift_note(line.at, target));
            } else {
                entry.found = outcome(found);
            }
            let mark = match found.as_ref() {
                Outcome::Drifted(_) => Mark::Dropped,
                _ => Mark::Done,
            };
            (entry.mark, entry.ended) = (mark, Some(line.at));
        }
        Fact::Failed { failure: what, .. } => {
            entry
                .notes
                .push(format!("{}: {}.", utc(line.at), failure(what)));
            (entry.mark, entry.ended) = (Mark::Failed, Some(line.at));
        }
        // What was measured before is told all the same.
        Fact::Dropped { .. } if entry.measuring.as_ref().is_some_and(Measuring::has_results) => {
            entry.mark = Mark::Done;
        }
        Fact::Dropped { .. } => (entry.mark, entry.ended) = (Mark::Dropped, Some(line.at)),
        _ => {}
    }
}
