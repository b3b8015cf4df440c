//! The permit: nothing is copied, registered or deployed without one.

use serde::{Deserialize, Serialize};

use crate::candidate::SourceModel;
use crate::champion::Champion;
use crate::click::ClickId;
use crate::digest::Digest;
use crate::evidence::CandidateEvidence;
use crate::gate::Verdict;
use crate::manifest::Manifest;
use crate::people::{Party, Person};
use crate::plan::Plan;
use crate::question::{Override, Question};
use crate::quorum::Quorum;
use crate::voters::{Relied, holds};

/// Exactly what people are asked to agree to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pinned {
    /// Where the candidate came from.
    pub source: SourceModel,
    /// Its files.
    pub manifest: Manifest,
    /// Its metrics.
    pub evidence: CandidateEvidence,
    /// What the gates said, with the policy they were asked.
    pub verdicts: Vec<Verdict>,
    /// Who serves now.
    pub champion: Champion,
    /// What will be done.
    pub plan: Plan,
    /// Who must agree.
    pub quorum: Quorum,
    /// Until when.
    pub expires_at: jiff::Timestamp,
    /// The decision digest: over all of the above.
    pub digest: Digest,
}

/// What [`Pinned`] is made of, before its digest.
pub(crate) struct Content {
    pub(crate) source: SourceModel,
    pub(crate) manifest: Manifest,
    pub(crate) evidence: CandidateEvidence,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) champion: Champion,
    pub(crate) plan: Plan,
    pub(crate) quorum: Quorum,
    pub(crate) expires_at: jiff::Timestamp,
}

impl Pinned {
    pub(crate) fn new(content: Content) -> Self {
        let Content {
            source,
            manifest,
            evidence,
            verdicts,
            champion,
            plan,
            quorum,
            expires_at,
        } = content;
        let digest = Digest::of_json(&(
            &source,
            &manifest,
            &evidence,
            &verdicts,
            &champion,
            &plan,
            &quorum,
            &expires_at,
        ));
        Self {
            source,
            manifest,
            evidence,
            verdicts,
            champion,
            plan,
            quorum,
            expires_at,
            digest,
        }
    }
}

/// One person's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// Who.
    pub person: Person,
    /// What.
    pub kind: VoteKind,
    /// Why, in their words.
    pub comment: String,
    /// When.
    pub at: jiff::Timestamp,
    /// The decision digest that they were shown; absent in journals of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// As whom: what of the parties that count they held then; empty in journals of older releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<Party>,
    /// The click that it came by; absent where it came by another door, and in journals of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click: Option<ClickId>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VoteKind {
    /// Yes, to exactly this.
    Approve,
    /// No: one is enough.
    Reject,
}

/// The right to copy, register and roll out exactly what was pinned.
///
/// Made only where a quorum is counted, or where it is not needed; code that deploys without one does not compile.
#[derive(Debug, Clone, PartialEq)]
pub struct Permit {
    pinned: Pinned,
    votes: Vec<Vote>,
    question: Question,
    basis: Basis,
    lapsed: bool,
}

/// What a permit rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Enough distinct people agreed.
    Approved,
    /// Two people went past the quorum: the audited bypass.
    Overridden,
    /// The route asks nobody: its gates have passed.
    Automatic,
}

impl Permit {
    /// A permit, if enough distinct people agreed and nobody refused, if two people overrode that, or if the route asks nobody.
    pub(crate) fn grant(pinned: &Pinned, votes: &[Vote], question: &Question) -> Option<Self> {
        let rejected = votes.iter().any(|vote| vote.kind == VoteKind::Reject);
        let basis = if question.automatic.is_some() {
            Basis::Automatic
        } else if question.is_overridden() {
            Basis::Overridden
        } else if pinned.quorum.is_reached(votes) {
            Basis::Approved
        } else {
            return None;
        };
        (!rejected).then(|| Self {
            pinned: pinned.clone(),
            votes: votes.to_vec(),
            question: question.clone(),
            basis,
            lapsed: false,
        })
    }

    /// What was agreed to.
    pub fn pinned(&self) -> &Pinned {
        &self.pinned
    }

    /// Who agreed.
    pub fn votes(&self) -> &[Vote] {
        &self.votes
    }

    /// How people were asked.
    pub fn question(&self) -> &Question {
        &self.question
    }

    pub(crate) fn question_mut(&mut self) -> &mut Question {
        &mut self.question
    }

    /// What it rests on.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// Somebody wants freezes and windows overridden as well; two of them do it.
    pub(crate) fn overridden_by(&mut self, by: Override) {
        self.question.overrides.push(by);
        if self.question.is_overridden() {
            self.basis = Basis::Overridden;
        }
    }

    /// Since when it goes past windows, and past the freezes that stood then: since the first of the two has said so, for only what
    /// stood then both of them have overridden.
    pub(crate) fn overridden_since(&self) -> Option<jiff::Timestamp> {
        let counts = self.basis == Basis::Overridden && !self.lapsed;
        let first = self.question.overrides.iter().map(|one| one.at).min();
        first.filter(|_| counts)
    }

    /// Those who have overridden it are too few by now, and nothing was done yet: it rests again on what it rested on before.
    pub(crate) fn fall_back(&mut self, still: &[Relied]) {
        let overriders = &self.pinned.quorum.overriders;
        let left = |one: &Override| !holds(still, &one.person, overriders).is_empty();
        self.question.overrides.retain(left);
        // It was about an override that is none any more.
        self.question.review = None;
        self.basis = match self.question.automatic {
            Some(_) => Basis::Automatic,
            None => Basis::Approved,
        };
    }

    /// The same after something was done past freezes and windows: that stays said, and what comes next waits for them.
    pub(crate) fn lapse(&mut self) {
        self.lapsed = true;
    }

    /// Back to the question: somebody has taken their word back.
    pub(crate) fn asked_again(self) -> (Pinned, Vec<Vote>, Question) {
        (self.pinned, self.votes, self.question)
    }
}
