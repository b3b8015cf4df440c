//! Which file performs which effect.

use azure_api::Azure;
use azure_api::ml::{MachineLearning, WorkspaceRef};
use jiff::Timestamp;
use promotion::{Effect, Entry, Failure, Intake, Promotion, Report, WorkspaceId};
use std::sync::Arc;

use super::channel::Channel;
use super::prove_way_back::Question;
use super::set_traffic::Wanted;
use super::web::Web;
use crate::config::{CodeFolder, TeamsChannel};
use crate::identity::Directory;
use crate::settings::Settings;
use crate::state::CardStore;
use crate::ui::Links;

/// Performs effects.
pub struct Effects {
    pub(super) azure: Azure,
    pub(super) ml: MachineLearning,
    pub(super) settings: Arc<Settings>,
    pub(super) channel: Channel,
    pub(super) directory: Arc<Directory>,
    pub(super) cards: CardStore,
    pub(super) links: Links,
    /// The workspaces of the configured stages: nothing is read elsewhere on the word of a property.
    pub(super) stages: Vec<WorkspaceId>,
    /// The code that deployments bring along, as this release has it.
    pub(super) code: Vec<CodeFolder>,
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
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a place that effects reach"
    )]
    pub fn new(
        azure: &Azure,
        settings: Arc<Settings>,
        channel: &TeamsChannel,
        directory: Arc<Directory>,
        cards: CardStore,
        links: Links,
        stages: Vec<WorkspaceId>,
        code: Vec<CodeFolder>,
    ) -> Self {
        Self {
            azure: azure.clone(),
            ml: azure.machine_learning(),
            settings,
            channel: Channel::new(azure, channel),
            directory,
            cards,
            links,
            stages,
            code,
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
            Effect::CreateDeployment { .. } => {
                Box::pin(self.create_deployment(promotion, entry)).await
            }
            Effect::DeleteDeployment {
                workspace,
                endpoint,
                deployment,
                serving,
                ..
            } => {
                self.delete_deployment(promotion, entry, workspace, endpoint, deployment, *serving)
                    .await
            }
            Effect::Notify { notice } => self.notify(promotion, *notice, entry).await,
            _ => return self.perform_common(entry, now).await,
        })
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each effect")]
    async fn perform_common(&self, entry: &Entry, now: Timestamp) -> Performed {
        Performed::Tried(match &entry.effect {
            Effect::SeeVoters { relied } => self.see_voters(relied).await,
            Effect::ObserveCandidate { candidate } => {
                self.observe_candidate(entry, candidate).await
            }
            Effect::ObserveTarget {
                workspace,
                endpoint,
                datastore,
                compute,
                serving,
            } => {
                let (datastore, compute) = (datastore.as_deref(), compute.as_ref());
                self.observe_target(workspace, endpoint, datastore, compute, *serving)
                    .await
            }
            Effect::ObserveManifest { place } => self.observe_manifest(place).await,
            Effect::CopyFiles { from, to, manifest } => self.copy_files(from, to, manifest).await,
            Effect::RegisterModel { .. } => self.register_model(&entry.effect).await,
            // Large too, and rare.
            Effect::RegisterCode { .. } => Box::pin(self.register_code(&entry.effect)).await,
            Effect::RegisterEnvironment { .. } => {
                Box::pin(self.register_environment(&entry.effect)).await
            }
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
            Effect::TestJob {
                workspace,
                endpoint,
                test,
                job,
            } => self.test_job(entry, workspace, endpoint, test, job).await,
            // Several clients in one future: too large to lie in every caller's.
            Effect::Measure { .. } => Box::pin(self.measure(&entry.effect, now)).await,
            Effect::LoadTest { .. } => Box::pin(self.load_test(entry, now)).await,
            Effect::SetTraffic {
                workspace,
                endpoint,
                traffic,
                mirror,
                expects,
                serving,
            } => {
                let wanted = Wanted {
                    traffic,
                    mirror: mirror.as_ref(),
                    expects: expects.as_deref(),
                };
                Box::pin(self.set_traffic(entry, workspace, endpoint, wanted, *serving)).await
            }
            Effect::ProveWayBack {
                workspace,
                endpoint,
                back,
                request,
                serving,
            } => {
                let question = Question {
                    entry,
                    endpoint,
                    request: request.as_ref(),
                    serving: *serving,
                };
                Box::pin(self.prove_way_back(workspace, &question, back)).await
            }
            Effect::VerifyTraffic {
                workspace,
                endpoint,
                serving,
                expects,
                ..
            } => {
                let verified = self.verify_traffic(workspace, endpoint, *serving, expects);
                Box::pin(verified).await
            }
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
