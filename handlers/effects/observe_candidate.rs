//! `observe-candidate`: the version, its files, its run with the proof that the files came from it, who trained it.
//!
//! Reading changes nothing, so a repetition is harmless; it may find something else, and then the later finding counts.

use azure_api::ml::{Job, ModelVersion, Run, RunAuthor, RunRecord, WorkspaceRef};
use promotion::{
    Author, Candidate, CandidateEvidence, Entry, Failure, Lineage, Outcome, Person, PersonId,
    Report, RunEvidence, RunId, SourceModel,
};
use std::collections::BTreeMap;

use super::model_uri::{self, DatastorePath};
use super::perform::{Effects, workspace};
use super::policy::{not_found_yet, or_report, settle};
use crate::ui::capped;

impl Effects {
    pub(super) async fn observe_candidate(&self, entry: &Entry, candidate: &Candidate) -> Report {
        settle(self.candidate(entry, candidate).await)
    }

    async fn candidate(&self, entry: &Entry, candidate: &Candidate) -> Result<Report, Report> {
        let workspace = workspace(&candidate.workspace)?;
        let (model, version) = (candidate.model.as_str(), candidate.version.as_str());
        let Some(found) = or_report(self.ml.model_version(&workspace, model, version).await)?
        else {
            let message = format!(
                "version {version} of model `{model}` is not in `{}`",
                candidate.workspace.name()
            );
            let missing = Failure::new("ModelVersionNotFound", message);
            return Err(not_found_yet(entry, missing));
        };
        let path = found
            .model_uri
            .as_deref()
            .and_then(model_uri::parse)
            .ok_or_else(|| unknown_uri(&found))?;
        let place = self.place(&workspace, &path).await?;
        let manifest = self.manifest(&place).await?;
        if manifest.files().is_empty() {
            let message = format!(
                "no files lie under `{}` in container `{}`",
                place.prefix, place.container
            );
            return Err(Report::Failed(Failure::new("ModelFilesNotFound", message)));
        }
        let origin = self.origin(&workspace, &found, &path).await?;
        Ok(Report::Done(Outcome::CandidateSeen {
            evidence: CandidateEvidence {
                run: origin.evidence(),
                tags: numbers(&found.tags),
            },
            source: SourceModel {
                model_type: found
                    .model_type
                    .clone()
                    .unwrap_or_else(|| "custom_model".to_owned()),
                place,
                lineage: origin.lineage(&found),
            },
            manifest,
        }))
    }

    /// What the workspace knows of the job that the version names, or that its files' folder is named after.
    async fn origin(
        &self,
        at: &WorkspaceRef,
        version: &ModelVersion,
        path: &DatastorePath,
    ) -> Result<Origin, Report> {
        let named = version.job_name.as_deref().filter(|name| !name.is_empty());
        let Some(id) = named.or_else(|| model_uri::run_of(path)) else {
            return Ok(Origin::default());
        };
        let home = or_report(self.ml.workspace(at).await)?;
        let job = or_report(self.ml.job(at, id).await)?;
        let run = or_report(self.ml.run(&home, id).await)?;
        let record = or_report(self.ml.run_record(&home, id).await)?;
        let proven = proves(run.as_ref(), job.as_ref(), path);
        Ok(Origin {
            id: Some(RunId::new(id)),
            proven,
            job,
            run,
            record,
        })
    }
}

#[derive(Default)]
struct Origin {
    id: Option<RunId>,
    proven: bool,
    job: Option<Job>,
    run: Option<Run>,
    record: Option<RunRecord>,
}

/// Whether the files lie in the run's own outputs: a name alone proves nothing, anybody can register any files with it.
fn proves(run: Option<&Run>, job: Option<&Job>, path: &DatastorePath) -> bool {
    let artifacts = run.and_then(|run| run.artifact_uri.as_deref());
    let outputs = job
        .into_iter()
        .flat_map(|job| job.outputs.values())
        .filter_map(|output| output.uri.as_deref());
    artifacts
        .into_iter()
        .chain(outputs)
        .filter_map(model_uri::parse)
        .any(|folder| model_uri::lies_in(path, &folder))
}

