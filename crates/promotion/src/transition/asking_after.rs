//! Asking after the voters: right before an act whether those still may whose word it rests on.

use super::{go_back, once};
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::permit::Permit;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::stage::Rollout;
use crate::voters::Relied;

/// What stands between the act and its happening.
pub(super) enum Before {
    /// It is asked.
    Asking(Vec<Fact>),
    /// Somebody's word does not count any more, and without it there are not enough.
    Lost(String),
}

/// What has to happen before the next act, by what was found so far; `None`: nothing.
pub(super) fn before(
    p: &Promotion,
    permit: &Permit,
    found: Option<&Vec<Relied>>,
) -> Option<Before> {
    let relied = permit.relied();
    if relied.is_empty() {
        return None;
    }
    let Some(still) = found else {
        return Some(Before::Asking(once(p, Effect::SeeVoters { relied })));
    };
    let gone = permit.lost(still)?;
    Some(Before::Lost(format!(
        "{} agreed to it, and does not hold any more what that needs",
        gone.name
    )))
}

/// The same before a candidate gets traffic or copies of requests: without enough of those who agreed to it, it goes back.
pub(super) fn before_it_gets_more(p: &Promotion, rollout: &Rollout) -> Option<Vec<Fact>> {
    Some(match before(p, &rollout.permit, rollout.voters.as_ref())? {
        Before::Asking(facts) => facts,
        Before::Lost(detail) => go_back(p, WayBackCause::Voided { detail }),
    })
}
