//! Who did what: trained, registered, opened, answered, intervened.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{
    Ending, Fact, Line, Outcome, Person, Phase, Promotion, SourceModel, TakenBack, Vote, VoteKind,
    WayBackCause,
};

use super::layout::moment;
use crate::ui::messages::{SAID_TO_BE_TRAINED_BY, author, cause, took_back, trained_by};
use crate::ui::text::{COMMENT, capped, name};

/// Where the candidate came from: pinned, or as last seen by this journal.
pub(super) fn source<'a>(
    promotion: &'a Promotion,
    lines: &'a [Line<Fact>],
) -> Option<&'a SourceModel> {
    let seen = || {
        lines.iter().rev().find_map(|line| match &line.fact {
            Fact::Done { outcome, .. } => match outcome.as_ref() {
                Outcome::CandidateSeen { source, .. } => Some(source),
                _ => None,
            },
            _ => None,
        })
    };
    promotion
        .stage()
        .pinned()
        .map(|pinned| &pinned.source)
        .or_else(seen)
}

/// All of them, as a list of names and deeds.
pub(super) fn list(promotion: &Promotion, lines: &[Line<Fact>], now: Timestamp) -> Markup {
    let pinned = promotion.stage().pinned();
    html! {
        dl.facts {
            @if let Some(source) = source(promotion, lines) {
                dt { "Trained by" }
                dd {
                    @match pinned {
                        Some(pinned) => (author(&source.lineage.trained_by, &pinned.quorum)),
                        None => (trained_by(&source.lineage.trained_by)),
                    }
                }
                @if let Some(by) = &source.lineage.registered_by { dt { "Registered by" } dd { (name(by)) } }
                @if let Some(by) = &source.lineage.run_changed_by { dt { "Run changed by" } dd { (trained_by(by)) } }
                @if let Some(by) = &source.lineage.claimed_by { dt { (SAID_TO_BE_TRAINED_BY) } dd { (trained_by(by)) } }
            }
            dt { "Opened" }
            dd { (cause(promotion.cause())) ", " (moment(promotion.opened_at(), now)) }
        }
        (votes(promotion.stage().votes(), now))
        @let deeds = deeds(lines);
        @if !deeds.is_empty() {
            ul.votes {
                @for (verb, by, reason, at) in deeds { (entry(verb, "busy", by, reason, at, now)) }
            }
        }
    }
}

/// Every answer, with its comment.
pub(super) fn votes(votes: &[Vote], now: Timestamp) -> Markup {
    html! {
        @if !votes.is_empty() {
            ul.votes {
                @for vote in votes {
                    @let (verb, class) = match vote.kind {
                        VoteKind::Approve => ("approved", "good"),
                        VoteKind::Reject => ("rejected", "bad"),
                    };
                    (entry(verb, class, &vote.person, &vote.comment, vote.at, now))
                }
            }
        }
    }
}

fn entry(
    verb: &str,
    class: &str,
    by: &Person,
    said: &str,
    at: Timestamp,
    now: Timestamp,
) -> Markup {
    let said = capped(said, COMMENT);
    html! {
        li {
            p {
                strong { (name(&by.name)) } " "
                span.deed.(class) { (verb) } " "
                span.quiet { (moment(at, now)) }
            }
            @if !said.is_empty() { blockquote { (said) } }
            p.quiet { code { (name(by.id.as_str())) } }
        }
    }
}

/// What people did by hand, other than voting.
fn deeds(lines: &[Line<Fact>]) -> Vec<Deed<'_>> {
    let indices = 0..lines.len();
    let mut deeds: Vec<Deed<'_>> = indices.filter_map(|index| deed(lines, index)).collect();
    // After a way back the ending repeats who aborted; without one it is the first to say so.
    deeds.dedup_by(|(verb, by, reason, _), before| {
        (*verb, *by, *reason) == (before.0, before.1, before.2)
    });
    deeds
}

/// What was done, by whom, why, when.
type Deed<'a> = (&'static str, &'a Person, &'a str, Timestamp);

fn deed(lines: &[Line<Fact>], index: usize) -> Option<Deed<'_>> {
    let line = &lines[index];
    let (verb, by, reason) = match &line.fact {
        Fact::Reopened { by, reason, .. } => ("reopened it", by, reason),
        Fact::Replayed { by, reason } => ("replayed it", by, reason),
        Fact::Reviewed { by, comment, .. } => ("reviewed the override", by, comment),
        Fact::Revoked { by, reason } => {
            let verb = match took_back(&lines[..index], by) {
                TakenBack::Approval => "took the approval back",
                TakenBack::Override => "took the wish to override back",
                TakenBack::Both => "took the approval and the wish to override back",
            };
            (verb, by, reason)
        }
        Fact::Overrode { by } => ("wanted it OVERRIDDEN", &by.person, &by.reason),
        Fact::Entered {
            phase:
                Phase::RollingBack {
                    cause: WayBackCause::ByHand { by, reason },
                },
        } => ("asked for the rollback", by, reason),
        Fact::Entered {
            phase:
                Phase::RollingBack {
                    cause: WayBackCause::Aborted { by, reason },
                }
                | Phase::Finishing {
                    ending: Ending::Aborted { by, reason },
                },
        } => ("aborted it", by, reason),
        _ => return None,
    };
    Some((verb, by, reason, line.at))
}
