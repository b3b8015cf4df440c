//! The turn: taken before people are asked, and again before the target is changed by one that goes on after a failure or
//! was asked about before turns were taken.

use super::{finish, not_now, once};
use crate::effect::Effect;
use crate::ending::Ending;
use crate::ids::{Attempt, PromotionId};
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::refused::Refused;
use crate::route::Concurrency;
use crate::stage::Stage;
use crate::turn::Turn;

/// What has to happen before this one may go on; `None`: it has the turn.
pub(super) fn take(p: &Promotion, concurrency: Concurrency) -> Option<Vec<Fact>> {
    match &p.turn {
        Turn::Ours => None,
        Turn::Open => Some(once(
            p,
            Effect::TakeTurn {
                target: p.route.target_id(),
                concurrency,
            },
        )),
        Turn::Superseded { by } => Some(finish(p, Ending::Superseded { by: by.clone() })),
        Turn::Refused { by } => Some(finish(p, Ending::Refused { by: by.clone() })),
        Turn::Held { reason } => Some(finish(
            p,
            Ending::Held {
                reason: reason.clone(),
            },
        )),
    }
}

/// Makes way for a candidate that outranks this one, as long as its quorum is not complete.
pub(super) fn superseded(
    p: &Promotion,
    attempt: Attempt,
    by: PromotionId,
) -> Result<Vec<Fact>, Refused> {
    let may = matches!(p.stage, Stage::AwaitingApproval { .. }) || p.waits_for_turn();
    if attempt != p.attempt || !may {
        return Err(refused(p));
    }
    Ok(finish(p, Ending::Superseded { by }))
}

/// Told once more by the one that has taken its place, it has nothing to do.
pub(super) fn superseded_already(
    p: &Promotion,
    ending: &Ending,
    attempt: Attempt,
    by: &PromotionId,
) -> Result<Vec<Fact>, Refused> {
    match ending {
        Ending::Superseded { by: before } if before == by && attempt == p.attempt => Ok(vec![]),
        _ => Err(refused(p)),
    }
}

pub(super) fn refused(p: &Promotion) -> Refused {
    not_now(
        p,
        "superseded",
        ", only while people are asked or it waits for its turn",
    )
}
