//! How each effect is treated: how it is safe to repeat, what must be done in the end, how long it may take and how often it is
//! looked at. A new effect has an arm in each of these.

use crate::effect::Effect;
use crate::route::{Deadlines, Route, Seconds};

/// How an effect is safe to repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectClass {
    /// Under a name that nobody else uses: what exists and is ours is adopted.
    CreateOnce,
    /// Written again until it reads back, and read once more when no delayed call can land.
    Overwrite,
    /// Gone is done; the name is never used again.
    DeleteOnce,
    /// Reading changes nothing.
    Observe,
    /// A second one says the same.
    Notify,
}

impl Effect {
    /// Reads the target of a route.
    pub(crate) fn observe_target(route: &Route) -> Self {
        Self::ObserveTarget {
            workspace: route.target.workspace.clone(),
            endpoint: route.rollout.endpoint.name.clone(),
            datastore: route.target.datastore.clone(),
            compute: route.rollout.endpoint.compute.clone(),
            serving: route.rollout.endpoint.serving,
        }
    }

    /// Its class.
    pub fn class(&self) -> EffectClass {
        match self {
            Self::CopyFiles { .. }
            | Self::RegisterModel { .. }
            | Self::TakeTurn { .. }
            | Self::TakeLease { .. }
            | Self::CreateEndpoint { .. }
            | Self::CreateDeployment { .. }
            | Self::RegisterOutput { .. }
            | Self::OpenPromotions { .. }
            | Self::TestJob { .. }
            | Self::RegisterCode { .. }
            | Self::RegisterEnvironment { .. } => EffectClass::CreateOnce,
            Self::SetTraffic { .. } => EffectClass::Overwrite,
            Self::ReleaseLease { .. } | Self::DeleteDeployment { .. } => EffectClass::DeleteOnce,
            Self::ObserveCandidate { .. }
            | Self::ObserveTarget { .. }
            | Self::RecallEvidence { .. }
            | Self::ObserveManifest { .. }
            | Self::SmokeTest { .. }
            | Self::Measure { .. }
            | Self::VerifyTraffic { .. }
            | Self::ProveWayBack { .. }
            | Self::ObserveJob { .. }
            | Self::LoadTest { .. }
            | Self::SeeVoters { .. } => EffectClass::Observe,
            Self::EndKeepPrevious { .. } | Self::Notify { .. } => EffectClass::Notify,
        }
    }

    /// Whether it is asked for again where there is nothing to give up to: on the way back, once live, and while tidying up.
    /// Without the others the target is as it should be.
    pub(crate) fn must_be_done(&self) -> bool {
        match self {
            Self::TakeLease { .. }
            | Self::ReleaseLease { .. }
            | Self::SetTraffic { .. }
            | Self::VerifyTraffic { .. }
            | Self::DeleteDeployment { .. } => true,
            // A rollback by hand asks who serves, and goes on where nobody can tell.
            Self::ObserveTarget { .. }
            | Self::CreateEndpoint { .. }
            | Self::CreateDeployment { .. }
            | Self::RegisterModel { .. }
            | Self::EndKeepPrevious { .. }
            | Self::Notify { .. }
            // By then nobody wants these any more.
            | Self::ObserveCandidate { .. }
            | Self::RecallEvidence { .. }
            | Self::ObserveManifest { .. }
            | Self::CopyFiles { .. }
            | Self::TakeTurn { .. }
            | Self::SmokeTest { .. }
            | Self::Measure { .. }
            | Self::ProveWayBack { .. }
            | Self::ObserveJob { .. }
            | Self::RegisterOutput { .. }
            | Self::OpenPromotions { .. }
            | Self::TestJob { .. }
            | Self::RegisterCode { .. }
            | Self::RegisterEnvironment { .. }
            | Self::LoadTest { .. }
            | Self::SeeVoters { .. } => false,
        }
    }

    /// Its name in keys, spans, docs and counters.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ObserveCandidate { .. } => "observe-candidate",
            Self::ObserveTarget { .. } => "observe-target",
            Self::RecallEvidence { .. } => "recall-evidence",
            Self::ObserveManifest { .. } => "observe-manifest",
            Self::CopyFiles { .. } => "copy-files",
            Self::RegisterModel { .. } => "register-model",
            Self::TakeTurn { .. } => "take-turn",
            Self::TakeLease { .. } => "take-lease",
            Self::ReleaseLease { .. } => "release-lease",
            Self::CreateEndpoint { .. } => "create-endpoint",
            Self::CreateDeployment { .. } => "create-deployment",
            Self::SmokeTest { .. } => "smoke-test",
            Self::Measure { .. } => "measure",
            Self::SetTraffic { .. } => "set-traffic",
            Self::VerifyTraffic { .. } => "verify-traffic",
            Self::ProveWayBack { .. } => "prove-way-back",
            Self::DeleteDeployment { .. } => "delete-deployment",
            Self::EndKeepPrevious { .. } => "end-keep-previous",
            Self::Notify { .. } => "notify",
            Self::ObserveJob { .. } => "observe-job",
            Self::RegisterOutput { .. } => "register-output",
            Self::OpenPromotions { .. } => "open-promotions",
            Self::TestJob { .. } => "test-job",
            Self::RegisterCode { .. } => "register-code",
            Self::RegisterEnvironment { .. } => "register-environment",
            Self::LoadTest { .. } => "load-test",
            Self::SeeVoters { .. } => "see-voters",
        }
    }

    /// How long it may fail or run before the promotion gives up on it, or tells people where it must not give up.
    pub(crate) fn patience(&self, deadlines: &Deadlines) -> Seconds {
        match self {
            Self::CopyFiles { .. } => deadlines.copy,
            Self::CreateEndpoint { .. } | Self::CreateDeployment { .. } => deadlines.deployment,
            Self::TakeTurn { .. } | Self::TakeLease { .. } => deadlines.turn,
            Self::SetTraffic { .. } | Self::VerifyTraffic { .. } | Self::ReleaseLease { .. } => {
                deadlines.traffic
            }
            Self::Notify { .. } | Self::EndKeepPrevious { .. } => deadlines.messages,
            Self::ObserveCandidate { .. }
            | Self::ObserveTarget { .. }
            | Self::RecallEvidence { .. }
            | Self::ObserveManifest { .. }
            | Self::RegisterModel { .. }
            | Self::SmokeTest { .. }
            | Self::Measure { .. }
            | Self::ProveWayBack { .. }
            | Self::DeleteDeployment { .. }
            | Self::ObserveJob { .. }
            | Self::RegisterOutput { .. }
            | Self::OpenPromotions { .. }
            | Self::RegisterCode { .. }
            | Self::RegisterEnvironment { .. }
            | Self::SeeVoters { .. }
            | Self::LoadTest { .. } => deadlines.calls,
            Self::TestJob { test, .. } => test.timeout,
        }
    }

    /// Not to be performed before this.
    pub(crate) fn not_before(&self) -> Option<jiff::Timestamp> {
        match self {
            Self::VerifyTraffic { not_before, .. } => Some(*not_before),
            Self::DeleteDeployment { not_before, .. } => *not_before,
            _ => None,
        }
    }

    /// How often a running operation is asked for.
    pub(crate) fn poll_every(&self) -> Seconds {
        match self {
            Self::TakeTurn { .. } | Self::TakeLease { .. } => Seconds(30),
            // Each try copies for a while by itself; only the turn is passed on in between.
            Self::CopyFiles { .. } => Seconds(1),
            _ => Seconds(10),
        }
    }
}
