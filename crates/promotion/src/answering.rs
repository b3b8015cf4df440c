//! What people's answers change: votes come and go as long as nothing is copied.

use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::people::Person;
use crate::question::{Review, TakenBack, Withdrawal};
use crate::record::Fact;
use crate::stage::Stage;

/// The stage after an answer. A word taken back from a quorum that was complete asks the question again.
pub(crate) fn answered(before: Stage, line: &Line<Fact>) -> Result<Stage, CorruptJournal> {
    let (pinned, mut votes, mut question) = match (before, &line.fact) {
        (
            Stage::AwaitingApproval {
                pinned,
                votes,
                question,
            },
            _,
        ) => (pinned, votes, question),
        // What was agreed to goes on, past whatever held it up.
        (Stage::Copying(mut copy), Fact::Overrode { by }) if !copy.copied => {
            copy.permit.overridden_by(by.clone());
            copy.voters = None;
            return Ok(Stage::Copying(copy));
        }
        (Stage::Copying(copy), Fact::Revoked { .. }) if !copy.copied => {
            let (pinned, votes, question) = copy.permit.asked_again();
            (Box::new(pinned), votes, Box::new(question))
        }
        // Nothing was copied: whoever has it go on asks people again.
        (Stage::Closed { ending, before }, Fact::Revoked { .. }) => {
            let before = Box::new(answered(*before, line)?);
            return Ok(Stage::Finishing { ending, before });
        }
        _ => return Err(line.misplaced()),
    };
    match &line.fact {
        Fact::Voted { vote } => {
            question.heard.extend(vote.click.clone());
            votes.push(vote.clone());
        }
        Fact::Revoked { by, reason } => {
            let theirs = |person: &Person| person == by;
            let before = (votes.len(), question.overrides.len());
            votes.retain(|vote| !theirs(&vote.person));
            question.overrides.retain(|one| !theirs(&one.person));
            question.taken_back.push(by.clone());
            let after = (votes.len(), question.overrides.len());
            let what = match (before.0 > after.0, before.1 > after.1) {
                (true, true) => TakenBack::Both,
                (true, false) => TakenBack::Approval,
                (false, true) => TakenBack::Override,
                (false, false) => return Err(line.misplaced()),
            };
            // It was about an override that is none any more.
            if what != TakenBack::Approval {
                question.review = None;
            }
            question.last_taken_back = Some(Withdrawal {
                what,
                by: by.clone(),
                reason: reason.clone(),
            });
        }
        Fact::Overrode { by } => question.overrides.push(by.clone()),
        _ => return Err(line.misplaced()),
    }
    Ok(Stage::AwaitingApproval {
        pinned,
        votes,
        question,
    })
}

/// What is put on record beside the answers.
pub(crate) fn put_on_record(stage: &mut Stage, line: &Line<Fact>) -> Result<(), CorruptJournal> {
    let question = stage.question_mut().ok_or_else(|| line.misplaced())?;
    match &line.fact {
        Fact::Denied { by, tried, why } => question.denied.push((by.id.clone(), *tried, *why)),
        Fact::Reviewed { by, comment, .. } => {
            question.review = Some(Review {
                person: by.clone(),
                comment: comment.clone(),
                at: line.at,
            });
        }
        _ => return Err(line.misplaced()),
    }
    close_again(stage);
    Ok(())
}

/// Whatever ended is closed again by the record behind this one: a journal that has ended ends with that.
pub(crate) fn close_again(stage: &mut Stage) {
    if let Stage::Closed { ending, before } = stage {
        *stage = Stage::Finishing {
            ending: ending.clone(),
            before: before.clone(),
        };
    }
}
