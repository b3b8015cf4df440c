//! The stages of a promotion. Each carries what its readers need, so that no reader finds half of it.
//!
//! proposed → gating → awaiting approval → copying → registering → waiting for target → deploying → testing → shifting →
//! live → finished; the way back leads over rolling back; every end is entered through finishing.

use jiff::Timestamp;

use crate::batch::JobReply;
use crate::champion::Champion;
use crate::drift::Drifted;
use crate::ending::{Ending, WayBackCause};
use crate::ids::{DeploymentName, PromotionId};
use crate::load_test::LoadReply;
use crate::manifest::Manifest;
use crate::permit::{Permit, Pinned, Vote};
use crate::question::Question;
use crate::report::{Landing, Outcome, SmokeReply, WayBackProof};
use crate::route::Seconds;
use crate::traffic::{Traffic, TrafficWrite};
use crate::voters::Relied;
use crate::watch::{Unsure, Watch};
use crate::way_back::NoWayBack;

/// Twice the bound of a call that changes a target: after that, none that was given up can land.
pub(crate) const NO_CALL_LANDS_AFTER: Seconds = Seconds(120);

/// How often changed traffic is set right before it counts as somebody's will.
pub(crate) const DISPUTES: u8 = 1;

/// Where a promotion is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// It exists.
    Proposed,
    /// Evidence is gathered, and the turn is waited for.
    Gating(Box<Findings>),
    /// People are asked.
    AwaitingApproval {
        /// What about.
        pinned: Box<Pinned>,
        /// Who has answered.
        votes: Vec<Vote>,
        /// Since when, and who was reminded.
        question: Box<Question>,
    },
    /// Files are copied.
    Copying(Box<Copy>),
    /// The copied files become a version.
    Registering {
        /// The right to.
        permit: Box<Permit>,
        /// The files at the destination.
        landed: Manifest,
        /// What is there already.
        registered: Registered,
    },
    /// The target is made ready.
    WaitingForTarget(Box<Rollout>),
    /// The deployment is made.
    Deploying(Box<Rollout>),
    /// The deployment is asked.
    Testing(Box<Rollout>),
    /// Traffic moves.
    Shifting {
        /// How far the target is changed.
        rollout: Box<Rollout>,
        /// Steps that are done.
        step: usize,
        /// Since when the current step lasts.
        since: Timestamp,
    },
    /// The candidate serves.
    Live {
        /// How far the target is changed.
        rollout: Box<Rollout>,
        /// Until when the way back stays warm.
        until: Timestamp,
        /// How far the way back is closed.
        previous: Previous,
    },
    /// The champion gets its traffic back.
    RollingBack {
        /// How far the target is changed.
        rollout: Box<Rollout>,
        /// Why.
        cause: Box<WayBackCause>,
    },
    /// What is left is tidied up.
    Finishing {
        /// The end it comes to.
        ending: Box<Ending>,
        /// The stage that it left.
        before: Box<Stage>,
    },
    /// Nothing is left to do; a person may reopen it.
    Closed {
        /// How it ended.
        ending: Box<Ending>,
        /// The stage that it left.
        before: Box<Stage>,
    },
}

/// What the gates will be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// `CandidateSeen`.
    pub(crate) candidate: Option<Outcome>,
    /// Where things go, and who serves.
    pub(crate) target: Option<(Landing, Champion)>,
    /// Whether the champion's own evidence has been looked up.
    pub(crate) recalled: bool,
}

/// A copy under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Copy {
    /// The right to.
    pub permit: Permit,
    /// What the voters still hold, once it was asked.
    pub(crate) voters: Option<Vec<Relied>>,
    /// The source as it was found once more.
    pub(crate) source_seen: Option<Manifest>,
    /// Whether a try of the copy has failed, which may have left files at the destination.
    pub(crate) tried: bool,
    /// Whether every file is at the destination.
    pub(crate) copied: bool,
    /// The destination as it was found then.
    pub(crate) landed: Option<Manifest>,
}

