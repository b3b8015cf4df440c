//! Awaiting approval: distinct people answer; one refusal ends it, enough agreement grants the permit, silence expires.

use jiff::Timestamp;

use super::effects::ask_again;
use super::reviewing::on_record;
use super::{drop_unwanted, finish, turn};
use crate::click::ClickId;
use crate::digest::Digest;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::ids::Attempt;
use crate::ledger::Entry;
use crate::notice::Notice;
use crate::people::{Person, Voter};
use crate::permit::{Basis, Permit, Pinned, Vote, VoteKind};
use crate::promotion::Promotion;
use crate::question::{Override, Question};
use crate::record::{Fact, Phase};
use crate::refused::Refused;
use crate::stage::Stage;
use crate::turn::Turn;
use crate::voters::Freeze;

pub(super) struct Ballot {
    pub(super) voter: Voter,
    pub(super) kind: VoteKind,
    pub(super) comment: String,
    pub(super) attempt: Attempt,
    pub(super) digest: Digest,
    pub(super) frozen: Option<Freeze>,
    pub(super) click: Option<ClickId>,
    pub(super) round: Option<usize>,
}

pub(super) fn vote(
    p: &Promotion,
    pinned: &Pinned,
    votes: &[Vote],
    question: &Question,
    ballot: Ballot,
    now: Timestamp,
) -> Result<Vec<Fact>, Refused> {
    is_asked(p, pinned, ballot.attempt, &ballot.digest, now)?;
    // Before anything that may be otherwise by now: what it asked for was judged when it came first.
    if question.has_heard(ballot.click.as_ref()) {
        return Err(Refused::Heard);
    }
    let Voter { person, held } = &ballot.voter;
    is_of_this_round(question, person, ballot.round)?;
    let escalated = question.escalated_at.is_some();
    let standing = pinned.quorum.standing(held, escalated);
    if standing.is_empty() {
        return Err(Refused::RoleMissing {
            needed: pinned.quorum.answerers(escalated),
            held: held.roles.clone(),
        });
    }
    if pinned.quorum.excludes(&ballot.voter) {
        return Err(Refused::OwnWork);
    }
    if votes.iter().any(|vote| vote.person == *person) {
        return Err(Refused::AlreadyVoted);
    }
    // A no ends it, so nobody says it twice.
    if ballot.kind == VoteKind::Approve && question.hears_no_more(person) {
        return Err(Refused::TakenBackTooOften);
    }
    let Ballot {
        voter,
        kind,
        comment,
        digest,
        frozen,
        click,
        ..
    } = ballot;
    match (kind, frozen) {
        // A no starts nothing, and says why, for somebody has to do better next time.
        (VoteKind::Reject, _) if comment.trim().is_empty() => {
            return Err(Refused::ReasonMissing { event: "reject" });
        }
        (VoteKind::Approve, Some(freeze)) => {
            return Err(Refused::Frozen {
                by: freeze.by.name,
                reason: freeze.reason,
                until: freeze.until,
            });
        }
        (VoteKind::Reject, _) | (VoteKind::Approve, None) => {}
    }
    Ok(vec![Fact::Voted {
        vote: Vote {
            person: voter.person,
            kind,
            comment,
            at: now,
            digest: Some(digest),
            standing,
            click,
        },
    }])
}

/// Whether this is the question that is asked, in time. What was agreed to in time stays so, however long it is held up.
fn is_asked(
    p: &Promotion,
    pinned: &Pinned,
    attempt: Attempt,
    digest: &Digest,
    now: Timestamp,
) -> Result<(), Refused> {
    if attempt != p.attempt || *digest != pinned.digest {
        return Err(Refused::Superseded);
    }
    let waits = matches!(p.stage, Stage::AwaitingApproval { .. });
    if waits && now >= pinned.expires_at {
        return Err(Refused::Expired {
            at: pinned.expires_at,
        });
    }
    Ok(())
}

/// Whether they have not taken their word back since they were shown it: what they were shown before is no form any more.
fn is_of_this_round(
    question: &Question,
    person: &Person,
    round: Option<usize>,
) -> Result<(), Refused> {
    match round {
        Some(round) if round != question.took_back(person) => Err(Refused::TakenBackSince),
        Some(_) | None => Ok(()),
    }
}

