//! The quorum: whose word counts for one question, how many must agree, and who may not be among them.
//!
//! The invariant: people are counted, never clicks, and one person fills one place only. What is written here is pinned with
//! the question; what anybody holds is read live and asked of it. Start at [`Quorum::is_reached`].

use serde::{Deserialize, Serialize};

use crate::approval_rule::{ApprovalRule, Escalation, Requirement};
use crate::candidate::{Author, SourceModel};
use crate::people::{Held, Party, Person, Voter};
use crate::permit::{Vote, VoteKind};
use crate::promotion::AskedFor;

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
    /// Names of whoever trained, registered or changed it: nobody of that name may approve it.
    pub excluded_names: Vec<String>,
    /// Who must be among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Requirement>,
    /// Who asked for the promotion: may not approve it either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Person>,
    /// Who opened it by hand, where somebody else has asked for it again since: they asked for it all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<Person>,
    /// Who ran the job that the version names, where nothing proves that its files came from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<Person>,
    /// Who had it go on after a failure, before anybody was asked: may not approve it either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replayed_by: Vec<Person>,
    /// Who changed its run's record last: may not approve it either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_changed_by: Option<Person>,
    /// Who may answer as well, once nobody has for long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// Who may override it, two of them together; nobody, where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overriders: Vec<Party>,
}

impl Quorum {
    /// Where nobody can be told to be the author, one more pair of eyes is needed.
    const WHEN_AUTHOR_UNKNOWN: u32 = 2;

    pub(crate) fn new(rule: &ApprovalRule, source: &SourceModel, asked_for: AskedFor<'_>) -> Self {
        let required = rule.required.iter().map(|one| one.approvals).sum();
        let mut quorum = Self {
            approvals: rule.min_approvals.max(required),
            parties: rule.approvers.clone(),
            excluded: None,
            excluded_names: vec![],
            required: rule.required.clone(),
            requested_by: None,
            opened_by: None,
            claimed_by: None,
            replayed_by: vec![],
            run_changed_by: None,
            escalation: rule.escalation.clone(),
            overriders: rule.overriders.clone(),
        };
        if rule.prevent_self_review {
            let lineage = &source.lineage;
            quorum.requested_by = asked_for.this_attempt.cloned();
            quorum.opened_by = asked_for
                .opened
                .filter(|by| asked_for.this_attempt != Some(*by))
                .cloned();
            quorum.replayed_by = asked_for.replayed.to_vec();
            let names = lineage.registered_by.iter().chain(&lineage.changed_by);
            for name in names {
                quorum.exclude_name(name);
            }
            // By name too: a release that knows no such field keeps them out by that.
            quorum.run_changed_by = quorum.exclude_author(lineage.run_changed_by.as_ref());
            quorum.claimed_by = quorum.exclude_author(lineage.claimed_by.as_deref());
            match &lineage.trained_by {
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

    /// By name; answers whom to exclude by id too.
    fn exclude_author(&mut self, author: Option<&Author>) -> Option<Person> {
        match author? {
            Author::Person { person } => {
                self.exclude_name(&person.name);
                Some(person.clone())
            }
            Author::NameOnly { name } => {
                self.exclude_name(name);
                None
            }
            Author::Unknown => None,
        }
    }

    fn exclude_name(&mut self, name: &str) {
        if !self.excluded_names.iter().any(|known| known == name) {
            self.excluded_names.push(name.to_owned());
        }
    }

    /// Whether this person must not judge the candidate, for it is their own work or wish.
    pub(crate) fn excludes(&self, voter: &Voter) -> bool {
        let Voter { person, held } = voter;
        let plain = |name: &str| name.trim().to_lowercase();
        let theirs: Vec<String> = std::iter::once(&person.name)
            .chain(&held.names)
            .map(|name| plain(name))
            .collect();
        let same_name = |name: &String| theirs.contains(&plain(name));
        self.excluded.as_ref() == Some(person)
            || self.requested_by.as_ref() == Some(person)
            || self.opened_by.as_ref() == Some(person)
            || self.claimed_by.as_ref() == Some(person)
            || self.replayed_by.contains(person)
            || self.run_changed_by.as_ref() == Some(person)
            || self.excluded_names.iter().any(same_name)
    }

    /// Everybody whose word counts: the approvers, those who are required, and once it is escalated those it went to.
    pub fn answerers(&self, escalated: bool) -> Vec<Party> {
        let required = self.required.iter().map(|one| &one.party);
        let later = self.escalation.iter().filter(|_| escalated);
        let later = later.flat_map(|escalation| &escalation.approvers);
        let mut all: Vec<Party> = Vec::new();
        for party in self.parties.iter().chain(required).chain(later) {
            if !all.contains(party) {
                all.push(party.clone());
            }
        }
        all
    }

    /// Every party that this question asks anybody about, for whoever looks up what they hold.
    pub fn parties_of_interest(&self) -> Vec<Party> {
        let mut all = self.answerers(true);
        all.extend(self.overriders.iter().cloned());
        all
    }

    /// As whom somebody answers: what of the parties that count they hold.
    pub(crate) fn standing(&self, held: &Held, escalated: bool) -> Vec<Party> {
        let mut all = self.answerers(escalated);
        all.retain(|party| held.is_of(party));
        all
    }

    /// Whether these people are enough, each with the parties that they answer for.
    pub fn is_reached(&self, votes: &[Vote]) -> bool {
        let approving: Vec<_> = approvals(votes).collect();
        let enough = u32::try_from(approving.len()).is_ok_and(|count| count >= self.approvals);
        enough && self.missing(votes).is_empty()
    }

    /// What is required and not filled yet: each place by one person of its own.
    pub fn missing(&self, votes: &[Vote]) -> Vec<Party> {
        let approving: Vec<_> = approvals(votes).collect();
        let places: Vec<&Party> = self
            .required
            .iter()
            .flat_map(|one| std::iter::repeat_n(&one.party, one.approvals as usize))
            .collect();
        let mut taken: Vec<Option<usize>> = vec![None; approving.len()];
        let filled: Vec<bool> = (0..places.len())
            .map(|place| {
                let mut seen = vec![false; approving.len()];
                seat(place, &places, &approving, &mut taken, &mut seen)
            })
            .collect();
        let open = places.into_iter().zip(filled).filter(|(_, filled)| !filled);
        open.map(|(party, _)| party.clone()).collect()
    }
}

/// One approval of each person.
fn approvals(votes: &[Vote]) -> impl Iterator<Item = &Vote> {
    votes.iter().enumerate().filter_map(|(index, vote)| {
        let before = votes[..index].iter();
        let again = before.clone().any(|one| one.person == vote.person);
        (vote.kind == VoteKind::Approve && !again).then_some(vote)
    })
}

/// Finds somebody for a place; whoever has one already may move to another that they could fill as well (augmenting paths of
/// bipartite matching), so that the order of the votes never decides.
fn seat(
    place: usize,
    places: &[&Party],
    people: &[&Vote],
    taken: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for (index, vote) in people.iter().enumerate() {
        if seen[index] || !vote.standing.contains(places[place]) {
            continue;
        }
        seen[index] = true;
        let free = match taken[index] {
            None => true,
            Some(other) => seat(other, places, people, taken, seen),
        };
        if free {
            taken[index] = Some(place);
            return true;
        }
    }
    false
}
