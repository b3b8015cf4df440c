//! What stands where an approval's form would be.

use jiff::Timestamp;
use promotion::{Basis, Ending, Permit, Person, Pinned, Promotion, VoteKind};

use super::endings::ending;
use super::people::short_person;
use super::quorums::{needs, so_far};
use crate::ui::Asked;
use crate::ui::moment::both;

/// Whether the question stands, and if not, why.
pub(crate) fn asked(asked: Asked, promotion: &Promotion, now: Timestamp) -> String {
    match asked {
        Asked::Current => promotion.stage().pinned().map_or_else(String::new, |pinned| {
            open_question(promotion, pinned, now)
        }),
        Asked::Superseded => {
            "This approval is superseded: what it asked about has changed since. Open the newest card."
                .to_owned()
        }
        Asked::Expired { at } => format!(
            "This approval expired at {}. Reopen the promotion to ask again.",
            both(at, now)
        ),
        Asked::Decided => decided(promotion),
    }
}

fn open_question(promotion: &Promotion, pinned: &Pinned, now: Timestamp) -> String {
    format!(
        "It needs {}{}. The answer counts until {}.",
        needs(promotion, pinned),
        so_far(promotion, pinned),
        both(pinned.expires_at, now)
    )
}

/// Who has answered a question, and what has become of it since.
pub(crate) fn decided(promotion: &Promotion) -> String {
    let stage = promotion.stage();
    if let Some(end @ Ending::Superseded { .. }) = stage.ending() {
        return format!("This approval is closed. {}", ending(end));
    }
    let said = |kind| {
        let votes = stage.votes().iter();
        names(
            votes
                .filter(|vote| vote.kind == kind)
                .map(|vote| &vote.person),
        )
    };
    let (yes, no) = (said(VoteKind::Approve), said(VoteKind::Reject));
    let by = match (no, stage.permit().map(Permit::basis), yes) {
        (Some(no), _, _) => format!("{no} rejected it"),
        (None, Some(Basis::Overridden), _) => {
            let overrides = stage.question().into_iter().flat_map(|one| &one.overrides);
            let people = names(overrides.map(|one| &one.person));
            format!("{} overrode it", people.unwrap_or_default())
        }
        (None, Some(Basis::Automatic), _) => "its route asks nobody".to_owned(),
        (None, Some(Basis::Approved), Some(yes)) => format!("{yes} approved it"),
        (None, None, Some(_)) => "it was ended before enough people answered".to_owned(),
        (None, Some(Basis::Approved) | None, None) => {
            "it was ended before anybody answered".to_owned()
        }
    };
    let now = stage
        .ending()
        .map_or_else(|| format!("The promotion is {}.", stage.name()), ending);
    format!("This approval is already decided: {by}. {now}")
}

/// People's names, the first few; nothing, where there are none.
fn names<'p>(people: impl Iterator<Item = &'p Person>) -> Option<String> {
    const SHOWN: usize = 3;
    let mut names: Vec<String> = people.map(short_person).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more > 0 {
        names.truncate(SHOWN);
        names.push(format!("{more} more"));
    }
    (!names.is_empty()).then(|| names.join(" and "))
}

/// Beside the link that signs in again, above a form that was filled in before.
pub(crate) fn after_sign_in() -> &'static str {
    "Nothing was taken, and nothing of it is lost: come back here afterwards and send it again."
}

/// To somebody who is not signed in.
pub(crate) fn before_sign_in() -> &'static str {
    "The link alone gives no right to decide."
}