/// What of a candidate is in its target's workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Registered {
    /// Its version.
    pub(crate) model: bool,
    /// The code that its deployment brings along.
    pub(crate) code: bool,
    /// The environment that its deployment brings along.
    pub(crate) environment: bool,
}

/// How far a rollout has changed its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// The right to.
    pub permit: Permit,
    /// The files at the destination, as they were when they had landed.
    pub landed: Manifest,
    /// Whether others are kept off the target.
    pub lease: Lease,
    /// The target as it was found once nobody else could change it.
    pub(crate) target_seen: Option<(Landing, Champion)>,
    /// Whether the endpoint is there.
    pub(crate) endpoint_ready: bool,
    /// The destination's files as they were found: before the deployment, and again before each step until the candidate serves.
    pub(crate) landed_seen: Option<Manifest>,
    /// The candidate's deployment.
    pub deployment: Deployed,
    /// When something was last recorded of creating it; a call that creates it may land for a while from then on.
    pub(crate) created_at: Option<Timestamp>,
    /// When it was found gone, or given up.
    pub(crate) gone_at: Option<Timestamp>,
    /// What the voters still hold, asked again before each step that gives the candidate traffic or requests, until it serves.
    pub(crate) voters: Option<Vec<Relied>>,
    /// What it answered.
    pub smoke: Option<SmokeReply>,
    /// What its test job came to, and then the champion's.
    pub jobs: Vec<JobReply>,
    /// What the load test came to that the current step is.
    pub load: Option<LoadReply>,
    /// The last traffic written, and when.
    pub traffic: Option<TrafficWrite>,
    /// Since when it has answered callers, as the endpoint has read back.
    pub(crate) served_since: Option<Timestamp>,
    /// Whether any ever was, though its endpoint may be gone since.
    pub(crate) had_traffic: bool,
    /// What the traffic read once no delayed call could land.
    pub(crate) verified: Option<Traffic>,
    /// Before this moment it was not read.
    pub(crate) verified_from: Option<Timestamp>,
    /// How many requests were copied to the candidate then, in percent.
    pub(crate) copied: u8,
    /// The step whose pause, or whose analysis that could not tell, people were asked to end, and since when.
    pub(crate) asked_to_resume: Option<(usize, Timestamp)>,
    /// The analysis that the current step is.
    pub step_watch: Option<Watch>,
    /// The analysis beside the steps.
    pub beside: Option<Watch>,
    /// Where that could not tell.
    pub(crate) unsure: Option<Box<Unsure>>,
    /// How often the traffic was found changed.
    pub(crate) disputes: u8,
    /// Whether what would serve again can.
    pub way_back_proof: Option<WayBackProof>,
    /// What was written before; calls of it may land for a while.
    pub(crate) earlier_writes: Vec<TrafficWrite>,
    /// What somebody else has changed.
    pub(crate) drifted: Option<Box<Drifted>>,
    /// How often somebody else has changed something.
    pub(crate) drifts: u32,
    /// When it was found that they had put it back themselves.
    pub(crate) put_back_at: Option<Timestamp>,
    /// Deployments that people have gone on without.
    pub(crate) accepted_changes: Vec<DeploymentName>,
    /// On the way back: what was found instead of the deployments that were to serve again.
    pub(crate) no_way_back: Option<NoWayBack>,
    /// Why it was to be taken back, where it stayed.
    pub(crate) stayed_against: Option<Box<WayBackCause>>,
    /// Whether the promotion before this one knows that its previous deployment is not needed any more.
    pub(crate) predecessor_told: bool,
}

/// Whether others are kept off the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// Anybody's.
    Free,
    /// Asked for: ours, perhaps.
    Asked,
    /// Ours.
    Held,
}

/// The candidate's deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    /// Never asked for.
    No,
    /// Asked for: there, perhaps.
    Asked,
    /// There, and healthy.
    Ready,
    /// Deleted.
    Gone,
}

