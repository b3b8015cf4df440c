//! The quorum of a rehearsal: as many made-up people as it takes.

use jiff::Timestamp;

use super::nobody;
use crate::permit::{Pinned, Vote, VoteKind};

/// As many as the quorum wants, each for a place of its own.
pub(super) fn votes(pinned: &Pinned, now: Timestamp) -> Vec<Vote> {
    let quorum = &pinned.quorum;
    let places = quorum.required.iter().flat_map(|one| {
        let standing = vec![one.party.clone()];
        std::iter::repeat_n(standing, one.approvals as usize)
    });
    let standings = places.chain(std::iter::repeat(vec![]));
    let vote = |(number, standing)| Vote {
        person: nobody(number),
        kind: VoteKind::Approve,
        comment: String::new(),
        at: now,
        digest: None,
        standing,
        click: None,
    };
    (0..quorum.approvals).zip(standings).map(vote).collect()
}
