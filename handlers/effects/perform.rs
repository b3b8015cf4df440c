//! Which file performs which effect.

use azure_api::ml::{MachineLearning, WorkspaceRef};
use azure_api::{Azure, TeamsWebhook, Webhook};
use jiff::Timestamp;
use promotion::{Effect, Entry, Failure, Intake, Promotion, Report, WorkspaceId};
use std::sync::Arc;

use super::web::Web;
use crate::settings::Settings;
use crate::ui::Links;

/// Performs effects.
pub struct Effects {
    pub(super) azure: Azure,
    pub(super) ml: MachineLearning,
    pub(super) settings: Arc<Settings>,
    pub(super) webhook: Webhook,
    pub(super) links: Links,
    /// The workspaces of the configured stages: nothing is read elsewhere on the word of a property.
    pub(super) stages: Vec<WorkspaceId>,
    pub(super) web: Web,
}

/// Whose effect it is.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// A promotion's.
    Promotion(&'a Promotion),
    /// An intake's.
    Intake(&'a Intake),
}

/// What became of an effect that was handed over.
pub enum Performed {
    /// It was tried.
    Tried(Report),
    /// It changes our own state, so the engine performs it.
    Ours,
}

impl Effects {
    /// Names the clients; nothing is called yet.
    pub fn new(
        azure: &Azure,
        settings: Arc<Settings>,
        webhook: TeamsWebhook,
        links: Links,
        stages: Vec<WorkspaceId>,
    ) -> Self {
        Self {
            azure: azure.clone(),
            ml: azure.machine_learning(),
            settings,
            webhook: azure.webhook(webhook),
            links,
            stages,
            web: Web::new(|name| std::env::var(name).ok()),
        }
    }

    /// Tries an effect once, within the deadline of its calls. Only what is measured asks what time it is.
    pub async fn perform(&self, subject: Subject<'_>, entry: &Entry, now: Timestamp) -> Performed {
        match subject {
            Subject::Promotion(promotion) => self.perform_for(promotion, entry, now).await,
            Subject::Intake(_) => self.perform_common(entry, now).await,
        }
    }

    /// Effects that carry a promotion's name, and those that do not.
    async fn perform_for(&self, promotion: &Promotion, entry: &Entry, now: Timestamp) -> Performed {
        Performed::Tried(match &entry.effect {
            Effect::CreateDeployment { .. } => self.create_deployment(promotion, entry).await,
            Effect::DeleteDeployment {
                workspace,
                endpoint,
                deployment,
                ..
            } => {
                self.delete_deployment(promotion, entry, workspace, endpoint, deployment)
                    .await
            }
            Effect::Notify { notice } => self.notify(promotion, *notice, &entry.record).await,
            _ => return self.perform_common(entry, now).await,
        })
    }

    async fn perform_common(&self, entry: &Entry, now: Timestamp) -> Performed {
        Performed::Tried(match &entry.effect {
            Effect::ObserveCandidate { candidate } => {
                self.observe_candidate(entry, candidate).await
            }
            Effect::ObserveTarget {
                workspace,
                endpoint,
                datastore,
                compute,
            } => {
                self.observe_target(workspace, endpoint, datastore.as_deref(), compute.as_ref())
                    .await
            }
            Effect::ObserveManifest { place } => self.observe_manifest(place).await,
            Effect::CopyFiles { from, to, manifest } => self.copy_files(from, to, manifest).await,
            Effect::RegisterModel { .. } => self.register_model(&entry.effect).await,
            Effect::CreateEndpoint {
                workspace,
                location,
                spec,
            } => self.create_endpoint(entry, workspace, location, spec).await,
            Effect::SmokeTest {
                workspace,
                endpoint,
                deployment,
                test,
            } => {
                self.smoke_test(entry, workspace, endpoint, deployment, test)
                    .await
            }
            // Several clients in one future: too large to lie in every caller's.
            Effect::Measure { .. } => Box::pin(self.measure(&entry.effect, now)).await,
            Effect::LoadTest { .. } => Box::pin(self.load_test(entry, now)).await,
            Effect::SetTraffic {
                workspace,
                endpoint,
                traffic,
                mirror,
            } => {
                self.set_traffic(entry, workspace, endpoint, traffic, mirror.as_ref())
                    .await
            }
            Effect::VerifyTraffic {
                workspace,
                endpoint,
                ..
            } => self.verify_traffic(workspace, endpoint).await,
            Effect::ObserveJob {
                workspace,
                run,
                model,
                output,
            } => self.observe_job(entry, workspace, run, model, output).await,
            Effect::RegisterOutput { .. } => self.register_output(&entry.effect).await,
            Effect::RecallEvidence { .. }
            | Effect::TakeTurn { .. }
            | Effect::TakeLease { .. }
            | Effect::ReleaseLease { .. }
            | Effect::EndKeepPrevious { .. }
            | Effect::OpenPromotions { .. } => return Performed::Ours,
            Effect::CreateDeployment { .. }
            | Effect::DeleteDeployment { .. }
            | Effect::Notify { .. } => Report::Failed(Failure::new(
                "NotAPromotion",
                "only a promotion deploys and notifies",
            )),
        })
    }
}

/// A workspace as the clients name it.
pub(super) fn workspace(id: &WorkspaceId) -> Result<WorkspaceRef, Report> {
    id.as_str().parse().map_err(|error| {
        Report::Failed(Failure::new(
            "NotAWorkspace",
            format!("`{id}` is not the id of a workspace: {error}"),
        ))
    })
}