/// Takes an approval back, as long as nothing is copied. Whoever may approve no more may still do that.
pub(super) fn revoke(
    p: &Promotion,
    by: Person,
    reason: String,
    (attempt, digest, round): (Attempt, Digest, Option<usize>),
) -> Result<Vec<Fact>, Refused> {
    let Some((pinned, question)) = p.stage.pinned().zip(p.stage.question()) else {
        return Err(Refused::NothingToRevoke);
    };
    if attempt != p.attempt || digest != pinned.digest {
        return Err(Refused::Superseded);
    }
    is_of_this_round(question, &by, round)?;
    let voted = p.stage.votes().iter().any(|vote| vote.person == by);
    let overrode = question.overrides.iter().any(|one| one.person == by);
    if !voted && !overrode {
        return Err(Refused::NothingToRevoke);
    }
    if reason.trim().is_empty() {
        return Err(Refused::ReasonMissing { event: "revoke" });
    }
    if failed_before_a_copy(p) {
        return Ok(on_record(p, Fact::Revoked { by, reason }));
    }
    if p.stage.ending().is_some() {
        return Err(too_late(p, attempt, &digest));
    }
    if copies(p) || copy_was_tried(&p.stage) {
        return Err(Refused::TooLateToRevoke);
    }
    let mut facts = drop_unwanted(p);
    facts.push(Fact::Revoked { by, reason });
    facts.push(p.plan(Effect::Notify {
        notice: Notice::Revoked,
    }));
    Ok(facts)
}

/// Whether it has failed and nothing was copied: somebody may have it go on, on the word of whoever has agreed to it.
fn failed_before_a_copy(p: &Promotion) -> bool {
    let Stage::Closed { ending, before } = &p.stage else {
        return false;
    };
    let failed = matches!(**ending, Ending::Failed { .. });
    failed && !copies_in(p, before) && !copy_was_tried(before)
}

/// The copy, where it is wanted and not done.
fn undone_copy(p: &Promotion) -> Option<&Entry> {
    let copies = |entry: &&Entry| matches!(entry.effect, Effect::CopyFiles { .. });
    p.ledger.undone().iter().find(copies)
}

/// Whether a try of the copy has failed, which may have left files behind.
fn copy_was_tried(stage: &Stage) -> bool {
    matches!(stage, Stage::Copying(copy) if copy.tried)
}

/// Whether files may be copied at this moment, or have been.
fn copies(p: &Promotion) -> bool {
    copies_in(p, &p.stage)
}

/// The same in the stage that it is in, or left when it ended.
fn copies_in(p: &Promotion, stage: &Stage) -> bool {
    match stage {
        Stage::AwaitingApproval { .. } => false,
        // One that waits for a freeze to end is not under way.
        Stage::Copying(copy) => {
            copy.copied || undone_copy(p).is_some_and(|copy| !copy.is_held_up())
        }
        Stage::Proposed
        | Stage::Gating(_)
        | Stage::Registering { .. }
        | Stage::WaitingForTarget(_)
        | Stage::Deploying(_)
        | Stage::Testing(_)
        | Stage::Shifting { .. }
        | Stage::Live { .. }
        | Stage::RollingBack { .. }
        | Stage::Finishing { .. }
        | Stage::Closed { .. } => true,
    }
}

/// Goes past the quorum, windows and the freezes that stood when the first of two said so: never past the gates, the digest, or the separation of duties.
pub(super) fn override_it(
    p: &Promotion,
    by: Voter,
    reason: String,
    (attempt, digest, round): (Attempt, Digest, Option<usize>),
    now: Timestamp,
) -> Result<Vec<Fact>, Refused> {
    let asked = p.stage.pinned().zip(p.stage.question());
    let Some((pinned, question)) = asked.filter(|_| !copies(p)) else {
        return Err(too_late(p, attempt, &digest));
    };
    is_asked(p, pinned, attempt, &digest, now)?;
    is_of_this_round(question, &by.person, round)?;
    let overriders = &pinned.quorum.overriders;
    if !by.held.is_of_any(overriders) {
        return Err(Refused::RoleMissing {
            needed: overriders.clone(),
            held: by.held.roles,
        });
    }
    if pinned.quorum.excludes(&by) {
        return Err(Refused::OwnWork);
    }
    if p.is_overridden() {
        return Err(Refused::OverriddenAlready);
    }
    if question.overrides.iter().any(|one| one.person == by.person) {
        return Err(Refused::AlreadyOverridden);
    }
    if question.hears_no_more(&by.person) {
        return Err(Refused::TakenBackTooOften);
    }
    if reason.trim().is_empty() {
        return Err(Refused::ReasonMissing { event: "override" });
    }
    let first = question.overrides.is_empty();
    let mut facts = drop_unwanted(p);
    facts.push(Fact::Overrode {
        by: Override {
            person: by.person,
            reason,
            digest,
            at: now,
        },
    });
    let notice = match (first, &p.stage) {
        (true, _) => Some(Notice::OverrideWanted),
        (false, Stage::Copying(_)) => Some(Notice::Overridden),
        // The permit's own card says it.
        (false, _) => None,
    };
    facts.extend(notice.map(|notice| p.plan(Effect::Notify { notice })));
    Ok(facts)
}

