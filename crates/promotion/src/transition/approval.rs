//! Awaiting approval: distinct people answer; one refusal ends it, enough agreement grants the permit, silence expires.

use jiff::Timestamp;

use super::finish;
use crate::digest::Digest;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::ids::Attempt;
use crate::notice::Notice;
use crate::people::Voter;
use crate::permit::{Permit, Pinned, Vote, VoteKind};
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::refused::Refused;

pub(super) struct Ballot {
    pub(super) voter: Voter,
    pub(super) kind: VoteKind,
    pub(super) comment: String,
    pub(super) attempt: Attempt,
    pub(super) digest: Digest,
}

pub(super) fn vote(
    p: &Promotion,
    pinned: &Pinned,
    votes: &[Vote],
    ballot: Ballot,
    now: Timestamp,
) -> Result<Vec<Fact>, Refused> {
    if ballot.attempt != p.attempt || ballot.digest != pinned.digest {
        return Err(Refused::Superseded);
    }
    if now >= pinned.expires_at {
        return Err(Refused::Expired {
            at: pinned.expires_at,
        });
    }
    let Voter { person, .. } = &ballot.voter;
    if !ballot.voter.held.is_of_any(&pinned.quorum.parties) {
        return Err(Refused::RoleMissing {
            needed: pinned.quorum.parties.clone(),
            held: ballot.voter.held.roles.clone(),
        });
    }
    if pinned.quorum.excludes(person) {
        return Err(Refused::OwnWork);
    }
    if votes.iter().any(|vote| vote.person == *person) {
        return Err(Refused::AlreadyVoted);
    }
    let Ballot {
        voter,
        kind,
        comment,
        ..
    } = ballot;
    Ok(vec![Fact::Voted {
        vote: Vote {
            person: voter.person,
            kind,
            comment,
            at: now,
        },
    }])
}

/// A vote on what is not asked, or not asked any more.
pub(super) fn too_late(p: &Promotion, attempt: Attempt, digest: &Digest) -> Refused {
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

pub(super) fn next(p: &Promotion, pinned: &Pinned, votes: &[Vote], now: Timestamp) -> Vec<Fact> {
    if let Some(no) = votes.iter().find(|vote| vote.kind == VoteKind::Reject) {
        return finish(
            p,
            Ending::Rejected {
                by: no.person.clone(),
                comment: no.comment.clone(),
            },
        );
    }
    // A quorum recorded in time stays valid, however late this is read.
    if Permit::grant(pinned, votes).is_some() {
        return vec![
            Fact::Entered {
                phase: Phase::Copying,
            },
            p.plan(Effect::Notify {
                notice: Notice::Approved,
            }),
        ];
    }
    if now >= pinned.expires_at {
        finish(p, Ending::Expired)
    } else {
        vec![]
    }
}
