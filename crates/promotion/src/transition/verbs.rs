//! What people may tell a promotion: abort, roll back, resume, reopen, replay. Each needs a role and a reason.

use jiff::Timestamp;

use super::{finish, go_back, not_now, shifting};
use crate::effect::Effect;
use crate::ending::{Ending, WayBackCause};
use crate::ids::PromotionId;
use crate::notice::Notice;
use crate::pause::PauseId;
use crate::people::{Operator, Party};
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::refused::Refused;
use crate::route::Route;
use crate::stage::Stage;

pub(super) fn abort(p: &Promotion, by: &Operator, reason: String) -> Result<Vec<Fact>, Refused> {
    allow("abort", &p.route.operators, by, &reason)?;
    let by = by.person.clone();
    Ok(match p.stage.rollout() {
        None => finish(p, Ending::Aborted { by, reason }),
        Some(_) => go_back(p, WayBackCause::Aborted { by, reason }),
    })
}

pub(super) fn roll_back(
    p: &Promotion,
    by: &Operator,
    reason: String,
) -> Result<Vec<Fact>, Refused> {
    allow("roll back", &p.route.operators, by, &reason)?;
    Ok(go_back(
        p,
        WayBackCause::ByHand {
            by: by.person.clone(),
            reason,
        },
    ))
}

pub(super) fn resume(
    p: &Promotion,
    by: &Operator,
    reason: String,
    pause: &PauseId,
) -> Result<Vec<Fact>, Refused> {
    allow("resume", &p.route.operators, by, &reason)?;
    shifting::resume(p, by.person.clone(), reason, pause)
}

pub(super) fn reopen(
    p: &Promotion,
    by: &Operator,
    reason: String,
    route: Box<Route>,
) -> Result<Vec<Fact>, Refused> {
    debug_assert_eq!(p.route.name, route.name, "a promotion keeps its route");
    allow("reopen", &route.operators, by, &reason)?;
    Ok(vec![Fact::Reopened {
        by: by.person.clone(),
        reason,
        route,
    }])
}

pub(super) fn replay(
    p: &Promotion,
    ending: &Ending,
    before: &Stage,
    by: &Operator,
    reason: String,
    now: Timestamp,
) -> Result<Vec<Fact>, Refused> {
    allow("replay", &p.route.operators, by, &reason)?;
    if !matches!(ending, Ending::Failed { .. }) {
        return Err(not_now(
            p,
            "replay",
            "; only a failed promotion goes on where it stopped, any other is asked for again with `reopen`",
        ));
    }
    match before.pinned() {
        Some(pinned) if now >= pinned.expires_at => Err(Refused::VotesExpired {
            at: pinned.expires_at,
        }),
        _ => {
            let goes_on = Fact::Replayed {
                by: by.person.clone(),
                reason,
            };
            // Somebody's word is missing since it failed: people are asked again.
            let asks = matches!(before, Stage::AwaitingApproval { .. }).then(|| {
                p.plan(Effect::Notify {
                    notice: Notice::Revoked,
                })
            });
            Ok(std::iter::once(goes_on).chain(asks).collect())
        }
    }
}

/// A rollback after the previous deployment has gone.
pub(super) fn way_back_closed(p: &Promotion, newer: Option<&PromotionId>) -> Refused {
    match newer {
        Some(newer) => Refused::Overtaken {
            newer: newer.clone(),
        },
        None => not_now(
            p,
            "roll back",
            ", when the previous deployment is no longer kept; reopen the promotion of an older version",
        ),
    }
}

pub(super) fn nothing_to_take_back(p: &Promotion, ending: &Ending) -> Refused {
    match ending {
        Ending::Finished { by } => way_back_closed(p, by.as_ref()),
        Ending::Blocked { .. }
        | Ending::Rejected { .. }
        | Ending::Expired
        | Ending::Superseded { .. }
        | Ending::Refused { .. }
        | Ending::Held { .. }
        | Ending::Voided { .. }
        | Ending::Aborted { .. }
        | Ending::Failed { .. }
        | Ending::RolledBack { .. } => not_now(p, "roll back", ": it serves nothing"),
    }
}

fn allow(
    event: &'static str,
    parties: &[Party],
    by: &Operator,
    reason: &str,
) -> Result<(), Refused> {
    if !by.held.is_of_any(parties) {
        return Err(Refused::RoleMissing {
            needed: parties.to_vec(),
            held: by.held.roles.clone(),
        });
    }
    if reason.trim().is_empty() {
        return Err(Refused::ReasonMissing { event });
    }
    Ok(())
}
