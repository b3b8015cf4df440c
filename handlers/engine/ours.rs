//! Effects on our own state: turns, leases, another promotion's journal, new promotions.

use jiff::Timestamp;
use promotion::{
    Candidate, Cause, Effect, Entry, Event, Failure, Intake, ModelVersion, Opening, Outcome,
    Promotion, PromotionId, Report,
};
use std::collections::BTreeMap;

use super::holds::hold_of;
use super::opening::{Delivery, Expected};
use super::runtime::{Engine, EngineError};
use crate::causes::chain;
use crate::effects::Subject;
use crate::state::JournalName;

impl Engine {
    /// Performs an effect that `effects/` leaves to the engine.
    pub(super) async fn perform_ours(
        &self,
        subject: Subject<'_>,
        entry: &Entry,
        now: Timestamp,
    ) -> Report {
        let done = match (&entry.effect, subject) {
            (
                Effect::TakeTurn {
                    target,
                    concurrency,
                },
                Subject::Promotion(p),
            ) => self.take_turn_at(p, target, *concurrency, now).await,
            (Effect::TakeLease { target, urgent }, Subject::Promotion(p)) => {
                self.take_lease(p, target, *urgent, now).await
            }
            (Effect::ReleaseLease { target, hold }, Subject::Promotion(p)) => {
                let hold = hold.as_deref();
                let hold = hold.map(|cause| hold_of(p, p.attempt(), cause, entry.planned_at));
                self.release_lease(p, target, hold).await
            }
            (Effect::RecallEvidence { promotion }, _) => self.recall_evidence(promotion).await,
            (Effect::EndKeepPrevious { promotion }, Subject::Promotion(p)) => {
                self.end_keep_previous(promotion, p).await
            }
            (Effect::OpenPromotions { version, .. }, Subject::Intake(intake)) => {
                self.open_promotions(intake, version).await
            }
            (other, _) => Ok(Report::Failed(Failure::new(
                "NotOurs",
                format!("`{}` is not an effect on our state", other.kind()),
            ))),
        };
        done.unwrap_or_else(|error| Report::Retry(Failure::new("State", chain(&error))))
    }

    /// The metrics that an earlier promotion was judged by. Where its journal is not here, there are none.
    async fn recall_evidence(&self, id: &PromotionId) -> Result<Report, EngineError> {
        let metrics = self.recalled(id).await?;
        Ok(Report::Done(Outcome::EvidenceRecalled { metrics }))
    }

    pub(super) async fn recalled(
        &self,
        id: &PromotionId,
    ) -> Result<BTreeMap<String, f64>, EngineError> {
        match self.load_promotion(id).await {
            Ok((promotion, _)) => {
                let pinned = promotion.stage().pinned();
                Ok(pinned.map(judged_by).unwrap_or_default())
            }
            Err(EngineError::Unknown(_)) => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    async fn end_keep_previous(
        &self,
        id: &PromotionId,
        by: &Promotion,
    ) -> Result<Report, EngineError> {
        let by = by.id().clone();
        match self
            .tell(&JournalName::promotion(id), &|_| Event::Overtaken {
                by: by.clone(),
            })
            .await
        {
            // Refused or unknown: it has no way back that could be ended.
            Ok(_) | Err(EngineError::Unknown(_)) => Ok(Report::Done(Outcome::KeepPreviousEnded)),
            Err(error) => Err(error),
        }
    }

    /// The promotions that the registered version's own event opens, and those of routes that take the job.
    async fn open_promotions(
        &self,
        intake: &Intake,
        version: &ModelVersion,
    ) -> Result<Report, EngineError> {
        let job = intake.job();
        let mut promotions = Vec::new();
        for configured in self
            .config
            .routes
            .iter()
            .filter(|configured| configured.takes(job))
        {
            let candidate = Candidate {
                workspace: job.workspace.clone(),
                model: job.model.clone(),
                version: version.clone(),
            };
            let cause = Cause::Intake {
                intake: intake.id().clone(),
                again: intake.again().cloned(),
            };
            let opening = Opening {
                candidate,
                route: configured.route.clone(),
                cause,
            };
            let (id, _) = self
                .open_promotion(opening, Expected::Unknown, Delivery::Repeated)
                .await?;
            promotions.push(id);
        }
        Ok(Report::Done(Outcome::PromotionsOpened { promotions }))
    }
}

/// The values that the gates judged, by metric.
fn judged_by(pinned: &promotion::Pinned) -> BTreeMap<String, f64> {
    let value = |verdict: &promotion::Verdict| {
        verdict
            .value
            .as_ref()
            .map(|evidence| (verdict.gate.metric().to_owned(), evidence.value))
    };
    pinned.verdicts.iter().filter_map(value).collect()
}
