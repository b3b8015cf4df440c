//! Finishing: the lease is released and every effect settled before the attempt closes.

use super::once;
use crate::effect::Effect;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::{Lease, Stage};

pub(super) fn next(p: &Promotion, before: &Stage) -> Vec<Fact> {
    if before
        .rollout()
        .is_some_and(|rollout| rollout.lease != Lease::Free)
    {
        return once(
            p,
            Effect::ReleaseLease {
                target: p.route.target_id(),
            },
        );
    }
    if p.ledger.undone().is_empty() {
        vec![Fact::Closed { records: p.records }]
    } else {
        vec![]
    }
}
