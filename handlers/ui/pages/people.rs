//! Who did what: trained, registered, opened, answered, intervened.

use jiff::Timestamp;
use maud::{Markup, html};
use promotion::{
    Attempt, Ending, Fact, Line, Outcome, Person, Phase, Promotion, SourceModel, TakenBack, Vote,
    VoteKind, WayBackCause,
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
        @let deeds = deeds(lines);
        @if !deeds.is_empty() {
            ul.votes {
                @for deed in deeds {
                    @let attempt = deed.attempt.filter(|_| promotion.attempt() > Attempt::FIRST);
                    (entry(&deed, attempt, now))
                }
            }
        }
    }
}

/// Every answer, with its comment.
pub(super) fn votes(votes: &[Vote], now: Timestamp) -> Markup {
    html! {
        @if !votes.is_empty() {
            ul.votes {
                @for vote in votes { (entry(&voted(vote), None, now)) }
            }
        }
    }
}

/// `attempt`: where it is to be told apart from what was done in others.
fn entry(deed: &Deed<'_>, attempt: Option<Attempt>, now: Timestamp) -> Markup {
    let said = capped(deed.said, COMMENT);
    html! {
        li {
            p {
                strong { (name(&deed.by.name)) } " "
                span.deed.(deed.class) { (deed.verb) @if let Some(attempt) = attempt { " (attempt " (attempt) ")" } } " "
                span.quiet { (moment(deed.at, now)) }
            }
            @if !said.is_empty() { blockquote { (said) } }
            p.quiet { code { (name(deed.by.id.as_str())) } }
        }
    }
}

/// What somebody did by hand.
struct Deed<'a> {
    verb: &'static str,
    class: &'static str,
    by: &'a Person,
    said: &'a str,
    at: Timestamp,
    /// Of which attempt; nothing, where it is about none.
    attempt: Option<Attempt>,
}

/// What people did by hand, in all attempts.
fn deeds(lines: &[Line<Fact>]) -> Vec<Deed<'_>> {
    let (mut deeds, mut attempt): (Vec<Deed<'_>>, _) = (Vec::new(), Attempt::FIRST);
    for (index, line) in lines.iter().enumerate() {
        if let Fact::Reopened { .. } = line.fact {
            attempt = attempt.next();
        }
        let Some(deed) = deed(lines, index, attempt) else {
            continue;
        };
        // After a way back the ending repeats who aborted; without one it is the first to say so.
        let is_repeated = deeds.last().is_some_and(|last| {
            let same = last.by == deed.by && last.verb == deed.verb && last.said == deed.said;
            same && last.attempt == deed.attempt
        });
        if !is_repeated {
            deeds.push(deed);
        }
    }
    deeds
}

fn voted(vote: &Vote) -> Deed<'_> {
    let (verb, class) = match vote.kind {
        VoteKind::Approve => ("approved", "good"),
        VoteKind::Reject => ("rejected", "bad"),
    };
    Deed {
        verb,
        class,
        by: &vote.person,
        said: &vote.comment,
        at: vote.at,
        attempt: None,
    }
}

fn deed(lines: &[Line<Fact>], index: usize, on: Attempt) -> Option<Deed<'_>> {
    let line = &lines[index];
    let (verb, by, said) = match &line.fact {
        Fact::Voted { vote } => {
            return Some(Deed {
                attempt: Some(on),
                ..voted(vote)
            });
        }
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
    let attempt = match &line.fact {
        Fact::Reopened { .. } => None,
        Fact::Reviewed {
            attempt: Some(earlier),
            ..
        } => Some(*earlier),
        _ => Some(on),
    };
    Some(Deed {
        verb,
        class: "busy",
        by,
        said,
        at: line.at,
        attempt,
    })
}
