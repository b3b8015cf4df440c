//! What must hold after every story, whether it thought of it or not.

use promotion::{Aggregate as _, Attempt, Effect, EffectKey, Promotion, Stage, deployment_name};
use std::collections::HashMap;

use super::Tester;

impl Tester {
    pub(super) async fn check_afterwards(&self) {
        self.quiet().await;
        self.check_the_queue();
        // Reading them checks chains, replaying them checks that every fact has its meaning.
        let promotions = self.promotions();
        self.intakes();
        self.check_audit();
        self.check_keys();
        self.check_traffic();
        self.check_deployments(&promotions);
        self.check_leases(&promotions);
        self.check_turns(&promotions);
        self.check_markers(&promotions);
        self.check_the_log();
        self.check_calls();
    }

    /// Whatever was asked for is something that the cloud knows.
    fn check_calls(&self) {
        let calls = self.cloud.calls().into_keys();
        let unknown: Vec<_> = calls.filter(|name| name.ends_with("notBuilt")).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    fn check_the_queue(&self) {
        let queue = self.cloud.queues().view(self.queue).unwrap();
        assert!(queue.dead_letters.is_empty(), "{:?}", queue.dead_letters);
    }

    /// Whoever asks whether an effect was performed asks by its key: two that differ share none.
    fn check_keys(&self) {
        for (name, planned) in self.effects() {
            let mut effects: HashMap<EffectKey, Effect> = HashMap::new();
            for (key, effect) in planned {
                let other = effects.insert(key.clone(), effect.clone());
                let same = other.is_none_or(|other| other == effect);
                assert!(same, "{name}: {key} is the key of two effects: {effect:?}");
            }
        }
    }

    /// All of it goes somewhere, or none.
    fn check_traffic(&self) {
        for workspace in self.cloud.view().workspaces {
            for endpoint in workspace.endpoints {
                let sum: u32 = endpoint.deployments.iter().map(|d| d.weight).sum();
                assert!(sum == 0 || sum == 100, "{}: {sum} %", endpoint.name);
            }
        }
    }

    /// Ours are there only while somebody needs them.
    fn check_deployments(&self, promotions: &[Promotion]) {
        let view = self.cloud.view();
        let endpoints = view
            .workspaces
            .iter()
            .flat_map(|workspace| &workspace.endpoints);
        for deployment in endpoints.flat_map(|endpoint| &endpoint.deployments) {
            let Some((owner, attempt)) = owner(&deployment.name, promotions) else {
                assert!(
                    !deployment.name.starts_with("ll-"),
                    "{} is nobody's",
                    deployment.name
                );
                continue;
            };
            let in_use = attempt == owner.attempt() && !owner.is_closed();
            let kept = promotions
                .iter()
                .any(|other| matches!(other.stage(), Stage::Live { .. }))
                || is_last_to_finish(owner, promotions);
            assert!(
                deployment.weight > 0 || in_use || kept,
                "{} is left of {} ({})",
                deployment.name,
                owner.id(),
                owner.stage().name()
            );
        }
    }

    /// Who has ended or waits for people holds nothing.
    fn check_leases(&self, promotions: &[Promotion]) {
        for holder in self.lease_holders() {
            let owner = promotions
                .iter()
                .find(|promotion| *promotion.id() == holder)
                .unwrap();
            let may = owner.stage().rollout().is_some() && !owner.is_closed();
            assert!(
                may,
                "{holder} holds the target while it is {}",
                owner.stage().name()
            );
        }
    }

    /// Nobody asks or rolls out without the turn, so at no target do two.
    fn check_turns(&self, promotions: &[Promotion]) {
        let turns = self.turns();
        for promotion in promotions {
            let in_turn = match promotion.stage() {
                Stage::AwaitingApproval { .. }
                | Stage::Deploying(_)
                | Stage::Testing(_)
                | Stage::Shifting { .. } => turns.contains(promotion.id()),
                _ => true,
            };
            let (id, stage) = (promotion.id(), promotion.stage().name());
            assert!(in_turn, "{id} is {stage}, and the turn is of {turns:?}");
        }
    }

    /// Each promotion has one marker, in the place that its journal implies.
    fn check_markers(&self, promotions: &[Promotion]) {
        for promotion in promotions {
            let (id, open) = (promotion.id(), self.state("open/"));
            let closed = self.state("closed/");
            let is_open = open.iter().any(|name| name.ends_with(id.as_str()));
            let is_closed = closed.iter().any(|name| name.ends_with(id.as_str()));
            assert_eq!(
                (is_open, is_closed),
                (!promotion.is_closed(), promotion.is_closed()),
                "{id}: {}",
                promotion.stage().name()
            );
        }
    }

    fn check_the_log(&self) {
        let lines = self.lines.lock().unwrap();
        let panics: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("panicked"))
            .collect();
        assert!(panics.is_empty(), "{panics:?}");
    }
}

/// Nobody came after who would have deleted what it left: only other hands can have taken its traffic.
fn is_last_to_finish(owner: &Promotion, promotions: &[Promotion]) -> bool {
    let finished = |promotion: &Promotion| promotion.stage().name() == "finished";
    let newer = |other: &&Promotion| other.opened_at() > owner.opened_at();
    finished(owner) && !promotions.iter().filter(newer).any(finished)
}

/// Whose deployment this is, and of which attempt.
fn owner<'p>(name: &str, promotions: &'p [Promotion]) -> Option<(&'p Promotion, Attempt)> {
    promotions.iter().find_map(|promotion| {
        let mut attempts = (1..=promotion.attempt().number()).map(Attempt::new);
        let attempt =
            attempts.find(|attempt| deployment_name(promotion.id(), *attempt).as_str() == name)?;
        Some((promotion, attempt))
    })
}
