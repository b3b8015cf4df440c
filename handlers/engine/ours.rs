//! Effects on our own state: leases, another promotion's journal, new promotions.

use jiff::Timestamp;
use promotion::{
    Candidate, Cause, Effect, Entry, Event, Failure, IntakeId, ModelName, ModelVersion, Opening,
    Outcome, Promotion, PromotionId, Report, WorkspaceId,
};
use std::collections::BTreeMap;

use super::runtime::{Engine, EngineError};
use crate::config::TriggerRule;
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
            (Effect::TakeLease { target, urgent }, Subject::Promotion(p)) => {
                self.take_lease(p, target, *urgent, now).await
            }
            (Effect::ReleaseLease { target }, Subject::Promotion(p)) => {
                self.release_lease(p, target).await
            }
            (Effect::RecallEvidence { promotion }, _) => self.recall_evidence(promotion).await,
            (Effect::EndKeepPrevious { promotion }, Subject::Promotion(p)) => {
                self.end_keep_previous(promotion, p).await
            }
            (
                Effect::OpenPromotions {
                    workspace,
                    model,
                    version,
                },
                _,
            ) => self.open_promotions(workspace, model, version).await,
            (other, _) => Ok(Report::Failed(Failure::new(
                "NotOurs",
                format!("`{}` is not an effect on our state", other.kind()),
            ))),
        };
        done.unwrap_or_else(|error| Report::Retry(Failure::new("State", format!("{error}"))))
    }

    /// The metrics that an earlier promotion was judged by. Where its journal is not here, there are none.
    async fn recall_evidence(&self, id: &PromotionId) -> Result<Report, EngineError> {
        let metrics = match self.load_promotion(id).await {
            Ok((promotion, _)) => promotion
                .stage()
                .pinned()
                .map(judged_by)
                .unwrap_or_default(),
            Err(EngineError::Unknown(_)) => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Report::Done(Outcome::EvidenceRecalled { metrics }))
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

    async fn open_promotions(
        &self,
        workspace: &WorkspaceId,
        model: &ModelName,
        version: &ModelVersion,
    ) -> Result<Report, EngineError> {
        let mut promotions = Vec::new();
        for configured in &self.config.routes {
            let route = &configured.route;
            let takes_jobs = configured.triggers.iter().any(|rule| {
                matches!(
                    rule,
                    TriggerRule::JobCompleted { .. } | TriggerRule::ModelRegistered
                )
            });
            if route.source.workspace != *workspace || route.model != *model || !takes_jobs {
                continue;
            }
            let candidate = Candidate {
                workspace: workspace.clone(),
                model: model.clone(),
                version: version.clone(),
            };
            let cause = Cause::Intake {
                intake: IntakeId::new(format!("{model}:{version}")),
            };
            let (id, _) = self
                .open_promotion(Opening {
                    candidate,
                    route: route.clone(),
                    cause,
                })
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
