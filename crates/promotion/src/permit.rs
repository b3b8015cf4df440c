//! The permit: nothing is copied, registered or deployed without one, and only a quorum makes one.

use serde::{Deserialize, Serialize};

use crate::candidate::{Author, SourceModel};
use crate::champion::Champion;
use crate::digest::Digest;
use crate::evidence::CandidateEvidence;
use crate::gate::Verdict;
use crate::manifest::Manifest;
use crate::people::{Party, Person};
use crate::plan::Plan;
use crate::route::ApprovalRule;

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

/// How many distinct people must agree, and who may not be among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quorum {
    /// Distinct people.
    pub approvals: u32,
    /// Any of these will do.
    #[serde(rename = "roles")]
    pub parties: Vec<Party>,
    /// Who trained it: may not approve it.
    pub excluded: Option<Person>,
    /// Names of whoever trained or registered it: nobody of that name may approve it.
    pub excluded_names: Vec<String>,
}

impl Quorum {
    /// Where nobody can be told to be the author, one more pair of eyes is needed.
    const WHEN_AUTHOR_UNKNOWN: u32 = 2;

    pub(crate) fn new(rule: &ApprovalRule, source: &SourceModel) -> Self {
        let mut quorum = Self {
            approvals: rule.min_approvals,
            parties: rule.approvers.clone(),
            excluded: None,
            excluded_names: vec![],
        };
        if rule.prevent_self_review {
            quorum
                .excluded_names
                .extend(source.lineage.registered_by.clone());
            match &source.lineage.trained_by {
                Author::Person { person } => quorum.excluded = Some(person.clone()),
                Author::NameOnly { name } => {
                    quorum.excluded_names.push(name.clone());
                    quorum.approvals = quorum.approvals.max(Self::WHEN_AUTHOR_UNKNOWN);
                }
                Author::Unknown => {
                    quorum.approvals = quorum.approvals.max(Self::WHEN_AUTHOR_UNKNOWN);
                }
            }
        }
        quorum
    }

    /// Whether this person must not judge the candidate, for it is their own work.
    pub(crate) fn excludes(&self, person: &Person) -> bool {
        let same_name =
            |name: &String| name.trim().to_lowercase() == person.name.trim().to_lowercase();
        self.excluded.as_ref() == Some(person) || self.excluded_names.iter().any(same_name)
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
/// Made only where a quorum is counted; code that deploys without one does not compile.
#[derive(Debug, Clone, PartialEq)]
pub struct Permit {
    pinned: Pinned,
    votes: Vec<Vote>,
}

impl Permit {
    /// A permit, if enough distinct people agreed and nobody refused.
    pub(crate) fn grant(pinned: &Pinned, votes: &[Vote]) -> Option<Self> {
        let rejected = votes.iter().any(|vote| vote.kind == VoteKind::Reject);
        let mut people: Vec<_> = votes.iter().map(|vote| &vote.person.id).collect();
        people.sort();
        people.dedup();
        let enough =
            u32::try_from(people.len()).is_ok_and(|count| count >= pinned.quorum.approvals);
        (enough && !rejected).then(|| Self {
            pinned: pinned.clone(),
            votes: votes.to_vec(),
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
}
