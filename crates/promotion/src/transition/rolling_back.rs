//! Rolling back: running operations end first, then the champion gets its traffic back, the candidate's deployment goes,
//! and both are looked at once more when no delayed call of ours can land any more.

use jiff::Timestamp;

use super::{finish, gating, go_back, not_now, once, shifting};
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::WayBackCause;
use crate::ids::PromotionId;
use crate::notice::Notice;
use crate::promotion::Promotion;
use crate::record::{Fact, Phase};
use crate::refused::Refused;
use crate::stage::{DISPUTES, Deployed, Lease, NO_CALL_LANDS_AFTER, Rollout};
use crate::traffic::Traffic;

pub(super) fn next(
    p: &Promotion,
    rollout: &Rollout,
    cause: &WayBackCause,
    now: Timestamp,
) -> Vec<Fact> {
    if p.ledger.has(runs_to_its_end) {
        return vec![];
    }
    if rollout.untouched() {
        return finish(p, cause.ending());
    }
    if rollout.lease != Lease::Held {
        let urgent = matches!(cause, WayBackCause::ByHand { .. });
        return once(
            p,
            Effect::TakeLease {
                target: p.route.target_id(),
                urgent,
            },
        );
    }
    if let Some(facts) = still_ours(p, rollout, now) {
        return facts;
    }
    let plan = &rollout.permit.pinned().plan;
    let back = rollout.way_back();
    if let Some(facts) = withdrawn(p, rollout, &back, now) {
        return facts;
    }
    match (&rollout.traffic, rollout.deployment) {
        (Some(write), _) if !write.withdrawn && !shifting::is_set(rollout, &back) => {
            shifting::set(p, &back, plan.mirrored(0), None)
        }
        (Some(_), _) if rollout.has_no_way_back() => stays(p, now),
        (Some(_), _) if found_changed(rollout, &back) => {
            shifting::set(p, &back, plan.mirrored(0), None)
        }
        (_, Deployed::Asked | Deployed::Ready) => delete(p, rollout, None),
        (Some(write), Deployed::No | Deployed::Gone) if rollout.verified.is_none() => {
            shifting::verify(p, write.at, vec![])
        }
        (Some(_) | None, Deployed::No | Deployed::Gone) => match rollout.may_come_back() {
            Some(landed) => delete(p, rollout, Some(landed)),
            None => finish(p, cause.ending()),
        },
    }
}

/// What was withdrawn and never heard of was not sent, as far as anybody knows, and what serves is then others' business: it is
/// looked at, at once and again when no call can land, and set back only where the candidate has something. `None`: it has nothing.
fn withdrawn(
    p: &Promotion,
    rollout: &Rollout,
    back: &Traffic,
    now: Timestamp,
) -> Option<Vec<Fact>> {
    let write = rollout.traffic.as_ref().filter(|write| write.withdrawn)?;
    let plan = &rollout.permit.pinned().plan;
    let landed = NO_CALL_LANDS_AFTER.after(write.at);
    let Some((found, from)) = rollout.verified.as_ref().zip(rollout.verified_from) else {
        return Some(shifting::look(p, now, vec![]));
    };
    if found.of(&plan.deployment) > 0 || rollout.copied > 0 {
        return Some(shifting::set(p, back, plan.mirrored(0), None));
    }
    let is_there = matches!(rollout.deployment, Deployed::Asked | Deployed::Ready);
    (from < landed && !is_there).then(|| shifting::look(p, landed, vec![]))
}

/// Deletes the candidate's deployment, or looks once more whether it is gone when no call that creates it can land.
fn delete(p: &Promotion, rollout: &Rollout, not_before: Option<Timestamp>) -> Vec<Fact> {
    let plan = &rollout.permit.pinned().plan;
    once(
        p,
        Effect::DeleteDeployment {
            workspace: p.route.target.workspace.clone(),
            endpoint: plan.endpoint.name.clone(),
            deployment: plan.deployment.clone(),
            not_before,
            serving: plan.endpoint.serving,
        },
    )
}

/// Traffic that does not stay as we set it: somebody's will in the end, unless it still goes to the candidate.
fn found_changed(rollout: &Rollout, back: &Traffic) -> bool {
    let plan = &rollout.permit.pinned().plan;
    !rollout.has_withdrawn()
        && rollout.verified.as_ref().is_some_and(|found| {
            // What is still copied to the candidate is a call of ours that was late.
            rollout.copied > 0
                || found != back && (rollout.disputes <= DISPUTES || found.of(&plan.deployment) > 0)
        })
}

/// Nothing is there that could serve instead: taking the candidate's traffic would leave callers without an answer. So it
/// stays, people are told, and nothing is kept as a way back any more.
fn stays(p: &Promotion, now: Timestamp) -> Vec<Fact> {
    vec![
        Fact::Entered {
            phase: Phase::Live { until: now },
        },
        Fact::KeepPreviousEnded { by: None },
        p.plan(Effect::Notify {
            notice: Notice::NoWayBack,
        }),
    ]
}

/// What has to happen before the target may be taken back after it was let go; `None`: it may. Whoever was waited for has
/// perhaps brought a newer model to serve: then there is nothing to take back, and this candidate is that one's way back.
fn still_ours(p: &Promotion, rollout: &Rollout, now: Timestamp) -> Option<Vec<Fact>> {
    let plan = &rollout.permit.pinned().plan;
    let served = Traffic::all_to(&plan.deployment);
    if !shifting::is_set(rollout, &served) || rollout.verified != Some(served) {
        return None;
    }
    let Some((_, champion)) = &rollout.target_seen else {
        return Some(once(p, gating::observe_target(p)));
    };
    match champion {
        Champion::Serving(newer)
            if newer.deployment != plan.deployment && plan.way_back.of(&newer.deployment) == 0 =>
        {
            Some(vec![
                Fact::Entered {
                    phase: Phase::Live { until: now },
                },
                Fact::KeepPreviousEnded {
                    by: newer.promotion.clone(),
                },
            ])
        }
        Champion::Serving(_) | Champion::None | Champion::Unclear { .. } => None,
    }
}

/// Makes way for a rollback by hand of another promotion, as long as nobody is answered by this candidate.
pub(super) fn displace(p: &Promotion, by: &PromotionId) -> Result<Vec<Fact>, Refused> {
    if p.stage.rollout().is_none() || p.may_serve() {
        return Err(not_now(p, "displaced", ", when traffic has moved"));
    }
    let detail = format!(
        "`{by}` is rolled back, so another model serves than the one this candidate was compared with"
    );
    Ok(go_back(p, WayBackCause::Voided { detail }))
}

/// What Azure works on cannot be called back: its end is waited for.
fn runs_to_its_end(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::CreateEndpoint { .. }
            | Effect::CreateDeployment { .. }
            | Effect::SetTraffic { .. }
            | Effect::ReleaseLease { .. }
    )
}
