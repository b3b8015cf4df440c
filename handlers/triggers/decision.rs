//! An answer to an approval's question, whichever door it comes by: the doors say who asks and what they sent, here it
//! becomes the event that the core judges.
//!
//! The invariant: a vote is about exactly one digest. One that is not the digest asked about becomes one that never will be,
//! so the core refuses it as superseded.

use axum::http::StatusCode;
use promotion::{
    Attempt, ClickId, Denial, Digest, EarlierOverride, Event, Freeze, Person, PersonId, Promotion,
    PromotionId, Refused, Tried, VoteKind,
};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

use crate::app::App;
use crate::causes::chain;
use crate::engine::{EngineError, Verdict};
use crate::identity::NotSignedIn;
use crate::state::JournalName;
use crate::triggers::verb::NotHeard;
use crate::ui::{self, COMMENT, Viewer, capped};

/// The line about an answer that does not count: what an auditor looks for. Fields are quoted by whoever writes the line, so
/// nothing in them begins another.
pub(super) fn log_refusal(
    door: &'static str,
    id: &PromotionId,
    person: &PersonId,
    verb: &str,
    status: StatusCode,
    why: &str,
) {
    tracing::warn!(
        door,
        promotion = id.as_str(),
        // Teams names people in a message whose text nobody vouches for.
        person = capped(person.as_str(), 80),
        verb,
        status = status.as_u16(),
        why,
        "an answer was refused"
    );
}

/// The same about an answer that came so far and no further: nobody knows whose it is.
pub(super) fn log_unheard(door: &'static str, id: &PromotionId, status: StatusCode, why: &str) {
    log_refusal(door, id, &PersonId::new("unknown"), "unknown", status, why);
}

/// Whoever clicks in Teams is waited for 15 s, and the directory may have taken five.
const NOTED_WITHIN: Duration = Duration::from_secs(3);

/// What somebody was shown.
#[derive(Debug)]
pub(super) struct Question {
    /// Which promotion.
    pub(super) id: PromotionId,
    /// Which attempt; absent: the one that is on, which the digest has to fit anyway.
    pub(super) attempt: Option<Attempt>,
    /// The decision digest, or as much of its beginning as they sent.
    pub(super) digest: String,
}

/// What they say to it.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    /// What.
    pub(super) says: Says,
    /// Why.
    pub(super) comment: &'a str,
    /// The click that it came by; absent where it came by another door.
    pub(super) click: Option<ClickId>,
    /// How often they had taken their word back when they were shown the form; absent where they were shown none.
    pub(super) round: Option<usize>,
}

impl Question {
    /// The attempt and the digest that are meant: of what is asked, or of an earlier override; else a digest
    /// that never is asked.
    fn meant(&self, promotion: &Promotion) -> (Attempt, Digest) {
        let now = promotion.attempt();
        let pinned = promotion.stage().pinned();
        match pinned.filter(|pinned| begins_with(&pinned.digest, &self.digest)) {
            Some(pinned) => (self.attempt.unwrap_or(now), pinned.digest.clone()),
            None => match self.earlier_override(promotion) {
                Some(owed) => (owed.attempt, owed.permit.pinned().digest.clone()),
                None => (
                    self.attempt.unwrap_or(now),
                    Digest::of(self.digest.as_bytes()),
                ),
            },
        }
    }

    /// The override of an earlier attempt that is meant.
    pub(super) fn earlier_override<'p>(
        &self,
        promotion: &'p Promotion,
    ) -> Option<&'p EarlierOverride> {
        let mut earlier = promotion.earlier_overrides().iter();
        earlier.find(|one| {
            self.attempt.is_none_or(|attempt| attempt == one.attempt)
                && begins_with(&one.permit.pinned().digest, &self.digest)
        })
    }
}

/// Whether what was sent is the digest's beginning, in a time that does not depend on where they differ.
fn begins_with(digest: &Digest, sent: &str) -> bool {
    let beginning = digest.short(sent.len()).as_bytes();
    !sent.is_empty() && bool::from(beginning.ct_eq(sent.as_bytes()))
}

