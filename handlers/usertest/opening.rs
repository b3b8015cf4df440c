//! What follows from a test's event: read and matched as `ml_event` does it, a completed job's intake played to its end.

use anyhow::Context as _;
use jiff::Timestamp;
use promotion::{
    Aggregate as _, Candidate, Cause, Chain, Effect, EffectKey, Failure, Intake, IntakeEnd,
    IntakeFact, IntakeStage, JobOutputOf, JobSeen, ModelVersion, Opening, Outcome, Report, RunId,
    WorkspaceId,
};
use serde_json::{Value, json};
use std::path::Path;

use crate::config::{Config, FakeEvent, UserTest};
use crate::triggers::ml_event::{Follows, Notification};
use crate::ui;

/// When every test begins, unless its event says: a Monday morning.
const BEGIN: &str = "2026-01-05T08:00:00Z";
const TYPE: &str = "Microsoft.MachineLearningServices";
/// More than an intake ever needs.
const ROUNDS: usize = 100;

/// What follows from an event, and when it came.
pub(super) struct Opened {
    pub(super) at: Timestamp,
    pub(super) promotions: Vec<Opening>,
    /// The job that made the version, where the event tells of one.
    pub(super) run: Option<RunId>,
    /// Why nothing follows.
    pub(super) nothing: Option<String>,
}

/// Reads the event and opens what follows from it.
pub(super) fn open(test: &UserTest, config: &Config, folder: &Path) -> anyhow::Result<Opened> {
    let event = event(test, config, folder)?;
    let notification = Notification::read(&event);
    let begin = BEGIN.parse().expect("a moment");
    let at = notification.time().unwrap_or(begin);
    let opened = Opened {
        at,
        promotions: vec![],
        run: None,
        nothing: None,
    };
    Ok(match Follows::of(config, &notification) {
        Follows::Promotions(promotions) => Opened {
            promotions,
            ..opened
        },
        Follows::Intakes(jobs) => jobs.iter().fold(opened, |opened, job| {
            let event = notification.key().to_owned();
            take_in(test, config, job, event, opened)
        }),
        Follows::Nothing(why) => Opened {
            nothing: Some(why),
            ..opened
        },
    })
}

fn event(test: &UserTest, config: &Config, folder: &Path) -> anyhow::Result<Value> {
    Ok(match &test.event {
        FakeEvent::ModelRegistered {
            model,
            version,
            stage,
        } => {
            let takes = |route: &promotion::Route| route.model.as_str() == model;
            let topic = workspace(config, stage.as_deref(), &takes)?;
            grid(
                &topic,
                "ModelRegistered",
                &format!("models/{model}:{version}"),
                &json!({ "ModelName": model, "ModelVersion": version }),
            )
        }
        FakeEvent::RunCompleted {
            experiment,
            run,
            stage,
            ..
        } => {
            let of = |workspace: &WorkspaceId| !config.job_rules(workspace, experiment).is_empty();
            let takes = |route: &promotion::Route| of(&route.source.workspace);
            let topic = workspace(config, stage.as_deref(), &takes)?;
            grid(
                &topic,
                "RunCompleted",
                &format!("experiments/{experiment}/runs/{run}"),
                &json!({ "experimentName": experiment, "runId": run, "runStatus": "Completed" }),
            )
        }
        FakeEvent::EventGrid(event) => event.clone(),
        FakeEvent::File(name) => {
            let path = folder.join(name);
            let unreadable = || format!("event `{}` cannot be read", path.display());
            let written = std::fs::read_to_string(&path).with_context(unreadable)?;
            serde_json::from_str(&written).with_context(unreadable)?
        }
    })
}

fn grid(topic: &WorkspaceId, name: &str, subject: &str, data: &Value) -> Value {
    json!({
        "topic": topic.as_str(),
        "id": "test",
        "eventType": format!("{TYPE}.{name}"),
        "eventTime": BEGIN,
        "subject": subject,
        "data": data,
    })
}