/// The deployment that served before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previous {
    /// Warm, as the way back.
    Warm,
    /// Not needed any more.
    Unneeded {
        /// The newer promotion; absent: its time is over.
        by: Option<PromotionId>,
    },
    /// Deleted, or not ours to delete.
    Gone {
        /// The newer promotion; absent: its time is over.
        by: Option<PromotionId>,
    },
}

/// A stage without what it carries, for listings, markers and the table of transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// See [`Stage::Proposed`].
    Proposed,
    /// See [`Stage::Gating`].
    Gating,
    /// See [`Stage::AwaitingApproval`].
    AwaitingApproval,
    /// See [`Stage::Copying`].
    Copying,
    /// See [`Stage::Registering`].
    Registering,
    /// See [`Stage::WaitingForTarget`].
    WaitingForTarget,
    /// See [`Stage::Deploying`].
    Deploying,
    /// See [`Stage::Testing`].
    Testing,
    /// See [`Stage::Shifting`].
    Shifting,
    /// See [`Stage::Live`].
    Live,
    /// See [`Stage::RollingBack`].
    RollingBack,
    /// See [`Stage::Finishing`].
    Finishing,
    /// See [`Stage::Closed`].
    Closed,
}

impl StageKind {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Gating => "gating",
            Self::AwaitingApproval => "awaiting approval",
            Self::Copying => "copying",
            Self::Registering => "registering",
            Self::WaitingForTarget => "waiting for target",
            Self::Deploying => "deploying",
            Self::Testing => "testing",
            Self::Shifting => "shifting",
            Self::Live => "live",
            Self::RollingBack => "rolling back",
            Self::Finishing => "finishing",
            Self::Closed => "closed",
        }
    }
}

impl Stage {
    /// Without what it carries.
    pub fn kind(&self) -> StageKind {
        match self {
            Self::Proposed => StageKind::Proposed,
            Self::Gating(_) => StageKind::Gating,
            Self::AwaitingApproval { .. } => StageKind::AwaitingApproval,
            Self::Copying(_) => StageKind::Copying,
            Self::Registering { .. } => StageKind::Registering,
            Self::WaitingForTarget(_) => StageKind::WaitingForTarget,
            Self::Deploying(_) => StageKind::Deploying,
            Self::Testing(_) => StageKind::Testing,
            Self::Shifting { .. } => StageKind::Shifting,
            Self::Live { .. } => StageKind::Live,
            Self::RollingBack { .. } => StageKind::RollingBack,
            Self::Finishing { .. } => StageKind::Finishing,
            Self::Closed { .. } => StageKind::Closed,
        }
    }

