//! What is put on record beside the decision: who tried and may not, and who looked at an override afterwards. Neither
//! changes what happens.

use super::not_now;
use crate::digest::Digest;
use crate::ids::Attempt;
use crate::people::{Person, Voter};
use crate::permit::Permit;
use crate::promotion::Promotion;
use crate::question::{Denial, Tried};
use crate::record::Fact;
use crate::refused::Refused;
use crate::stage::Stage;

/// Somebody looks at an override afterwards, also long after it has ended: one of those who are asked, and neither of those
/// who overrode it.
pub(super) fn review(
    p: &Promotion,
    by: Voter,
    comment: String,
    attempt: Attempt,
    digest: &Digest,
) -> Result<Vec<Fact>, Refused> {
    let now = p.stage.permit().filter(|_| p.is_overridden());
    let now = now.map(|permit| (p.attempt, permit));
    let earlier = p.earlier_overrides.iter();
    let earlier = earlier.map(|one| (one.attempt, one.permit.as_ref()));
    let meant =
        |(of, permit): &(Attempt, &Permit)| *of == attempt && permit.pinned().digest == *digest;
    let Some((_, permit)) = now.into_iter().chain(earlier).find(meant) else {
        return Err(if now.is_some() || p.unreviewed().next().is_some() {
            Refused::Superseded
        } else {
            not_now(p, "review", ", only after an override")
        });
    };
    let (pinned, question) = (permit.pinned(), permit.question());
    let needed = pinned.quorum.parties_of_interest();
    if !by.held.is_of_any(&needed) {
        return Err(Refused::RoleMissing {
            needed,
            held: by.held.roles,
        });
    }
    if pinned.quorum.excludes(&by) {
        return Err(Refused::OwnWork);
    }
    if question.overrides.iter().any(|one| one.person == by.person) {
        return Err(Refused::OwnOverride);
    }
    if let Some(review) = &question.review {
        return Err(Refused::ReviewedAlready {
            by: review.person.name.clone(),
        });
    }
    if comment.trim().is_empty() {
        return Err(Refused::ReasonMissing { event: "review" });
    }
    Ok(on_record(
        p,
        Fact::Reviewed {
            by: by.person,
            comment,
            attempt: (attempt != p.attempt).then_some(attempt),
        },
    ))
}

/// Notes who tried and may not, while their answer would have counted for something. What is outdated is nobody's fault.
pub(super) fn denied(
    p: &Promotion,
    by: Person,
    tried: Tried,
    why: Denial,
    (attempt, digest): (Attempt, &Digest),
) -> Vec<Fact> {
    let open = matches!(p.stage, Stage::AwaitingApproval { .. });
    let counts = match tried {
        Tried::Approve | Tried::Reject => open,
        Tried::Override => open || matches!(p.stage, Stage::Copying(_)),
        Tried::Review => p.is_overridden(),
    };
    let pinned = p.stage.pinned();
    let is_asked = attempt == p.attempt && pinned.is_some_and(|pinned| pinned.digest == *digest);
    match p.stage.question().filter(|_| counts && is_asked) {
        Some(question) if question.is_news(&by, tried, why) => {
            on_record(p, Fact::Denied { by, tried, why })
        }
        Some(_) | None => vec![],
    }
}

/// A journal that has ended ends with its closing record, whatever is said about it later.
pub(super) fn on_record(p: &Promotion, fact: Fact) -> Vec<Fact> {
    let closing = matches!(p.stage, Stage::Closed { .. }).then(|| Fact::Closed {
        records: p.records + 1,
    });
    [fact].into_iter().chain(closing).collect()
}
