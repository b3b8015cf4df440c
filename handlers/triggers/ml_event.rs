//! `ml_event`: Azure Machine Learning's events, through Event Grid, in both schemas and any casing of keys.
//!
//! Event → journal → marker → message → answer: a crash between any two is mended by the redelivery. A failure answers
//! 500 and is delivered again; what cannot be understood is kept and acknowledged, for a refusal would only lose it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use promotion::{Candidate, Cause, JobOutput, JobOutputOf, Opening};
use std::sync::Arc;
use tracing::Instrument as _;

use crate::app::App;
use crate::causes::chain;
use crate::engine::{EngineError, Expected};
use crate::invocation::{Envelope, Invocation, failed, succeeded};
use crate::state::{Kept, KeptEvent};

mod event;

use event::{MlEvent, Notification};

/// One event.
pub async fn handle(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let Invocation(invocation) = Invocation::of(&headers);
    let span = tracing::info_span!("ml_event", invocation);
    async {
        let notification = match Envelope::read(&body).and_then(|envelope| envelope.json("event")) {
            Ok(json) => Notification::read(&json),
            Err(error) => Notification::broken(&body, &error.to_string()),
        };
        match take(&app, &notification).await {
            Ok(()) => succeeded(),
            Err(error) => {
                tracing::error!(
                    event = notification.key(),
                    "event not taken, Event Grid will deliver it again: {}",
                    chain(&error)
                );
                failed()
            }
        }
    }
    .instrument(span)
    .await
}

async fn take(app: &App, notification: &Notification) -> Result<(), EngineError> {
    app.engine.store.ready().await?;
    let follows = Follows::of(app, notification);
    let event = KeptEvent {
        key: notification.key().to_owned(),
        kind: notification.kind().to_owned(),
        subject: notification.subject().to_owned(),
        time: notification.time(),
        what: follows.sentence(),
    };
    let kept = app
        .engine
        .store
        .events
        .keep(&event, notification.raw())
        .await?;
    let again = kept == Kept::Again;
    tracing::info!(
        event = event.key,
        kind = event.kind,
        subject = event.subject,
        again,
        "{}",
        event.what
    );
    let expected = if again {
        Expected::There
    } else {
        Expected::Unknown
    };
    follows.open(app, &event.key, expected).await
}

/// What follows from an event: known from the event and the configuration alone, without a slow call.
enum Follows {
    Promotions(Vec<Opening>),
    Intakes(Vec<JobOutputOf>),
    Nothing(String),
}

impl Follows {
    fn of(app: &App, notification: &Notification) -> Self {
        let config = &app.engine.config;
        match notification.event() {
            MlEvent::ModelRegistered {
                workspace,
                model,
                version,
            } => {
                let key = notification.key();
                let opening = |configured: &crate::config::ConfiguredRoute| Opening {
                    candidate: Candidate {
                        workspace: workspace.clone(),
                        model: model.clone(),
                        version: version.clone(),
                    },
                    route: configured.route.clone(),
                    cause: Cause::Event {
                        key: key.to_owned(),
                    },
                };
                match config
                    .routes_for_model(workspace, model)
                    .into_iter()
                    .map(opening)
                    .collect::<Vec<_>>()
                {
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
                let job = |rule: crate::config::JobRule<'_>| JobOutputOf {
                    workspace: workspace.clone(),
                    run: run.clone(),
                    experiment: experiment.clone(),
                    model: rule.model.clone(),
                    output: JobOutput(rule.output.to_owned()),
                };
                match config
                    .job_rules(workspace, experiment)
                    .into_iter()
                    .map(job)
                    .collect::<Vec<_>>()
                {
                    none if none.is_empty() => Self::Nothing(format!(
                        "no route takes jobs of experiment {experiment} in {}",
                        workspace.name()
                    )),
                    jobs => Self::Intakes(jobs),
                }
            }
            MlEvent::NotActedOn { why } => Self::Nothing(why.clone()),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Promotions(openings) => {
                let ids: Vec<_> = openings
                    .iter()
                    .map(|opening| opening.id().to_string())
                    .collect();
                format!("opens {}", ids.join(", "))
            }
            Self::Intakes(jobs) => {
                let ids: Vec<_> = jobs.iter().map(|job| job.id().to_string()).collect();
                format!("reads the job: {}", ids.join(", "))
            }
            Self::Nothing(why) => why.clone(),
        }
    }

    async fn open(self, app: &App, key: &str, expected: Expected) -> Result<(), EngineError> {
        match self {
            Self::Promotions(openings) => {
                for opening in openings {
                    let (id, opened) = app.engine.open_promotion(opening, expected).await?;
                    tracing::info!(promotion = id.as_str(), ?opened, "promotion");
                }
            }
            Self::Intakes(jobs) => {
                for job in jobs {
                    let id = job.id();
                    let opened = app
                        .engine
                        .open_intake(job, key.to_owned(), expected)
                        .await?;
                    tracing::info!(intake = id.as_str(), ?opened, "intake");
                }
            }
            Self::Nothing(_) => {}
        }
        Ok(())
    }
}
