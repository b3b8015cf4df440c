//! Quorums: whose approvals are needed, and whose are still missing.
//!
//! The invariant: whoever is required is named wherever a number is, for a number alone may be full and still not enough.

use promotion::{Party, Pinned, Promotion, Quorum, Vote, VoteKind};

use super::people::with_any;
use crate::ui::figures::counted;

/// `1 approval with role Model.Approver`, as it was pinned: before anybody else was asked as well.
pub(crate) fn quorum(quorum: &Quorum) -> String {
    by_whom(quorum, &quorum.answerers(false))
}

/// The same as it stands for this promotion: with those to whom it was escalated.
pub(crate) fn needs(promotion: &Promotion, pinned: &Pinned) -> String {
    by_whom(&pinned.quorum, &answerers(promotion, pinned))
}

/// What people are waited for: `2 approvals with role Model.Approver or Risk, among them 1 with role Risk`.
pub(crate) fn waits_for_people(promotion: &Promotion, pinned: &Pinned) -> String {
    let votes = promotion.stage().votes();
    let missing = still_needed(pinned, votes);
    let approvals = counted(u64::from(missing), "approval");
    match pinned.quorum.missing(votes).as_slice() {
        [] => format!("{approvals} {}", with_any(&answerers(promotion, pinned))),
        places if one_kind(places, missing) => {
            format!("{approvals} {}", with_any(&places[..1]))
        }
        places => format!(
            "{approvals} {}, among them {}",
            with_any(&answerers(promotion, pinned)),
            each(&kinds(places))
        ),
    }
}

/// To somebody who has answered, while others are still asked.
pub(crate) fn voted(pinned: &Pinned, votes: &[Vote]) -> String {
    let missing = still_needed(pinned, votes);
    let by_whom = match pinned.quorum.missing(votes).as_slice() {
        [] => String::new(),
        places if one_kind(places, missing) => format!(" {}", with_any(&places[..1])),
        places => format!(", among them {}", each(&kinds(places))),
    };
    format!(
        "You have answered. It waits for {} by other people{by_whom}.",
        counted(u64::from(missing), "more approval")
    )
}

/// How far the quorum is, for a headline: `approved by 1 of 2`, `approved by 2; missing: 1 with role Risk`.
pub(crate) fn approved_by(pinned: &Pinned, votes: &[Vote]) -> String {
    let (given, needed) = (given(votes), pinned.quorum.approvals);
    let places = pinned.quorum.missing(votes);
    let of = if given < needed {
        format!(" of {needed}")
    } else {
        String::new()
    };
    let missing = match kinds(&places).as_slice() {
        [] => String::new(),
        kinds => format!("; missing: {}", each(kinds)),
    };
    format!("approved by {given}{of}{missing}")
}

/// What has come of a question so far, behind what it needs; nothing, where nobody has agreed.
pub(crate) fn so_far(promotion: &Promotion, pinned: &Pinned) -> String {
    let votes = promotion.stage().votes();
    let given = given(votes);
    if given == 0 {
        return String::new();
    }
    let given = counted(u64::from(given), "approval");
    if pinned.quorum.missing(votes).is_empty() {
        return format!(", {given} so far");
    }
    format!(
        ". It has {given} so far, and still waits for {}",
        waits_for_people(promotion, pinned)
    )
}

/// Approvals that are still missing: as many as the number wants, and at least one for each place that nobody fills.
fn still_needed(pinned: &Pinned, votes: &[Vote]) -> u32 {
    let places = pinned.quorum.missing(votes).len();
    let missing = pinned.quorum.approvals.saturating_sub(given(votes));
    missing.max(u32::try_from(places).unwrap_or(u32::MAX))
}

fn given(votes: &[Vote]) -> u32 {
    let yes = votes.iter().filter(|vote| vote.kind == VoteKind::Approve);
    u32::try_from(yes.count()).unwrap_or(u32::MAX)
}

fn answerers(promotion: &Promotion, pinned: &Pinned) -> Vec<Party> {
    let question = promotion.stage().question();
    let escalated = question.is_some_and(|question| question.escalated_at.is_some());
    pinned.quorum.answerers(escalated)
}

fn by_whom(quorum: &Quorum, answerers: &[Party]) -> String {
    let approvals = counted(u64::from(quorum.approvals), "approval");
    let distinct = if quorum.approvals > 1 {
        " of different people"
    } else {
        ""
    };
    let places = |one: &promotion::Requirement| {
        std::iter::repeat_n(one.party.clone(), one.approvals as usize)
    };
    let places: Vec<Party> = quorum.required.iter().flat_map(places).collect();
    let among = match kinds(&places).as_slice() {
        [] => String::new(),
        kinds => format!(", among them {}", each(kinds)),
    };
    format!("{approvals}{distinct} {}{among}", with_any(answerers))
}

/// Whether whoever is still needed has to be of one and the same party.
fn one_kind(places: &[Party], needed: u32) -> bool {
    let same = places.iter().all(|party| *party == places[0]);
    same && u32::try_from(places.len()).is_ok_and(|count| count == needed)
}

/// `1 with role Risk and 2 of group Legal`.
fn each(kinds: &[(&Party, usize)]) -> String {
    let told = kinds.iter().map(|(party, count)| {
        let party = std::slice::from_ref(*party);
        format!("{count} {}", with_any(party))
    });
    told.collect::<Vec<_>>().join(" and ")
}

fn kinds(places: &[Party]) -> Vec<(&Party, usize)> {
    let mut kinds: Vec<(&Party, usize)> = Vec::new();
    for place in places {
        match kinds.iter_mut().find(|(party, _)| *party == place) {
            Some((_, count)) => *count += 1,
            None => kinds.push((place, 1)),
        }
    }
    kinds
}
