//! How one phase leads into the next: what a stage hands on to the one that follows it. A pair that no release has ever written is
//! corruption.

use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::permit::Permit;
use crate::record::{Fact, Phase};
use crate::stage::{Copy, Previous, Registered, Rollout, Stage};

pub(crate) fn enter(
    before: Stage,
    phase: &Phase,
    line: &Line<Fact>,
) -> Result<Stage, CorruptJournal> {
    Ok(match (before, phase) {
        (Stage::Proposed, Phase::Gating) => Stage::Gating(Box::default()),
        (
            Stage::AwaitingApproval {
                pinned,
                votes,
                question,
            },
            Phase::Copying,
        ) => {
            let granted = Permit::grant(&pinned, &votes, &question);
            let permit = granted.ok_or_else(|| line.misplaced())?;
            Stage::Copying(Box::new(Copy {
                permit,
                voters: None,
                tried: false,
                source_seen: None,
                copied: false,
                landed: None,
            }))
        }
        (Stage::Copying(copy), Phase::Registering) => Stage::Registering {
            landed: copy.landed.ok_or_else(|| line.misplaced())?,
            permit: Box::new(copy.permit),
            registered: Registered::default(),
        },
        (Stage::Registering { permit, landed, .. }, Phase::WaitingForTarget) => {
            Stage::WaitingForTarget(Box::new(Rollout::new(*permit, landed)))
        }
        (Stage::WaitingForTarget(mut rollout), Phase::Deploying) => {
            rollout.landed_seen = None;
            Stage::Deploying(rollout)
        }
        (Stage::Deploying(rollout), Phase::Testing) => Stage::Testing(rollout),
        (Stage::Testing(mut rollout), Phase::Shifting) => {
            rollout.landed_seen = None;
            rollout.begin_watching(0, line.at);
            Stage::Shifting {
                rollout,
                step: 0,
                since: line.at,
            }
        }
        (Stage::Shifting { rollout, .. }, Phase::Live { until }) => Stage::Live {
            rollout,
            until: *until,
            previous: Previous::Warm,
        },
        (Stage::RollingBack { mut rollout, cause }, Phase::Live { until }) => {
            rollout.stayed_against = Some(cause);
            Stage::Live {
                rollout,
                until: *until,
                previous: Previous::Warm,
            }
        }
        (
            Stage::WaitingForTarget(mut rollout)
            | Stage::Deploying(mut rollout)
            | Stage::Testing(mut rollout)
            | Stage::Shifting { mut rollout, .. }
            | Stage::Live { mut rollout, .. },
            Phase::RollingBack { cause },
        ) => {
            rollout.target_seen = None;
            rollout.drifted = None;
            rollout.disputes = 0;
            rollout.no_way_back = None;
            Stage::RollingBack {
                rollout,
                cause: Box::new(cause.clone()),
            }
        }
        (Stage::Finishing { .. } | Stage::Closed { .. }, Phase::Finishing { .. }) => {
            return Err(line.misplaced());
        }
        (before, Phase::Finishing { ending }) => Stage::Finishing {
            ending: Box::new(ending.clone()),
            before: Box::new(before),
        },
        _ => return Err(line.misplaced()),
    })
}