/// What somebody may say to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Yes or no.
    Vote(VoteKind),
    /// Not any more.
    Revoke,
    /// Past the quorum, with a second person: never an approval.
    Override,
    /// That an override was looked at afterwards.
    Review,
}

impl Says {
    /// The word for logs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vote(VoteKind::Approve) => "approve",
            Self::Vote(VoteKind::Reject) => "reject",
            Self::Revoke => "revoke",
            Self::Override => "override",
            Self::Review => "review",
        }
    }

    /// What it is on record, where whoever says it may not; everybody may try to take back what they never said.
    pub(super) fn tried(self) -> Option<Tried> {
        match self {
            Self::Vote(VoteKind::Approve) => Some(Tried::Approve),
            Self::Vote(VoteKind::Reject) => Some(Tried::Reject),
            Self::Override => Some(Tried::Override),
            Self::Review => Some(Tried::Review),
            Self::Revoke => None,
        }
    }

    /// The word that forms and programs send.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "approve" => Some(Self::Vote(VoteKind::Approve)),
            "reject" => Some(Self::Vote(VoteKind::Reject)),
            "revoke" => Some(Self::Revoke),
            "override" => Some(Self::Override),
            "review" => Some(Self::Review),
            _ => None,
        }
    }
}

/// Tells the promotion.
pub(super) async fn decide(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    answer: &Answer<'_>,
) -> Result<Verdict, NotHeard> {
    let (promotion, _) = app.engine.load_promotion(&question.id).await?;
    let viewer = with_its_groups(app, viewer.clone(), &promotion, question).await?;
    let verdict = tell(app, &viewer, question, answer).await?;
    if let Err(refused) = &verdict
        && let (Some(tried), Some(why)) = (answer.says.tried(), denial(refused))
    {
        note_denied(app, question, &viewer.person, tried, why).await;
    }
    Ok(verdict)
}

/// Somebody with what they hold of what this question asks for: its groups may be others than those of today's configuration.
/// Where nobody can say, nobody is let in, and nobody denied.
pub(super) async fn with_its_groups(
    app: &App,
    viewer: Viewer,
    promotion: &Promotion,
    question: &Question,
) -> Result<Viewer, NotSignedIn> {
    let owed = question.earlier_override(promotion);
    let owed = owed.map(|one| one.permit.pinned());
    let pinned = owed.or_else(|| promotion.stage().pinned());
    let parties = pinned.map_or_else(Vec::new, |pinned| pinned.quorum.parties_of_interest());
    let more = app.identity.with_groups_of(&viewer, &parties).await?;
    Ok(more.unwrap_or(viewer))
}

async fn tell(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    answer: &Answer<'_>,
) -> Result<Verdict, EngineError> {
    let name = JournalName::parse(question.id.as_str())
        .ok_or_else(|| EngineError::Unknown(question.id.to_string()))?;
    let event = |promotion: &Promotion, frozen: Option<Freeze>| {
        let voter = viewer.voter();
        let comment = capped(answer.comment, COMMENT);
        let (attempt, digest) = question.meant(promotion);
        let round = answer.round;
        match answer.says {
            Says::Vote(kind) => Event::Vote {
                voter,
                kind,
                comment,
                attempt,
                digest,
                frozen,
                click: answer.click.clone(),
                round,
            },
            Says::Revoke => Event::Revoke {
                by: voter.person,
                reason: comment,
                attempt,
                digest,
                round,
            },
            Says::Review => Event::Review {
                by: voter,
                comment,
                attempt,
                digest,
            },
            Says::Override => Event::Override {
                by: voter,
                reason: comment,
                attempt,
                digest,
                round,
            },
        }
    };
    match answer.says {
        Says::Vote(VoteKind::Approve) => app.engine.tell_with_freeze(&name, &event).await,
        // Neither a no nor a word taken back begins anything, and an override goes past freezes.
        Says::Vote(VoteKind::Reject) | Says::Revoke | Says::Override | Says::Review => {
            app.engine.tell(&name, &|p| event(p, None)).await
        }
    }
}

