//! What a rollout to a batch endpoint has of its own: what its deployment says, and the test job that takes the place of
//! a smoke test.
//!
//! A job scores the sample data once by the candidate's deployment and once by the champion's. The invariant: whatever of
//! the two results differs, or could not be read, is a shortfall and never passes. Start at [`shortfall`].

use serde::{Deserialize, Serialize};

use crate::ids::{Attempt, ComputeId, DeploymentName, PromotionId};
use crate::manifest::BlobPlace;
use crate::report::Landing;
use crate::route::{Route, Seconds};
use crate::{champion::Champion, digest::Digest};

/// How an endpoint serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Serving {
    /// It answers requests, and shares them out by traffic.
    #[default]
    Online,
    /// It runs jobs, by its default deployment: that one has all of the traffic, as it were.
    Batch,
}

impl Serving {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) fn is_online(&self) -> bool {
        *self == Self::Online
    }
}

/// What a batch deployment's own file says besides, in Azure's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchSettings {
    /// The cluster that its jobs run on.
    pub compute: ComputeId,
    /// Files or rows that one call of the model takes.
    pub mini_batch_size: Option<u32>,
    /// Processes at once on one instance.
    pub max_concurrency_per_instance: Option<u32>,
    /// Failures that a job bears before it fails; absent: any number.
    pub error_threshold: Option<u32>,
    /// The name of the file that a job's predictions are appended to.
    pub output_file_name: String,
    /// How often a mini batch is tried again.
    pub max_retries: Option<u32>,
    /// How long one may take.
    pub retry_timeout: Option<Seconds>,
    /// `debug`, `info` or `warning`.
    pub logging_level: Option<String>,
}

/// The sample data, and what a job on it must come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchTest {
    /// Where the sample data lies, in the target's workspace.
    pub input: String,
    /// Rows that the result must have at least.
    pub min_rows: Option<u32>,
    /// Rows without a prediction that it may have; absent: as many as the champion's.
    pub max_errors: Option<u32>,
    /// How long a job may take.
    pub timeout: Seconds,
}

/// The test jobs of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedBatchTest {
    /// On what, and what they must come to.
    pub test: BatchTest,
    /// The candidate's, and the champion's where there is one.
    pub jobs: Vec<TestedBy>,
}

/// One test job: by which deployment, and where its result goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedBy {
    /// Which deployment scores.
    pub deployment: DeploymentName,
    /// What makes a second call the same call: no other job is ever asked for by it.
    pub request_id: String,
    /// The file that its predictions go to.
    pub result: BlobPlace,
    /// The same as Azure ML names it.
    pub result_uri: String,
}

/// What a test job came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobReply {
    /// The deployment that scored.
    pub deployment: DeploymentName,
    /// Rows of its result.
    pub rows: u32,
    /// What each column holds, in order: `number`, `text`, with its name where it has one.
    pub columns: Vec<String>,
    /// Rows without a prediction.
    pub errors: u32,
    /// Why there is no result to compare.
    pub problem: Option<String>,
}

/// What a candidate's result lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "lacks",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Shortfall {
    /// A job that did not come to a result.
    NoResult {
        /// Of which deployment.
        deployment: DeploymentName,
        /// Why.
        problem: String,
    },
    /// Another number of rows than the champion's.
    OtherRows {
        /// The candidate's.
        rows: u32,
        /// The champion's.
        champion: u32,
    },
    /// Fewer rows than the route wants.
    FewRows {
        /// The candidate's.
        rows: u32,
        /// What the route wants.
        least: u32,
    },
    /// Other columns than the champion's.
    OtherColumns {
        /// The candidate's.
        columns: Vec<String>,
        /// The champion's.
        champion: Vec<String>,
    },
    /// More rows without a prediction than it may have.
    Errors {
        /// The candidate's.
        errors: u32,
        /// What it may have.
        most: u32,
    },
}

/// What the candidate's result lacks, alone and beside the champion's; nothing, where it is as it should be.
pub(crate) fn shortfall(
    test: &BatchTest,
    candidate: &JobReply,
    champion: Option<&JobReply>,
) -> Option<Shortfall> {
    let unread = |reply: &JobReply| {
        let problem = reply.problem.clone()?;
        Some(Shortfall::NoResult {
            deployment: reply.deployment.clone(),
            problem,
        })
    };
    if let Some(nothing) = unread(candidate).or_else(|| champion.and_then(unread)) {
        return Some(nothing);
    }
    let rows = candidate.rows;
    if let Some(champion) = champion {
        if champion.rows != rows {
            return Some(Shortfall::OtherRows {
                rows,
                champion: champion.rows,
            });
        }
        if champion.columns != candidate.columns {
            return Some(Shortfall::OtherColumns {
                columns: candidate.columns.clone(),
                champion: champion.columns.clone(),
            });
        }
    }
    // A result without rows says nothing, whatever the champion's.
    let least = test.min_rows.unwrap_or(1).max(1);
    if rows < least {
        return Some(Shortfall::FewRows { rows, least });
    }
    let most = test
        .max_errors
        .unwrap_or_else(|| champion.map_or(0, |champion| champion.errors));
    let errors = candidate.errors;
    (errors > most).then_some(Shortfall::Errors { errors, most })
}

