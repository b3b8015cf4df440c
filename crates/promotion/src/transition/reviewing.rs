//! What is put on record beside the decision: who tried and may not, and who looked at an override afterwards. Neither
//! changes what happens.

use super::not_now;
use crate::digest::Digest;
use crate::ids::Attempt;
use crate::people::{Person, Voter};
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
    let permit = p.stage.permit().filter(|_| p.is_overridden());
    let Some(permit) = permit else {
        return Err(not_now(p, "review", ", only after an override"));
    };
    let (pinned, question) = (permit.pinned(), permit.question());
    if attempt != p.attempt || *digest != pinned.digest {
        return Err(Refused::Superseded);
    }
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
    let mut facts = vec![Fact::Reviewed {
        by: by.person,
        comment,
    }];
    if let Stage::Closed { .. } = p.stage {
        facts.push(Fact::Closed {
            records: p.records + 1,
        });
    }
    Ok(facts)
}

/// Notes who tried and may not, while their answer would have counted for something.
pub(super) fn denied(p: &Promotion, by: Person, tried: Tried, why: Denial) -> Vec<Fact> {
    let is_open = matches!(p.stage, Stage::AwaitingApproval { .. } | Stage::Copying(_));
    let question = p.stage.question().filter(|_| is_open);
    match question {
        Some(question) if question.is_news(&by, tried, why) => {
            vec![Fact::Denied { by, tried, why }]
        }
        Some(_) | None => vec![],
    }
}
