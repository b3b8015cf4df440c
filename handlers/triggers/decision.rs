//! An answer to an approval's question, whichever door it comes by: the doors say who asks and what they sent, here it
//! becomes the event that the core judges.
//!
//! The invariant: a vote is about exactly one digest. One that is not the digest asked about becomes one that never will be,
//! so the core refuses it as superseded.

use promotion::{Attempt, Digest, Event, Promotion, PromotionId, VoteKind, Voter};

use crate::app::App;
use crate::engine::{EngineError, Verdict};
use crate::state::JournalName;
use crate::ui::{Viewer, capped};

/// How much of a comment is kept.
const COMMENT: usize = 2000;

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
    /// Yes or no.
    pub(super) kind: VoteKind,
    /// Why.
    pub(super) comment: &'a str,
}

impl Question {
    /// The digest that is asked about, if what was sent is its beginning; else one that never is.
    fn asked_of(&self, promotion: &Promotion) -> Digest {
        let pinned = promotion.stage().pinned().map(|pinned| &pinned.digest);
        match pinned.filter(|digest| digest.as_str().starts_with(&self.digest)) {
            Some(digest) => digest.clone(),
            None => Digest::of(self.digest.as_bytes()),
        }
    }
}

/// `approve` or `reject`.
pub(super) fn vote_kind(text: &str) -> Option<VoteKind> {
    match text {
        "approve" => Some(VoteKind::Approve),
        "reject" => Some(VoteKind::Reject),
        _ => None,
    }
}

/// Tells the promotion.
pub(super) async fn decide(
    app: &App,
    viewer: &Viewer,
    question: &Question,
    answer: &Answer<'_>,
) -> Result<Verdict, EngineError> {
    let name = JournalName::parse(question.id.as_str())
        .ok_or_else(|| EngineError::Unknown(question.id.to_string()))?;
    let vote = |promotion: &Promotion| Event::Vote {
        voter: Voter {
            person: viewer.person.clone(),
            held: viewer.held.clone(),
        },
        kind: answer.kind,
        comment: capped(answer.comment, COMMENT),
        attempt: question.attempt.unwrap_or_else(|| promotion.attempt()),
        digest: question.asked_of(promotion),
    };
    app.engine.tell(&name, &vote).await
}