/// The test jobs of this attempt: their results lie beside each other, under a name that nobody else uses.
pub(crate) fn planned(
    (id, attempt): (&PromotionId, Attempt),
    route: &Route,
    landing: &Landing,
    candidate: &DeploymentName,
    champion: &Champion,
) -> Option<PlannedBatchTest> {
    let test = route.rollout.batch_test.clone()?;
    let file = route
        .rollout
        .deployment
        .batch
        .as_ref()
        .map_or("predictions.csv", |batch| batch.output_file_name.as_str());
    let job = |deployment: &DeploymentName| {
        let prefix = format!("liftlock/tests/{id}/{attempt}/{deployment}/{file}");
        TestedBy {
            deployment: deployment.clone(),
            request_id: request_id(id, attempt, deployment),
            result_uri: format!(
                "azureml:/{}/datastores/{}/paths/{prefix}",
                landing.workspace_path, landing.datastore
            ),
            result: BlobPlace {
                account: landing.account.clone(),
                container: landing.container.clone(),
                prefix,
            },
        }
    };
    let jobs = std::iter::once(candidate).chain(champion.deployment());
    Some(PlannedBatchTest {
        test,
        jobs: jobs.map(job).collect(),
    })
}

/// In the form of a UUID, which is what such headers are made of.
fn request_id(id: &PromotionId, attempt: Attempt, deployment: &DeploymentName) -> String {
    let hash = Digest::of_parts(&[id.as_str(), &attempt.to_string(), deployment.as_str()]);
    let hex = hash.short(32);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(rows: u32, columns: &[&str], errors: u32) -> JobReply {
        JobReply {
            deployment: DeploymentName::new("it"),
            rows,
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            errors,
            problem: None,
        }
    }

    fn test() -> BatchTest {
        BatchTest {
            input: "azureml://datastores/samples/paths/a.csv".to_owned(),
            min_rows: None,
            max_errors: None,
            timeout: Seconds(3600),
        }
    }

    #[test]
    fn what_is_as_the_champions_passes() {
        let both = reply(10, &["number", "text"], 1);
        assert_eq!(shortfall(&test(), &both, Some(&both)), None);
        let fewer_errors = reply(10, &["number", "text"], 0);
        assert_eq!(shortfall(&test(), &fewer_errors, Some(&both)), None);
    }

    #[test]
    fn each_difference_is_a_shortfall() {
        let champion = reply(10, &["number"], 1);
        let told = |candidate| shortfall(&test(), &candidate, Some(&champion));
        let (rows, champions) = (9, 10);
        assert_eq!(
            told(reply(rows, &["number"], 0)),
            Some(Shortfall::OtherRows {
                rows,
                champion: champions
            })
        );
        assert!(matches!(
            told(reply(10, &["number", "number"], 0)),
            Some(Shortfall::OtherColumns { .. })
        ));
        assert_eq!(
            told(reply(10, &["number"], 2)),
            Some(Shortfall::Errors { errors: 2, most: 1 })
        );
    }

    #[test]
    fn the_routes_own_bounds_hold_too() {
        let strict = BatchTest {
            min_rows: Some(11),
            max_errors: Some(0),
            ..test()
        };
        let champion = reply(10, &["number"], 1);
        assert_eq!(
            shortfall(&strict, &champion, Some(&champion)),
            Some(Shortfall::FewRows {
                rows: 10,
                least: 11
            })
        );
        let alone = reply(11, &["number"], 1);
        assert_eq!(
            shortfall(&strict, &alone, None),
            Some(Shortfall::Errors { errors: 1, most: 0 })
        );
        let without = reply(0, &[], 0);
        assert_eq!(
            shortfall(&test(), &without, Some(&without)),
            Some(Shortfall::FewRows { rows: 0, least: 1 })
        );
    }

    #[test]
    fn what_could_not_be_read_never_passes() {
        let good = reply(10, &["number"], 0);
        let bad = JobReply {
            problem: Some("the job failed".to_owned()),
            ..reply(0, &[], 0)
        };
        for (candidate, champion) in [(&bad, &good), (&good, &bad)] {
            assert!(matches!(
                shortfall(&test(), candidate, Some(champion)),
                Some(Shortfall::NoResult { .. })
            ));
        }
    }
}
