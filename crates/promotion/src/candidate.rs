//! The candidate: one version of one model in a source stage, and what is known of where it came from.

use serde::{Deserialize, Serialize};

use crate::ids::{ModelName, ModelVersion, RunId, WorkspaceId};
use crate::manifest::BlobPlace;
use crate::people::Person;

/// One version of one model in a source stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The source stage's workspace.
    pub workspace: WorkspaceId,
    /// The model.
    pub model: ModelName,
    /// Its version there, and after the copy here too.
    pub version: ModelVersion,
}

/// The registered version as the source workspace describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceModel {
    /// `mlflow_model` and the like, as the service writes it.
    pub model_type: String,
    /// Where its files lie.
    pub place: BlobPlace,
    /// Where it came from.
    pub lineage: Lineage,
}

/// Where a version came from, as far as Azure tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lineage {
    /// The job whose outputs hold its files.
    pub run: Option<RunId>,
    /// Where a person can look at that job.
    pub job_link: Option<String>,
    /// Who ran the job.
    pub trained_by: Author,
    /// Who registered the version: Azure tells a display name only.
    pub registered_by: Option<String>,
    /// Who changed the version last, where that is somebody else: a display name too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// Who changed the run's record last, where that is somebody else than who ran it: numbers that gates judge stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_changed_by: Option<Author>,
    /// Who ran the job that the version names, where nothing proves that its files came from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<Box<Author>>,
}

/// Who trained a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "known",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Author {
    /// The job's run-history record has their object id.
    Person {
        /// Who.
        person: Person,
    },
    /// Only a name is known: not enough to tell people apart.
    NameOnly {
        /// That name.
        name: String,
    },
    /// Nothing is known.
    Unknown,
}