/// The workspace of that stage; else where the first route comes from that takes it, or the first route at all.
fn workspace(
    config: &Config,
    stage: Option<&str>,
    takes: &dyn Fn(&promotion::Route) -> bool,
) -> anyhow::Result<WorkspaceId> {
    if let Some(name) = stage {
        let mut stages = config.stages.iter();
        let found = stages.find(|stage| stage.name.as_str() == name);
        let found = found.with_context(|| format!("event.stage: there is no stage `{name}`"))?;
        return Ok(found.workspace.clone());
    }
    let routes = || config.routes.iter().map(|configured| &configured.route);
    let route = routes().find(|route| takes(route)).or(routes().next());
    let route = route.context("the configuration has no route")?;
    Ok(route.source.workspace.clone())
}

/// A completed job: its output is registered, and the promotions of that version are opened.
fn take_in(
    test: &UserTest,
    config: &Config,
    job: &JobOutputOf,
    event: String,
    opened: Opened,
) -> Opened {
    let intake = play(test, job, event, opened.at);
    let because = |why, opened| Opened {
        nothing: Some(why),
        ..opened
    };
    match intake.stage() {
        IntakeStage::Closed(IntakeEnd::Opened { version, .. }) => {
            let takes = config.routes.iter().filter(|route| route.takes(job));
            let openings = takes.map(|configured| Opening {
                candidate: Candidate {
                    workspace: job.workspace.clone(),
                    model: job.model.clone(),
                    version: version.clone(),
                },
                route: configured.route.clone(),
                cause: Cause::Intake {
                    intake: intake.id().clone(),
                    again: intake.again().cloned(),
                },
            });
            let openings: Vec<Opening> = openings.collect();
            let mut promotions = opened.promotions;
            promotions.extend(openings);
            Opened {
                promotions,
                run: Some(job.run.clone()),
                ..opened
            }
        }
        IntakeStage::Closed(IntakeEnd::Ignored { reason }) => because(ui::ignored(reason), opened),
        IntakeStage::Closed(IntakeEnd::Failed { .. })
        | IntakeStage::Reading
        | IntakeStage::Registering(_)
        | IntakeStage::Opening(_) => because(ui::intake_stopped(intake.stage().name()), opened),
    }
}

fn play(test: &UserTest, job: &JobOutputOf, event: String, now: Timestamp) -> Intake {
    let mut chain = Chain::begin(&job.id().journal());
    let first = IntakeFact::Opened {
        job: job.clone(),
        event,
        again: None,
    };
    let (_, mut lines) = chain.extend(&[first], now, "test");
    let mut intake = Intake::replay(&lines).expect("what is written here replays");
    for _ in 0..ROUNDS {
        let mut facts = intake.due(now).facts;
        let ready: Vec<(EffectKey, Effect)> = intake
            .ledger()
            .ready(now)
            .map(|entry| (entry.key.clone(), entry.effect.clone()))
            .collect();
        if facts.is_empty()
            && let Some((key, effect)) = ready.first()
        {
            facts = intake.performed(key, answer(test, effect, job), now).facts;
        }
        if facts.is_empty() {
            break;
        }
        lines.extend(chain.extend(&facts, now, "test").1);
        intake = Intake::replay(&lines).expect("what was decided replays");
    }
    intake
}

fn answer(test: &UserTest, effect: &Effect, job: &JobOutputOf) -> Report {
    match effect {
        Effect::ObserveJob { run, .. } => Report::Done(Outcome::JobSeen(JobSeen {
            status: "Completed".to_owned(),
            experiment: job.experiment.clone(),
            parent: None,
            output: Some((
                "mlflow_model".to_owned(),
                format!("azureml://jobs/{run}/outputs/{}", job.output.0),
            )),
            registered: None,
            next_version: ModelVersion::new(match &test.event {
                FakeEvent::RunCompleted { version, .. } => version.as_str(),
                FakeEvent::ModelRegistered { .. }
                | FakeEvent::EventGrid(_)
                | FakeEvent::File(_) => "1",
            }),
        })),
        Effect::RegisterOutput { .. } => Report::Done(Outcome::OutputRegistered),
        Effect::OpenPromotions { .. } => {
            Report::Done(Outcome::PromotionsOpened { promotions: vec![] })
        }
        other => Report::Failed(Failure::new(
            "NotAnIntakes",
            format!("`{}` is no effect of an intake", other.kind()),
        )),
    }
}
