//! How a promotion ends, and why it goes back.

use serde::{Deserialize, Serialize};

use crate::analysis::{self, AnalysisId, Measurement};
use crate::batch::Shortfall;
use crate::drift::Drift;
use crate::gate::Verdict;
use crate::ids::{DeploymentName, PromotionId};
use crate::ledger::Failure;
use crate::load_test::LoadReply;
use crate::notice::Notice;
use crate::people::Person;
use crate::report::SmokeReply;
use crate::traffic::Traffic;

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "ending",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Ending {
    /// A gate said no, or could not say yes.
    Blocked {
        /// What each gate said.
        verdicts: Vec<Verdict>,
    },
    /// Somebody refused.
    Rejected {
        /// Who.
        by: Person,
        /// Why.
        comment: String,
    },
    /// Nobody answered in time.
    Expired,
    /// A candidate that outranks it took its place.
    Superseded {
        /// Which.
        by: PromotionId,
    },
    /// Another one had the turn at its target, and its route does not wait.
    Refused {
        /// Which.
        by: PromotionId,
    },
    /// Its target is held, and its route does not wait.
    Held {
        /// By whom and why.
        reason: String,
    },
    /// What was agreed to is not what is there.
    Voided {
        /// What differs.
        detail: String,
    },
    /// Somebody stopped it.
    Aborted {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// A copy, a registration or a deadline, before any traffic.
    Failed {
        /// Where.
        at: FailedAt,
        /// What.
        failure: Failure,
    },
    /// The champion serves again.
    RolledBack {
        /// Why.
        cause: WayBackCause,
    },
    /// Live, and the way back is closed.
    Finished {
        /// The newer promotion that closed it before its time.
        by: Option<PromotionId>,
    },
}

/// Where a promotion failed, so that `replay` knows where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailedAt {
    /// While evidence was gathered.
    Gating,
    /// While files were copied.
    Copying,
    /// While the version was registered.
    Registering,
    /// While the endpoint was made ready.
    WaitingForTarget,
}

/// Why a rollout goes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "cause",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum WayBackCause {
    /// The deployment did not come up.
    DeploymentFailed {
        /// What Azure said.
        failure: Failure,
    },
    /// The candidate did not answer as it should.
    SmokeTestFailed {
        /// What it answered.
        reply: SmokeReply,
    },
    /// A call that the rollout needs failed for good.
    StepFailed {
        /// What was said.
        failure: Failure,
    },
    /// It was measured, and it is worse; or it could not be measured.
    AnalysisFailed {
        /// In which analysis.
        analysis: AnalysisId,
        /// Its metric.
        metric: String,
        /// What that came to.
        verdict: analysis::Verdict,
        /// The measurement that decided it.
        measurement: Option<Measurement>,
    },
    /// Somebody else changes the traffic; what earlier releases went back for.
    TrafficDisputed {
        /// What was found.
        found: Traffic,
    },
    /// Somebody else has changed the endpoint or its deployments.
    Drifted {
        /// What was found.
        drift: Box<Drift>,
    },
    /// Before it had any traffic: what would serve again could not.
    WayBackBroken {
        /// Which.
        deployment: DeploymentName,
        /// Why not.
        problem: String,
    },
    /// A person said so.
    ByHand {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// A person stopped it.
    Aborted {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// What was agreed to is not what is there.
    Voided {
        /// What differs.
        detail: String,
    },
    /// Its test job did not come to what the champion's did, or to what the route wants.
    JobTestFailed {
        /// What its result lacks.
        shortfall: Shortfall,
    },
    /// The candidate did not bear the load.
    LoadTestFailed {
        /// What that came to.
        reply: LoadReply,
    },
}

impl Ending {
    /// Its name in the journal, on pages and in listings.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Blocked { .. } => "blocked",
            Self::Rejected { .. } => "rejected",
            Self::Expired => "expired",
            Self::Superseded { .. } => "superseded",
            Self::Refused { .. } | Self::Held { .. } => "refused",
            Self::Voided { .. } => "voided",
            Self::Aborted { .. } => "aborted",
            Self::Failed { .. } => "failed",
            Self::RolledBack { .. } => "rolled back",
            Self::Finished { .. } => "finished",
        }
    }

    /// What people are told of it; of a way back that closes in peace, nothing.
    pub(crate) fn notice(&self) -> Option<Notice> {
        match self {
            Self::Blocked { .. } => Some(Notice::Blocked),
            Self::Rejected { .. } => Some(Notice::Rejected),
            Self::Expired => Some(Notice::Expired),
            Self::Superseded { .. } => Some(Notice::Superseded),
            Self::Refused { .. } | Self::Held { .. } => Some(Notice::Refused),
            Self::Voided { .. } => Some(Notice::Voided),
            Self::Aborted { .. } => Some(Notice::Aborted),
            Self::Failed { .. } => Some(Notice::Failed),
            Self::RolledBack { .. } => Some(Notice::RolledBack),
            Self::Finished { .. } => None,
        }
    }
}

impl WayBackCause {
    /// How the way back ends.
    pub(crate) fn ending(&self) -> Ending {
        match self {
            Self::Aborted { by, reason } => Ending::Aborted {
                by: by.clone(),
                reason: reason.clone(),
            },
            Self::Voided { detail } => Ending::Voided {
                detail: detail.clone(),
            },
            Self::DeploymentFailed { .. }
            | Self::SmokeTestFailed { .. }
            | Self::JobTestFailed { .. }
            | Self::StepFailed { .. }
            | Self::AnalysisFailed { .. }
            | Self::TrafficDisputed { .. }
            | Self::Drifted { .. }
            | Self::WayBackBroken { .. }
            | Self::ByHand { .. }
            | Self::LoadTestFailed { .. } => Ending::RolledBack {
                cause: self.clone(),
            },
        }
    }
}
