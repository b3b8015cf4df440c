//! Where the way back leads, also where somebody has deleted what was to serve again.
//!
//! The invariant: traffic is never led to what was found missing, and never away from the last deployment that is there.

use crate::ending::WayBackCause;
use crate::ids::DeploymentName;
use crate::stage::Rollout;
use crate::traffic::Traffic;

/// What was to serve again is not there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NoWayBack {
    /// What somebody has deleted.
    pub(crate) missing: Vec<DeploymentName>,
    /// The traffic as it read then.
    pub(crate) traffic: Traffic,
}

impl Rollout {
    /// The traffic that the way back leads to: as planned. Where what was to serve again is gone: as it is, if others serve and
    /// the candidate does not; else all to the one beside it that has most; and to the candidate, where nothing else is there.
    pub fn way_back(&self) -> Traffic {
        let plan = &self.permit.pinned().plan;
        let Some(NoWayBack { missing, traffic }) = &self.no_way_back else {
            return plan.way_back.clone();
        };
        let is_there = |name: &DeploymentName| !missing.contains(name);
        if plan.way_back.shares().all(|(name, _)| is_there(name)) {
            return plan.way_back.clone();
        }
        let ours = &plan.deployment;
        let beside = traffic
            .shares()
            .filter(|(name, _)| is_there(name) && *name != ours);
        let all_there = traffic.shares().all(|(name, _)| is_there(name));
        match beside.max_by_key(|(_, percent)| *percent) {
            Some(_) if all_there && traffic.of(ours) == 0 => traffic.clone(),
            Some((name, _)) => Traffic::all_to(name),
            None if is_there(ours) && !traffic.is_empty() => Traffic::all_to(ours),
            None => traffic.clone(),
        }
    }

    /// Whether nothing is there that could serve instead of the candidate.
    pub(crate) fn has_no_way_back(&self) -> bool {
        let ours = &self.permit.pinned().plan.deployment;
        self.no_way_back.is_some()
            && !self.missing().contains(ours)
            && self.way_back() == Traffic::all_to(ours)
    }

    /// What somebody has deleted of what was to serve again.
    pub fn missing(&self) -> &[DeploymentName] {
        self.no_way_back
            .as_ref()
            .map_or(&[], |found| &found.missing)
    }

    /// Why it was to be taken back, where nothing else was there and it stayed.
    pub fn stayed_against(&self) -> Option<&WayBackCause> {
        self.stayed_against.as_deref()
    }
}