/// A vote that comes after the question: of the very click that was heard in time, or too late.
pub(super) fn vote_too_late(
    p: &Promotion,
    attempt: Attempt,
    digest: &Digest,
    click: Option<&ClickId>,
) -> Refused {
    let asked = attempt == p.attempt && p.stage.pinned().is_some_and(|p| p.digest == *digest);
    let question = p.stage.question().filter(|_| asked);
    if question.is_some_and(|question| question.has_heard(click)) {
        return Refused::Heard;
    }
    too_late(p, attempt, digest)
}

/// An answer to what is not asked, or not asked any more.
fn too_late(p: &Promotion, attempt: Attempt, digest: &Digest) -> Refused {
    match (p.stage.pinned(), p.stage.ending()) {
        (Some(pinned), _) if attempt != p.attempt || pinned.digest != *digest => {
            Refused::Superseded
        }
        (Some(pinned), Some(Ending::Expired)) => Refused::Expired {
            at: pinned.expires_at,
        },
        (Some(_), Some(Ending::Superseded { by })) => Refused::Outranked { by: by.clone() },
        (Some(_), _) => Refused::Decided {
            stage: p.stage.name(),
        },
        (None, _) => Refused::Superseded,
    }
}

pub(super) fn next(
    p: &Promotion,
    pinned: &Pinned,
    votes: &[Vote],
    question: &Question,
    now: Timestamp,
) -> Vec<Fact> {
    if let Some(no) = votes.iter().find(|vote| vote.kind == VoteKind::Reject) {
        return finish(
            p,
            Ending::Rejected {
                by: no.person.clone(),
                comment: no.comment.clone(),
            },
        );
    }
    // A quorum recorded in time stays valid, however late this is read, and however long its turn is waited for.
    let granted = Permit::grant(pinned, votes, question);
    if granted.is_none() && now >= pinned.expires_at {
        return finish(p, Ending::Expired);
    }
    // One that goes on after a failure may find another one asked meanwhile.
    if let Some(facts) = turn::take(p, p.route.concurrency) {
        return facts;
    }
    if let Some(permit) = granted {
        let notice = match permit.basis() {
            Basis::Approved => Notice::Approved,
            Basis::Overridden => Notice::Overridden,
            Basis::Automatic => Notice::ApprovedAutomatically,
        };
        return vec![
            Fact::Entered {
                phase: Phase::Copying,
            },
            p.plan(Effect::Notify { notice }),
        ];
    }
    let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    let told = |notice| ask_again(p, notice);
    if due(question.escalate_at(pinned)) {
        told(Notice::Escalated)
    } else if question.tells_elsewhere(pinned) {
        // A round of its own: each effect has its key by the number of what was planned before.
        told(Notice::EscalatedElsewhere)
    } else if due(question.remind_at(p.route.approval.remind_every)) {
        told(Notice::Reminder)
    } else {
        vec![]
    }
}

/// When the question itself wants the next look; while its turn is waited for, only to expire.
pub(super) fn wakes_at(
    p: &Promotion,
    pinned: &Pinned,
    votes: &[Vote],
    question: &Question,
) -> Option<Timestamp> {
    if p.turn != Turn::Ours {
        let granted = Permit::grant(pinned, votes, question).is_some();
        return (!granted).then_some(pinned.expires_at);
    }
    let others = [
        question.escalate_at(pinned),
        question.remind_at(p.route.approval.remind_every),
    ];
    let others = others.into_iter().flatten();
    Some(others.fold(pinned.expires_at, Timestamp::min))
}