impl Origin {
    fn evidence(&self) -> RunEvidence {
        let unproven = |detail: String| RunEvidence::Unproven { detail };
        match (&self.id, &self.run) {
            (None, _) => unproven("the version names no job".to_owned()),
            (Some(id), None) => unproven(format!("run `{id}` has no MLflow record")),
            (Some(id), Some(_)) if !self.proven => {
                unproven(format!("its files do not lie in the outputs of run `{id}`"))
            }
            (Some(id), Some(run)) => {
                let finite = |value: &f64| value.is_finite().then_some(*value);
                let metrics = run
                    .metrics
                    .iter()
                    .map(|(name, value)| (name.clone(), finite(value)))
                    .collect();
                RunEvidence::Proven {
                    run: id.clone(),
                    metrics,
                }
            }
        }
    }

    fn lineage(&self, version: &ModelVersion) -> Lineage {
        Lineage {
            run: self.id.clone().filter(|_| self.proven),
            job_link: self.job.as_ref().and_then(|job| job.studio_url.clone()),
            trained_by: if self.proven {
                self.author()
            } else {
                Author::Unknown
            },
            registered_by: version
                .system
                .created_by
                .as_deref()
                .map(|text| capped(text, 80)),
            changed_by: version
                .system
                .last_modified_by
                .as_deref()
                .filter(|by| version.system.created_by.as_deref() != Some(*by))
                .map(|text| capped(text, 80)),
            run_changed_by: self.record.as_ref().and_then(run_changed_by),
            claimed_by: match self.author() {
                Author::Unknown => None,
                _ if self.proven => None,
                claimed => Some(Box::new(claimed)),
            },
        }
    }

    fn author(&self) -> Author {
        let record = self.record.as_ref();
        let author = record.and_then(|record| record.created_by.as_ref());
        author.map_or(Author::Unknown, author_of)
    }
}

/// Who changed the run's record last, if that is known and not who ran it. Also of a run that proves nothing: its name stands on
/// the version. A service principal is no person who could approve.
fn run_changed_by(record: &RunRecord) -> Option<Author> {
    let ran = record.created_by.as_ref().map(author_of);
    let changed = record.last_modified_by.as_ref().map(author_of);
    changed.filter(|changed| *changed != Author::Unknown && Some(changed) != ran.as_ref())
}

fn author_of(author: &RunAuthor) -> Author {
    let name = author
        .user_name
        .as_deref()
        .map(|text| capped(text, 80))
        .filter(|name| !name.is_empty());
    match (&author.user_object_id, name) {
        // A service principal's name is its application id: no person stands behind it.
        (_, Some(name)) if looks_like_a_guid(&name) => Author::Unknown,
        (Some(id), name) if !id.trim().is_empty() => Author::Person {
            person: Person {
                id: PersonId::new(id),
                name: name.unwrap_or_else(|| id.clone()),
            },
        },
        (_, Some(name)) => Author::NameOnly { name },
        (_, None) => Author::Unknown,
    }
}

fn unknown_uri(version: &ModelVersion) -> Report {
    let uri = version.model_uri.as_deref().unwrap_or("none");
    Report::Failed(Failure::new(
        "ModelUriUnknown",
        format!("the version's model URI ({uri}) is of no form that can be read"),
    ))
}

fn looks_like_a_guid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The tags that are finite numbers.
pub(super) fn numbers(tags: &BTreeMap<String, String>) -> BTreeMap<String, f64> {
    let number = |text: &String| {
        text.trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    };
    tags.iter()
        .filter_map(|(name, text)| number(text).map(|value| (name.clone(), value)))
        .collect()
}
