//! People: by name for reading, by object id for certainty.

use promotion::{
    Author, EarlierOverride, Override, Party, Person, Promotion, Quorum, Reopening, Stage, Vote,
    VoteKind,
};

use super::endings::ending;
use crate::ui::moment::utc;
use crate::ui::text::{name, quoted, whole_sentence};

/// `Ada Approver (0000…000b)` in full.
pub(crate) fn person(person: &Person) -> String {
    format!("{} ({})", name(&person.name), name(person.id.as_str()))
}

/// By name alone, where the id stands elsewhere.
pub(crate) fn short_person(person: &Person) -> String {
    name(&person.name)
}

/// Who trained it, as far as anybody knows.
pub(crate) fn author(author: &Author, quorum: &Quorum) -> String {
    match author {
        Author::Person { person: trained_by } => person(trained_by),
        Author::NameOnly { name: called } if quorum.excluded_names.contains(called) => format!(
            "{} (only the name is known, so {} have to agree, nobody of that name among them)",
            name(called),
            counted_people(quorum.approvals)
        ),
        Author::NameOnly { name: called } => format!("{} (only the name is known)", name(called)),
        Author::Unknown => format!(
            "unknown: the job's record names nobody, so {} have to agree",
            counted_people(quorum.approvals)
        ),
    }
}

/// Who trained it, where nobody has been asked yet.
pub(crate) fn trained_by(author: &Author) -> String {
    match author {
        Author::Person { person: trained_by } => person(trained_by),
        Author::NameOnly { name: called } => format!("{} (only the name is known)", name(called)),
        Author::Unknown => "unknown".to_owned(),
    }
}

fn counted_people(count: u32) -> String {
    if count == 1 {
        "1 person".to_owned()
    } else {
        format!("{count} people")
    }
}

/// `with role Model.Approver or Admin`, `of group ML owners`: behind whoever it is about.
pub(crate) fn with_any(parties: &[Party]) -> String {
    told(parties, "with role", "of group")
}

/// `role Model.Approver or Admin`, `group ML owners`.
pub(crate) fn any_of(parties: &[Party]) -> String {
    told(parties, "role", "group")
}

/// `the role Model.Approver`, `group ML owners`.
pub(super) fn the_any_of(parties: &[Party]) -> String {
    told(parties, "the role", "the group")
}

fn told(parties: &[Party], role: &str, group: &str) -> String {
    let (mut roles, mut groups) = (Vec::new(), Vec::new());
    for party in parties {
        match party {
            Party::Role(role) => named(&mut roles, name(&role.0)),
            Party::Group(group) => named(&mut groups, name(group.shown())),
        }
    }
    match (roles.as_slice(), groups.as_slice()) {
        ([], []) => format!("{role} none"),
        (roles, []) => format!("{role} {}", roles.join(" or ")),
        ([], groups) => format!("{group} {}", groups.join(" or ")),
        (roles, groups) => format!(
            "{role} {} or {group} {}",
            roles.join(" or "),
            groups.join(" or ")
        ),
    }
}

/// Who may approve and may override as well is named once.
fn named(names: &mut Vec<String>, one: String) {
    if !names.contains(&one) {
        names.push(one);
    }
}

/// Who went past its quorum; nothing, where nobody did.
pub(crate) fn overridden(promotion: &Promotion) -> Option<String> {
    let permit = promotion.stage().permit()?;
    if !promotion.is_overridden() {
        return None;
    }
    let by = permit.question().overrides.iter();
    let names: Vec<String> = by.map(|one| short_person(&one.person)).collect();
    let names = names.join(" and ");
    let what = if is_approved(promotion) {
        "past windows and the freezes that stood then"
    } else {
        "not approved"
    };
    Some(match &permit.question().review {
        None => {
            format!("OVERRIDDEN by {names}, {what}: somebody else has to review it afterwards.")
        }
        Some(review) => format!(
            "OVERRIDDEN by {names}, {what}; reviewed by {}{}",
            short_person(&review.person),
            quoted(&review.comment).map_or_else(|| ".".to_owned(), |said| format!(": {said}"))
        ),
    })
}

/// Who an unproven version names as whoever ran its job.
pub(crate) const SAID_TO_BE_TRAINED_BY: &str = "Said to be trained by";

/// An override of an earlier attempt that nobody has looked at: what came after it changes nothing about that.
pub(crate) fn unreviewed(one: &EarlierOverride) -> String {
    let by = one.permit.question().overrides.iter();
    let names: Vec<String> = by.map(|one| short_person(&one.person)).collect();
    format!(
        "Attempt {} was OVERRIDDEN by {}, and nobody has reviewed that: somebody else has to.",
        one.attempt,
        names.join(" and ")
    )
}

/// How it came to be asked once more; nothing in the first attempt.
pub(crate) fn asked_again(promotion: &Promotion) -> Option<String> {
    reopened(promotion, "The attempt before this one", "it again")
}

/// The same for whoever looks at what was asked in an earlier attempt.
pub(crate) fn asked_since(promotion: &Promotion) -> Option<String> {
    let now = promotion.attempt();
    let before = format!("Attempt {}", now.number().saturating_sub(1));
    reopened(promotion, &before, &format!("attempt {now}"))
}

fn reopened(promotion: &Promotion, before: &str, now: &str) -> Option<String> {
    let Reopening { by, reason, after } = promotion.reopened()?;
    let said = quoted(reason).map_or_else(|| ".".to_owned(), |said| format!(": {said}"));
    Some(format!(
        "{before} ended. {} {} asked for {now}{said}",
        whole_sentence(&ending(after)),
        short_person(by)
    ))
}

/// Every override of it that there is something to say about: this attempt's, and those of earlier ones that nobody has reviewed.
pub(crate) fn overrides_told(promotion: &Promotion) -> Option<String> {
    let owed = promotion.unreviewed().map(unreviewed);
    let told: Vec<String> = overridden(promotion).into_iter().chain(owed).collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// `Ada Approver wants it overridden since … UTC: “callers wait”`, as long as that is asked; what came of it, afterwards.
pub(crate) fn wants_override(promotion: &Promotion, one: &Override) -> String {
    let why = quoted(&one.reason).map_or_else(String::new, |said| format!(": {said}"));
    let wants = match promotion.stage() {
        Stage::AwaitingApproval { .. } => "wants it overridden since",
        _ if promotion.is_overridden() => "overrode it at",
        _ => "wanted it overridden at",
    };
    let person = short_person(&one.person);
    format!("{person} {wants} {}{why}", utc(one.at))
}

/// Whether enough people agreed, so that an override was about freezes and windows only.
pub(crate) fn is_approved(promotion: &Promotion) -> bool {
    let stage = promotion.stage();
    let pinned = stage.pinned();
    pinned.is_some_and(|pinned| pinned.quorum.is_reached(stage.votes()))
}

/// `Ada Approver approved at … UTC: “looks good”`.
pub(crate) fn vote(vote: &Vote) -> String {
    let verb = match vote.kind {
        VoteKind::Approve => "approved",
        VoteKind::Reject => "rejected",
    };
    let said = quoted(&vote.comment).map_or_else(String::new, |said| format!(": {said}"));
    format!("{} {verb} at {}{said}", person(&vote.person), utc(vote.at))
}
