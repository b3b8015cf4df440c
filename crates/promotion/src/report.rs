//! What comes of effects: of one try at an effect a report, of its end an outcome.
//!
//! An outcome is a fact of the journal: what was found or done, so that nothing has to be asked a second time. A new one
//! needs a line in `absorb.rs`, where each stage keeps of it what its readers need.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::analysis::Taken;
use crate::asset::Registration;
use crate::batch::JobReply;
use crate::candidate::SourceModel;
use crate::champion::Champion;
use crate::drift::{ChangedDeployment, Drift, LastChange, Look};
use crate::evidence::CandidateEvidence;
use crate::ids::{DeploymentName, PromotionId};
use crate::ledger::Failure;
use crate::load_test::LoadReply;
use crate::manifest::Manifest;
use crate::traffic::Traffic;
use crate::voters::Relied;

/// What came of one try at an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// Azure works on it; ask at this URL.
    Submitted {
        /// The operation's status URL.
        operation: String,
    },
    /// Nothing new: ask again later.
    StillRunning,
    /// Cannot be done yet for a reason that people should see.
    Waiting(Failure),
    /// Done.
    Done(Outcome),
    /// Failed in a way that trying again may mend.
    Retry(Failure),
    /// Failed for good.
    Failed(Failure),
    /// It has clearance now, having waited for it: what it rests on is to be looked at again first. It was not tried.
    Cleared,
}

/// What was found or done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Outcome {
    /// The candidate as its workspace describes it.
    CandidateSeen {
        /// Where it came from.
        source: SourceModel,
        /// Its files.
        manifest: Manifest,
        /// Its metrics.
        evidence: CandidateEvidence,
    },
    /// The target as it is.
    TargetSeen {
        /// Where things go there.
        landing: Landing,
        /// Who serves.
        champion: Champion,
    },
    /// An earlier promotion's metrics; none where its journal has none.
    EvidenceRecalled {
        /// By name.
        #[serde(with = "crate::number::by_name")]
        metrics: BTreeMap<String, f64>,
    },
    /// A folder's files.
    ManifestSeen {
        /// The files.
        manifest: Manifest,
    },
    /// All files are there.
    Copied,
    /// The version is there and ours.
    Registered,
    /// It is our turn to ask about the target.
    TurnTaken,
    /// It will not be our turn: one that outranks this candidate has it or waits for it.
    TurnSuperseded {
        /// Which.
        by: PromotionId,
    },
    /// It is another one's turn, and the route does not wait.
    TurnRefused {
        /// Which.
        by: PromotionId,
    },
    /// The target is held, and the route does not wait.
    TurnHeld {
        /// By whom and why.
        reason: String,
    },
    /// The target is ours to change.
    LeaseTaken,
    /// It is anybody's.
    LeaseReleased,
    /// The endpoint serves requests.
    EndpointReady,
    /// The deployment answers.
    DeploymentReady,
    /// The deployment answered the smoke test, well or not.
    SmokeTested(SmokeReply),
    /// It was measured, or it could not be.
    Measured {
        /// Each metric that was due.
        taken: Vec<Taken>,
        /// What the endpoint showed then.
        #[serde(default, skip_serializing_if = "Look::is_not_taken")]
        target: Look,
    },
    /// The traffic reads as wanted.
    TrafficSet,
    /// It was not touched, for it does not show what was expected.
    Drifted(Box<Drift>),
    /// What would serve again was looked at.
    WayBackSeen(WayBackProof),
    /// A deployment that was to have traffic is not there.
    DeploymentMissing {
        /// Which.
        deployment: DeploymentName,
        /// The traffic as it reads.
        traffic: Traffic,
    },
    /// The traffic as it reads.
    TrafficSeen {
        /// By deployment.
        traffic: Traffic,
        /// Copied requests by deployment, in percent of the endpoint's.
        #[serde(default, skip_serializing_if = "Traffic::is_empty")]
        copied: Traffic,
        /// Who changed the endpoint last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_change: Option<LastChange>,
        /// Deployments that are not there as expected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<ChangedDeployment>,
    },
    /// The deployment is gone.
    Deleted,
    /// On the way back: somebody has deleted the endpoint, and with it everything that was to be taken back.
    EndpointGone,
    /// The deployment is not ours to delete, or Azure will not delete it.
    LeftAlone {
        /// Why.
        detail: String,
    },
    /// People were told.
    Notified,
    /// The promotion before was told, or needed no telling.
    KeepPreviousEnded,
    /// The job as its workspace describes it.
    JobSeen(crate::intake::JobSeen),
    /// The output is registered as the version that was chosen.
    OutputRegistered,
    /// Somebody else has used the number that was chosen.
    VersionTaken,
    /// Promotions are open.
    PromotionsOpened {
        /// Which.
        promotions: Vec<PromotionId>,
    },
    /// The test job has ended, well or not.
    JobTested(JobReply),
    /// The deployment was sent many requests, and answered well or not.
    LoadTested(LoadReply),
    /// The code is registered with all its files.
    CodeRegistered {
        /// Whose registration that is.
        registration: Registration,
    },
    /// The environment is registered.
    EnvironmentRegistered {
        /// Whose registration that is.
        registration: Registration,
    },
    /// The voters were asked after.
    VotersSeen {
        /// What they still hold of what their word rests on.
        relied: Vec<Relied>,
    },
}

/// Whether what would serve again can.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WayBackProof {
    /// The deployment that was looked at.
    pub deployment: DeploymentName,
    /// The HTTP status of its answer; absent: it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it could not serve; absent: it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Where things go in a target workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Landing {
    /// `/subscriptions/…/resourcegroups/…/workspaces/…`, as a model URI names the workspace.
    pub workspace_path: String,
    /// Its region.
    pub location: String,
    /// The datastore for copied files.
    pub datastore: String,
    /// That datastore's account.
    pub account: String,
    /// And container.
    pub container: String,
    /// Whether the endpoint is there.
    pub endpoint_exists: bool,
}

/// A deployment's answer to the smoke test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SmokeReply {
    /// Whether the condition held.
    pub passed: bool,
    /// The HTTP status.
    pub status: u16,
    /// The answer's beginning.
    pub answer: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u32,
    /// Why it did not pass.
    pub problem: Option<String>,
}