    /// Its name for people; an ended one is called after its end.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Closed { ending, .. } => ending.name(),
            other => other.kind().name(),
        }
    }

    /// What people were asked about, if they have been.
    pub fn pinned(&self) -> Option<&Pinned> {
        match self {
            Self::Proposed | Self::Gating(_) => None,
            Self::AwaitingApproval { pinned, .. } => Some(pinned),
            Self::Copying(copy) => Some(copy.permit.pinned()),
            Self::Registering { permit, .. } => Some(permit.pinned()),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.pinned(),
            other => other.rollout().map(|rollout| rollout.permit.pinned()),
        }
    }

    /// Who has answered.
    pub fn votes(&self) -> &[Vote] {
        match self {
            Self::Proposed | Self::Gating(_) => &[],
            Self::AwaitingApproval { votes, .. } => votes,
            Self::Copying(copy) => copy.permit.votes(),
            Self::Registering { permit, .. } => permit.votes(),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.votes(),
            other => other
                .rollout()
                .map_or(&[], |rollout| rollout.permit.votes()),
        }
    }

    /// How far the target is changed, from the stage on in which it may be.
    pub fn rollout(&self) -> Option<&Rollout> {
        match self {
            Self::Proposed
            | Self::Gating(_)
            | Self::AwaitingApproval { .. }
            | Self::Copying(_)
            | Self::Registering { .. } => None,
            Self::WaitingForTarget(rollout)
            | Self::Deploying(rollout)
            | Self::Testing(rollout)
            | Self::Shifting { rollout, .. }
            | Self::Live { rollout, .. }
            | Self::RollingBack { rollout, .. } => Some(rollout),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.rollout(),
        }
    }

    pub(crate) fn rollout_mut(&mut self) -> Option<&mut Rollout> {
        match self {
            Self::Proposed
            | Self::Gating(_)
            | Self::AwaitingApproval { .. }
            | Self::Copying(_)
            | Self::Registering { .. } => None,
            Self::WaitingForTarget(rollout)
            | Self::Deploying(rollout)
            | Self::Testing(rollout)
            | Self::Shifting { rollout, .. }
            | Self::Live { rollout, .. }
            | Self::RollingBack { rollout, .. } => Some(rollout),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.rollout_mut(),
        }
    }

    /// How people are asked, or were.
    pub fn question(&self) -> Option<&Question> {
        match self {
            Self::Proposed | Self::Gating(_) => None,
            Self::AwaitingApproval { question, .. } => Some(question),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.question(),
            _ => self.permit().map(Permit::question),
        }
    }

    pub(crate) fn question_mut(&mut self) -> Option<&mut Question> {
        match self {
            Self::Proposed | Self::Gating(_) => None,
            Self::AwaitingApproval { question, .. } => Some(question),
            Self::Copying(copy) => Some(copy.permit.question_mut()),
            Self::Registering { permit, .. } => Some(permit.question_mut()),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.question_mut(),
            other => {
                let rollout = other.rollout_mut()?;
                Some(rollout.permit.question_mut())
            }
        }
    }

    /// What it goes on by, once it may.
    pub fn permit(&self) -> Option<&Permit> {
        match self {
            Self::Proposed | Self::Gating(_) | Self::AwaitingApproval { .. } => None,
            Self::Copying(copy) => Some(&copy.permit),
            Self::Registering { permit, .. } => Some(permit),
            Self::Finishing { before, .. } | Self::Closed { before, .. } => before.permit(),
            other => other.rollout().map(|rollout| &rollout.permit),
        }
    }

    /// How it ended, or is about to.
    pub fn ending(&self) -> Option<&Ending> {
        match self {
            Self::Finishing { ending, .. } | Self::Closed { ending, .. } => Some(ending),
            _ => None,
        }
    }
}

impl Rollout {
    pub(crate) fn new(permit: Permit, landed: Manifest) -> Self {
        Self {
            permit,
            landed,
            lease: Lease::Free,
            target_seen: None,
            endpoint_ready: false,
            landed_seen: None,
            deployment: Deployed::No,
            created_at: None,
            gone_at: None,
            voters: None,
            smoke: None,
            jobs: Vec::new(),
            load: None,
            traffic: None,
            served_since: None,
            had_traffic: false,
            verified: None,
            verified_from: None,
            copied: 0,
            asked_to_resume: None,
            step_watch: None,
            beside: None,
            unsure: None,
            disputes: 0,
            way_back_proof: None,
            earlier_writes: vec![],
            drifted: None,
            drifts: 0,
            put_back_at: None,
            accepted_changes: vec![],
            no_way_back: None,
            stayed_against: None,
            predecessor_told: false,
        }
    }

    /// Whether nothing of this attempt is left on the target, or can come to be there.
    pub(crate) fn untouched(&self) -> bool {
        let gone = matches!(self.deployment, Deployed::No | Deployed::Gone);
        self.traffic.is_none() && gone && self.may_come_back().is_none()
    }

    /// Until when a delayed call could make the deployment anew that was found gone before.
    pub(crate) fn may_come_back(&self) -> Option<Timestamp> {
        let landed = NO_CALL_LANDS_AFTER.after(self.created_at?);
        (self.gone_at? < landed).then_some(landed)
    }
}
