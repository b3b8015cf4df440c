//! What follows from an event: known from the event and the configuration alone, without a slow call.

use promotion::{Candidate, Cause, JobOutput, JobOutputOf, Opening, Party, RunAgain};

use super::event::{MlEvent, Notification};
use crate::config::{Config, ConfiguredRoute, JobRule};
use crate::engine::{Delivery, Engine, EngineError, Expected, Opened};
use crate::state::{JournalName, KeptEvent};

const OPENS: &str = "opens ";
const READS: &str = "reads the job: ";

/// What follows from an event as things are configured today.
pub(crate) enum Follows {
    /// Promotions of a registered version, one a route.
    Promotions(Vec<Opening>),
    /// Intakes of a completed job, one a model.
    Intakes(Vec<JobOutputOf>),
    /// Nothing, and why.
    Nothing(String),
}

/// One of the things that follow.
pub(crate) enum Part {
    /// A promotion.
    Promotion(Box<Opening>),
    /// An intake.
    Intake(JobOutputOf),
}

/// Why what follows is opened now.
#[derive(Debug, Clone)]
pub(crate) enum Occasion {
    /// The event was delivered.
    Delivered,
    /// A person has it run again.
    RunAgain(RunAgain),
    /// A repair found that it had opened nothing.
    Repaired,
}

/// What came of opening one.
pub(crate) struct Followed {
    /// Its journal.
    pub(crate) name: JournalName,
    /// Whether it is new.
    pub(crate) opened: Opened,
}

impl Follows {
    pub(crate) fn of(config: &Config, notification: &Notification) -> Self {
        match notification.event() {
            MlEvent::ModelRegistered {
                workspace,
                model,
                version,
            } => {
                let candidate = Candidate {
                    workspace: workspace.clone(),
                    model: model.clone(),
                    version: version.clone(),
                };
                let opening = |configured: &ConfiguredRoute| Opening {
                    candidate: candidate.clone(),
                    route: configured.route.clone(),
                    cause: Cause::Event {
                        key: notification.key().to_owned(),
                        again: None,
                    },
                };
                let routes = config.routes_for_model(workspace, model).into_iter();
                match routes.map(opening).collect::<Vec<_>>() {
                    none if none.is_empty() => Self::Nothing(format!(
                        "no route takes model {model} out of {}",
                        workspace.name()
                    )),
                    openings => Self::Promotions(openings),
                }
            }
            MlEvent::RunCompleted {
                workspace,
                run,
                experiment,
            } => {
                let job = |rule: JobRule<'_>| JobOutputOf {
                    workspace: workspace.clone(),
                    run: run.clone(),
                    experiment: experiment.clone(),
                    model: rule.model.clone(),
                    output: JobOutput(rule.output.to_owned()),
                    deadline: rule.deadline(),
                };
                let rules = config.job_rules(workspace, experiment).into_iter();
                match rules.map(job).collect::<Vec<_>>() {
                    none if none.is_empty() => Self::Nothing(format!(
                        "no route takes jobs of experiment {experiment} in {}",
                        workspace.name()
                    )),
                    jobs => Self::Intakes(jobs),
                }
            }
            MlEvent::NotActedOn { why } => Self::Nothing(format!("kept: {why}")),
            MlEvent::NotUnderstood { why } => Self::Nothing(format!("kept, not understood: {why}")),
        }
    }

    /// What is kept with the event.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Promotions(openings) => {
                let ids: Vec<_> = openings
                    .iter()
                    .map(|opening| opening.id().to_string())
                    .collect();
                format!("{OPENS}{}", ids.join(", "))
            }
            Self::Intakes(jobs) => {
                let ids: Vec<_> = jobs.iter().map(|job| job.id().to_string()).collect();
                format!("{READS}{}", ids.join(", "))
            }
            Self::Nothing(why) => why.clone(),
        }
    }

    /// One by one.
    pub(crate) fn parts(self) -> Vec<Part> {
        match self {
            Self::Promotions(openings) => openings
                .into_iter()
                .map(|opening| Part::Promotion(Box::new(opening)))
                .collect(),
            Self::Intakes(jobs) => jobs.into_iter().map(Part::Intake).collect(),
            Self::Nothing(_) => Vec::new(),
        }
    }

    /// Opens all of them; `key` is the event's.
    pub(crate) async fn open(
        self,
        engine: &Engine,
        key: &str,
        expected: Expected,
        occasion: &Occasion,
    ) -> Result<Vec<Followed>, EngineError> {
        let mut followed = Vec::new();
        for part in self.parts() {
            followed.push(part.open(engine, key, expected, occasion).await?);
        }
        Ok(followed)
    }
}

