//! What outcomes change: each stage keeps of them what its readers need, and lets the rest pass.

use crate::chain::Line;
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ledger::Entry;
use crate::record::Fact;
use crate::report::Outcome;
use crate::stage::{Copy, Deployed, Findings, Lease, Registered, Rollout, Stage};
use crate::traffic::TrafficWrite;
use crate::way_back::NoWayBack;

impl Findings {
    /// Whether nobody could tell who serves.
    pub(crate) fn is_unclear(&self) -> bool {
        matches!(self.target, Some((_, Champion::Unclear { .. })))
    }

    pub(crate) fn absorb(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::CandidateSeen { .. } => self.candidate = Some(outcome.clone()),
            Outcome::TargetSeen { landing, champion } => {
                self.target = Some((landing.clone(), champion.clone()));
            }
            Outcome::EvidenceRecalled { metrics } => {
                self.recalled = true;
                if let Some((_, Champion::Serving(serving))) = &mut self.target {
                    serving.journaled.clone_from(metrics);
                }
            }
            _ => {}
        }
    }
}

impl Stage {
    /// Notes that a try has failed which may have copied something: one that was held up has not begun.
    pub(crate) fn note_tried(&mut self, entry: Option<&Entry>) {
        let copies = |entry: &&Entry| matches!(entry.effect, Effect::CopyFiles { .. });
        if let (Self::Copying(copy), Some(entry)) = (self, entry.filter(copies)) {
            copy.tried |= !entry.is_held_up();
        }
    }
}

impl Copy {
    pub(crate) fn absorb(&mut self, effect: &Effect, outcome: &Outcome) {
        match (effect, outcome) {
            (_, Outcome::Copied) => self.copied = true,
            (_, Outcome::VotersSeen { relied }) => {
                if self.permit.is_carried_without_override(relied) {
                    self.permit.fall_back(relied);
                }
                self.voters = Some(relied.clone());
            }
            (Effect::ObserveManifest { place }, Outcome::ManifestSeen { manifest }) => {
                if place == &self.permit.pinned().plan.destination {
                    self.landed = Some(manifest.clone());
                } else {
                    self.source_seen = Some(manifest.clone());
                }
            }
            _ => {}
        }
    }
}

impl Registered {
    pub(crate) fn absorb(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Registered => self.model = true,
            Outcome::CodeRegistered { .. } => self.code = true,
            Outcome::EnvironmentRegistered { .. } => self.environment = true,
            _ => {}
        }
    }
}

impl Rollout {
    pub(crate) fn absorb(&mut self, outcome: &Outcome, line: &Line<Fact>) {
        match outcome {
            Outcome::LeaseTaken => self.lease = Lease::Held,
            Outcome::LeaseReleased => self.lease = Lease::Free,
            Outcome::TargetSeen { landing, champion } => {
                self.target_seen = Some((landing.clone(), champion.clone()));
            }
            Outcome::EndpointReady => self.endpoint_ready = true,
            Outcome::ManifestSeen { manifest } => self.landed_seen = Some(manifest.clone()),
            Outcome::DeploymentReady => self.deployment = Deployed::Ready,
            Outcome::SmokeTested(reply) => self.smoke = Some(reply.clone()),
            Outcome::WayBackSeen(proof) => self.way_back_proof = Some(proof.clone()),
            Outcome::JobTested(reply) => self.jobs.push(reply.clone()),
            Outcome::LoadTested(reply) => self.load = Some(reply.clone()),
            Outcome::TrafficSet => {
                if let Some(write) = &mut self.traffic {
                    write.settled = true;
                    write.at = line.at;
                    let ours = &self.permit.pinned().plan.deployment;
                    if write.traffic.of(ours) > 0 {
                        self.served_since.get_or_insert(line.at);
                    }
                }
            }
            Outcome::DeploymentMissing {
                deployment,
                traffic,
            } => {
                let mut missing = self.missing().to_vec();
                missing.push(deployment.clone());
                self.no_way_back = Some(NoWayBack {
                    missing,
                    traffic: traffic.clone(),
                });
                self.traffic = Some(TrafficWrite {
                    traffic: traffic.clone(),
                    mirror: self.permit.pinned().plan.mirrored(0),
                    at: line.at,
                    settled: true,
                    withdrawn: false,
                    instead_of: None,
                    before: None,
                });
            }
            Outcome::TrafficSeen {
                traffic, copied, ..
            } => {
                let wanted = self
                    .traffic
                    .as_ref()
                    .is_some_and(|write| write.withdrawn || write.traffic == *traffic);
                self.disputes = self.disputes.saturating_add(u8::from(!wanted));
                // What has traffic, or copies, is there, though it was left alone when it was to be deleted.
                let ours = &self.permit.pinned().plan.deployment;
                if self.deployment == Deployed::Gone
                    && (traffic.of(ours) > 0 || copied.of(ours) > 0)
                {
                    self.deployment = Deployed::Asked;
                }
                self.copied = copied.of(ours);
                self.verified = Some(traffic.clone());
            }
            Outcome::Deleted | Outcome::LeftAlone { .. } => {
                self.deployment = Deployed::Gone;
                self.gone_at = Some(line.at);
            }
            Outcome::EndpointGone => {
                self.traffic = None;
                self.deployment = Deployed::Gone;
                // Nothing can be made where there is no endpoint.
                self.created_at = None;
            }
            Outcome::KeepPreviousEnded => self.predecessor_told = true,
            Outcome::VotersSeen { relied } => {
                if self.permit.is_carried_without_override(relied) {
                    self.permit.lapse();
                }
                self.voters = Some(relied.clone());
            }
            _ => {}
        }
    }
}