/// Puts on record who tried and may not. Their answer is the same where that fails, and the log has it in any case.
pub(super) async fn note_denied(
    app: &App,
    question: &Question,
    by: &Person,
    tried: Tried,
    why: Denial,
) {
    let Some(name) = JournalName::parse(question.id.as_str()) else {
        return;
    };
    let event = |promotion: &Promotion| {
        let (attempt, digest) = question.meant(promotion);
        Event::Denied {
            by: by.clone(),
            tried,
            why,
            attempt,
            digest,
        }
    };
    let problem = match tokio::time::timeout(NOTED_WITHIN, app.engine.tell(&name, &event)).await {
        Ok(Ok(_)) => return,
        Ok(Err(error)) => chain(&error),
        Err(_) => "it took too long".to_owned(),
    };
    tracing::warn!(
        promotion = name.as_str(),
        "who may not answer and tried to is not on record: {problem}"
    );
}

/// Why somebody may not answer at all; none where they may, and only this answer does not count.
fn denial(refused: &Refused) -> Option<Denial> {
    match refused {
        Refused::RoleMissing { .. } => Some(Denial::RoleMissing),
        Refused::OwnWork | Refused::OwnOverride => Some(Denial::OwnWork),
        Refused::NotNow { .. }
        | Refused::AlreadyVoted
        | Refused::Expired { .. }
        | Refused::Superseded
        | Refused::Outranked { .. }
        | Refused::AnotherAttempt { .. }
        | Refused::Decided { .. }
        | Refused::Overtaken { .. }
        | Refused::Frozen { .. }
        | Refused::NothingToRevoke
        | Refused::TooLateToRevoke
        | Refused::AlreadyOverridden
        | Refused::ReasonMissing { .. }
        | Refused::VotesExpired { .. }
        | Refused::Heard
        | Refused::TakenBackSince
        | Refused::ReviewedAlready { .. }
        | Refused::OverriddenAlready
        | Refused::TakenBackTooOften => None,
    }
}

/// Why an answer was not taken, for whoever gave it. Who comes too late reads who was faster, and what they said.
/// Who has said otherwise before, and may not think that this was heard, reads what to do first.
pub(super) async fn refusal(
    app: &App,
    id: &PromotionId,
    viewer: &Viewer,
    says: Says,
    refused: &Refused,
) -> String {
    let usual = ui::refusal(refused);
    let (Refused::Decided { .. } | Refused::AlreadyVoted | Refused::Frozen { .. }) = refused else {
        return usual;
    };
    let Ok((promotion, _)) = app.engine.load_promotion(id).await else {
        return usual;
    };
    match refused {
        Refused::Decided { .. } if promotion.stage().question().is_some() => {
            ui::decided(&promotion)
        }
        // The core knows no scopes; who is refused reads what is frozen, as the question itself says it.
        Refused::Frozen { .. } => {
            let now = app.engine.time().await;
            match app.engine.stopped(&promotion, now).await {
                Ok(Some(why)) => ui::cannot_start(&why.message),
                Ok(None) | Err(_) => usual,
            }
        }
        Refused::AlreadyVoted if says_otherwise(&promotion, viewer, says) => {
            let pinned = promotion.stage().pinned();
            let page = pinned.map_or_else(
                || app.links.absolute(&app.links.promotion(id)),
                |pinned| app.links.approval(id, promotion.attempt(), &pinned.digest),
            );
            format!(
                "You have approved this, so nothing was recorded now. To reject it, take your approval back first: {page}"
            )
        }
        _ => usual,
    }
}

/// Whether they have approved what they want to reject now.
pub(super) fn says_otherwise(promotion: &Promotion, viewer: &Viewer, says: Says) -> bool {
    let mut votes = promotion.stage().votes().iter();
    says == Says::Vote(VoteKind::Reject)
        && votes.any(|vote| vote.person == viewer.person && vote.kind == VoteKind::Approve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_beginning_of_the_digest_is_one() {
        let digest = Digest::of(b"a question");
        let whole = digest.as_str();
        assert!(begins_with(&digest, whole) && begins_with(&digest, &whole[..12]));
        let longer = format!("{whole}0");
        let other = Digest::of(b"another one");
        for wrong in ["", longer.as_str(), other.as_str(), &whole[1..]] {
            assert!(!begins_with(&digest, wrong), "{wrong}");
        }
    }
}