impl Occasion {
    fn delivery(&self) -> Delivery {
        match self {
            Self::Delivered => Delivery::Repeated,
            Self::RunAgain(_) | Self::Repaired => Delivery::Once,
        }
    }

    fn asked(&self) -> Option<RunAgain> {
        match self {
            Self::RunAgain(asked) => Some(asked.clone()),
            Self::Delivered | Self::Repaired => None,
        }
    }
}

impl Part {
    /// Of each route behind it, who may operate it.
    pub(crate) fn operators(&self, config: &Config) -> Vec<Vec<Party>> {
        match self {
            Self::Promotion(opening) => vec![opening.route.operators.clone()],
            Self::Intake(job) => config
                .job_rules(&job.workspace, &job.experiment)
                .into_iter()
                .filter(|rule| *rule.model == job.model)
                .flat_map(|rule| rule.routes)
                .map(|configured| configured.route.operators.clone())
                .collect(),
        }
    }

    /// Its journal.
    pub(crate) fn name(&self) -> JournalName {
        match self {
            Self::Promotion(opening) => JournalName::promotion(&opening.id()),
            Self::Intake(job) => JournalName::intake(&job.id()),
        }
    }

    /// Opens it; `key` is the event's.
    pub(crate) async fn open(
        self,
        engine: &Engine,
        key: &str,
        expected: Expected,
        occasion: &Occasion,
    ) -> Result<Followed, EngineError> {
        let name = self.name();
        let (delivery, again) = (occasion.delivery(), occasion.asked());
        let event = key.to_owned();
        let opened = match self {
            Self::Promotion(mut opening) => {
                opening.cause = Cause::Event { key: event, again };
                let (id, opened) = engine.open_promotion(*opening, expected, delivery).await?;
                tracing::info!(promotion = id.as_str(), ?opened, "promotion");
                opened
            }
            Self::Intake(job) => {
                let id = job.id();
                let opened = engine
                    .open_intake(job, event, again, expected, delivery)
                    .await?;
                tracing::info!(intake = id.as_str(), ?opened, "intake");
                opened
            }
        };
        Ok(Followed { name, opened })
    }
}

/// The journals that followed from an event when it came, as far as its kept sentence names them whole; none where nothing
/// followed.
pub(crate) fn named_in(kept: &KeptEvent) -> Vec<String> {
    let split = |ids: &str, folder: &str| {
        let ids = ids.split(", ");
        ids.map(|id| format!("{folder}{id}")).collect()
    };
    let (opens, reads) = (kept.what.strip_prefix(OPENS), kept.what.strip_prefix(READS));
    let mut named: Vec<String> = match (opens, reads) {
        (Some(ids), _) => split(ids, ""),
        (None, Some(ids)) => split(ids, "intake/"),
        (None, None) => Vec::new(),
    };
    if kept.is_cut() {
        // The last one may not be whole.
        named.pop();
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(what: &str) -> Vec<String> {
        named_in(&KeptEvent {
            key: "2026-11-23/4f1d".to_owned(),
            kind: String::new(),
            subject: String::new(),
            time: None,
            what: what.to_owned(),
        })
    }

    #[test]
    fn only_what_a_sentence_names_whole_was_to_follow() {
        assert_eq!(named("opens m-1.r-0, m-1.s-0"), ["m-1.r-0", "m-1.s-0"]);
        assert_eq!(named("reads the job: w/j.m-0"), ["intake/w/j.m-0"]);
        assert_eq!(named("no route takes model m out of w"), [""; 0]);
        let long = "x".repeat(380);
        assert_eq!(named(&format!("opens {long}, m-1.s-0123456")), [long]);
    }
}
