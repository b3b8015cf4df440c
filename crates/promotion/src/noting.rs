//! What is noted of effects beside their outcomes: what one may have done from the moment it is planned, that people were told, that
//! one is looked at again, done without, or tried for ever.

use jiff::Timestamp;

use crate::chain::Line;
use crate::effect::{Effect, EffectKey};
use crate::ledger::{Entry, Failure};
use crate::notice::Notice;
use crate::promotion::{Promotion, Stuck};
use crate::record::Fact;
use crate::report::Outcome;
use crate::stage::{Deployed, Findings, Lease, Stage};
use crate::traffic::TrafficWrite;
use crate::turn::Turn;

impl Promotion {
    /// Notes what an effect may have done from the moment it is planned.
    pub(crate) fn expect_effect(&mut self, effect: &Effect, line: &Line<Fact>) {
        let Some(rollout) = self.stage.rollout_mut() else {
            return;
        };
        match effect {
            Effect::TakeLease { .. } => rollout.lease = Lease::Asked,
            Effect::CreateDeployment { .. } => {
                rollout.deployment = Deployed::Asked;
                rollout.created_at = Some(line.at);
            }
            Effect::SetTraffic {
                traffic, mirror, ..
            } => {
                let instead_of = rollout.found_instead();
                rollout.note_write(TrafficWrite {
                    traffic: traffic.clone(),
                    mirror: mirror.clone(),
                    at: line.at,
                    settled: false,
                    withdrawn: false,
                    instead_of,
                    before: None,
                });
                rollout.drifted = None;
                rollout.verified = None;
                let ours = &rollout.permit.pinned().plan.deployment;
                rollout.had_traffic |= traffic.of(ours) > 0;
            }
            _ => {}
        }
    }

    /// Notes what is tried again for ever.
    pub(crate) fn note_stuck(&mut self, effect: &Effect, failure: &Failure) {
        if effect.must_be_done() {
            let told = self.stuck.as_ref().is_some_and(|stuck| stuck.told);
            self.stuck = Some(Box::new(Stuck {
                kind: effect.kind(),
                failure: failure.clone(),
                told,
            }));
        }
        // Nobody can tell whether a release that failed has happened.
        if let (Some(rollout), Effect::ReleaseLease { .. }) = (self.stage.rollout_mut(), effect) {
            rollout.lease = Lease::Asked;
        }
    }

    /// Before what has waited for clearance is tried, everything that it rests on is looked at again.
    pub(crate) fn look_again(&mut self, dropped: &EffectKey) {
        let entry = self.ledger.get(dropped);
        let stale = entry.is_some_and(|entry| self.looks_again_before(entry));
        match &mut self.stage {
            Stage::Copying(copy) if stale => {
                copy.voters = None;
                copy.source_seen = None;
            }
            Stage::Shifting { rollout, .. } if stale => {
                rollout.withdraw_write();
                rollout.look_again();
                rollout.way_back_proof = None;
            }
            _ => {}
        }
    }

    pub(crate) fn note_told(&mut self, effect: &Effect, at: Timestamp) {
        if let (Stage::Shifting { rollout, step, .. }, Effect::Notify { notice }) =
            (&mut self.stage, effect)
        {
            match (notice, &mut rollout.unsure) {
                (Notice::Inconclusive, Some(unsure)) if unsure.asked.is_none() => {
                    unsure.asked = Some(at);
                }
                (Notice::Paused | Notice::Inconclusive, _) => {
                    rollout.asked_to_resume = Some((*step, at));
                }
                (Notice::Drifted, _) => {
                    if let Some(drifted) = &mut rollout.drifted {
                        drifted.asked = Some(at);
                        drifted.asked_first.get_or_insert(at);
                    }
                }
                _ => {}
            }
        }
        if let (Stage::AwaitingApproval { question, .. }, Effect::Notify { notice }) =
            (&mut self.stage, effect)
        {
            question.note_told(*notice, at);
        }
        let about_that = matches!(
            effect,
            Effect::Notify {
                notice: Notice::Stuck
            }
        );
        if let (Some(stuck), true) = (&mut self.stuck, about_that) {
            stuck.told = true;
        }
    }

    /// Notes what is not asked for again, though it failed for good.
    pub(crate) fn do_without(&mut self, effect: &Effect) {
        match (&mut self.stage, effect) {
            (Stage::Live { rollout, .. }, Effect::EndKeepPrevious { .. }) => {
                rollout.predecessor_told = true;
            }
            (Stage::RollingBack { rollout, .. }, Effect::ObserveTarget { .. }) => {
                rollout.verified = None;
            }
            _ => {}
        }
    }

    /// Whatever is recorded of an effect that changes the target: until then a call of it may have been sent, by whoever
    /// tried it, and that may land late.
    pub(crate) fn a_call_may_land(&mut self, line: &Line<Fact>) {
        let entry = line.fact.effect_key().and_then(|key| self.ledger.get(key));
        let Some((entry, rollout)) = entry.zip(self.stage.rollout_mut()) else {
            return;
        };
        match (&entry.effect, &mut rollout.traffic) {
            (Effect::SetTraffic { .. }, Some(write)) => write.at = line.at,
            (Effect::CreateDeployment { .. }, _) => rollout.created_at = Some(line.at),
            _ => {}
        }
    }

    pub(crate) fn note_turn(&mut self, entry: &Entry, outcome: &Outcome) {
        self.turn = match outcome {
            Outcome::TurnTaken => Turn::Ours,
            Outcome::TurnSuperseded { by } => Turn::Superseded { by: by.clone() },
            Outcome::TurnRefused { by } => Turn::Refused { by: by.clone() },
            Outcome::TurnHeld { reason } => Turn::Held {
                reason: reason.clone(),
            },
            _ => return,
        };
        // Whoever had to wait, or could not tell who serves, is judged anew: it may be clear by now, and another.
        if let (Turn::Ours, Stage::Gating(findings)) = (&self.turn, &mut self.stage)
            && (entry.trouble.is_some() || findings.is_unclear())
        {
            **findings = Findings::default();
        }
    }
}
