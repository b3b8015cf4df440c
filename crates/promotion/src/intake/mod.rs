//! The intake: a completed job becomes a registered model version, once.
//!
//! Same mechanics as a promotion, with a journal of its own named after workspace, run and model, whatever the routes.
//! The invariant: the version number is journaled before it is used, so a crash never makes a second version.

mod decide;
mod fold;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::effect::{Effect, EffectKey};
use crate::ids::{IntakeId, ModelName, ModelVersion, PromotionId, RunId, WorkspaceId};
use crate::ledger::{Failure, Ledger};
use crate::record::RunAgain;
use crate::report::{Outcome, Report};
use crate::route::{Deadlines, Seconds};

/// A completed job on its way to a registered version.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    pub(crate) id: IntakeId,
    pub(crate) job: JobOutputOf,
    /// Who had the job's event run again.
    pub(crate) again: Option<RunAgain>,
    pub(crate) stage: IntakeStage,
    pub(crate) ledger: Ledger,
    /// The number that somebody else was quicker to use.
    pub(crate) taken: Option<ModelVersion>,
    pub(crate) records: u64,
    pub(crate) last_at: Timestamp,
}

/// Which job, and what its output becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobOutputOf {
    /// Where it ran.
    pub workspace: WorkspaceId,
    /// The job.
    pub run: RunId,
    /// The experiment it must belong to.
    pub experiment: String,
    /// The model that its output becomes.
    pub model: ModelName,
    /// Which output.
    pub output: JobOutput,
    /// How long each step may fail before the intake gives up; absent in journals of older releases.
    #[serde(default = "crate::route::an_hour")]
    pub deadline: Seconds,
}

/// The name of a job's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobOutput(pub String);

/// Where an intake is.
#[derive(Debug, Clone, PartialEq)]
pub enum IntakeStage {
    /// The job is read.
    Reading,
    /// Its output is registered.
    Registering(RegisteredOutput),
    /// Promotions are opened.
    Opening(ModelVersion),
    /// It is over.
    Closed(IntakeEnd),
}

/// What becomes of a job's output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredOutput {
    /// The version that was chosen.
    pub version: ModelVersion,
    /// `mlflow_model` and the like.
    pub model_type: String,
    /// Where its files lie.
    pub uri: String,
}

/// A job as its workspace describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobSeen {
    /// `Completed`, `Failed` and the like, as the service writes it.
    pub status: String,
    /// The experiment it belongs to.
    pub experiment: String,
    /// The pipeline job that it is a part of.
    pub parent: Option<RunId>,
    /// Type and place of the named output, if it has one.
    pub output: Option<(String, String)>,
    /// A version that the run itself has registered from that output.
    pub registered: Option<ModelVersion>,
    /// The number that the next version would get.
    pub next_version: ModelVersion,
}

/// How an intake ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum IntakeEnd {
    /// Promotions of this version are open.
    Opened {
        /// The version.
        version: ModelVersion,
        /// The promotions.
        promotions: Vec<PromotionId>,
    },
    /// There is nothing to promote.
    Ignored {
        /// Why.
        reason: Ignored,
    },
    /// It could not go on.
    Failed {
        /// What was said.
        failure: Failure,
    },
}

/// Why a completed job is not promoted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Ignored {
    /// It did not complete.
    NotCompleted {
        /// Its status.
        status: String,
    },
    /// Another experiment's.
    OtherExperiment {
        /// Its experiment.
        experiment: String,
    },
    /// A step of a pipeline; the pipeline's own event counts.
    PipelineChild {
        /// The pipeline.
        parent: RunId,
    },
    /// It has no such output.
    NoOutput {
        /// The name that was looked for.
        output: JobOutput,
    },
}

/// One fact of an intake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum IntakeFact {
    /// It exists.
    Opened {
        /// Which job.
        job: JobOutputOf,
        /// The event's key in the event store.
        event: String,
        /// Who had it run again; absent where it opened this when it was delivered, or by a repair.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<RunAgain>,
    },
    /// An effect is wanted.
    Planned {
        /// Its key.
        key: EffectKey,
        /// What.
        effect: Box<Effect>,
    },
    /// It failed and is tried again.
    Retrying {
        /// Which.
        key: EffectKey,
        /// What was said.
        failure: Failure,
        /// Not before.
        at: Timestamp,
    },
    /// It is done.
    Done {
        /// Which.
        key: EffectKey,
        /// What came of it.
        outcome: Box<Outcome>,
    },
    /// The version number is chosen.
    Chosen {
        /// And all that is registered under it.
        output: RegisteredOutput,
    },
    /// The version is there.
    Registered {
        /// Which.
        version: ModelVersion,
    },
    /// It is over.
    Closed {
        /// How.
        end: IntakeEnd,
        /// Records of this journal before this one.
        records: u64,
    },
}

/// What comes in.
#[derive(Debug, Clone)]
pub enum IntakeEvent {
    /// Is anything due?
    Due,
    /// An effect was tried.
    Performed {
        /// Which.
        key: EffectKey,
        /// What came of it.
        report: Box<Report>,
    },
}

impl Intake {
    /// Its name.
    pub fn id(&self) -> &IntakeId {
        &self.id
    }

    /// Which job, and what its output becomes.
    pub fn job(&self) -> &JobOutputOf {
        &self.job
    }

    /// Who had the job's event run again, if it was opened by that.
    pub fn again(&self) -> Option<&RunAgain> {
        self.again.as_ref()
    }

    /// Where it is.
    pub fn stage(&self) -> &IntakeStage {
        &self.stage
    }
}

impl IntakeStage {
    /// In a word; an intake that is over has that of its end.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Registering(_) => "registering",
            Self::Opening(_) => "opening",
            Self::Closed(IntakeEnd::Opened { .. }) => "opened",
            Self::Closed(IntakeEnd::Ignored { .. }) => "ignored",
            Self::Closed(IntakeEnd::Failed { .. }) => "failed",
        }
    }
}

impl JobOutputOf {
    /// The intake's name.
    pub fn id(&self) -> IntakeId {
        IntakeId::of(&self.workspace, &self.run, &self.model)
    }

    pub(crate) fn deadlines(&self) -> Deadlines {
        Deadlines::all(self.deadline)
    }
}
