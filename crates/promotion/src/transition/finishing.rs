//! Finishing: the lease is released, with a hold where the end sets one, and every effect settled before the attempt
//! closes.

use super::once;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::hold::holds;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::{Lease, Stage};

pub(super) fn next(p: &Promotion, ending: &Ending, before: &Stage) -> Vec<Fact> {
    if before
        .rollout()
        .is_some_and(|rollout| rollout.lease != Lease::Free)
    {
        return once(
            p,
            Effect::ReleaseLease {
                target: p.route.target_id(),
                hold: holds(ending, before).cloned().map(Box::new),
            },
        );
    }
    if p.ledger.undone().is_empty() {
        vec![Fact::Closed { records: p.records }]
    } else {
        vec![]
    }
}
